package io.ringledger.emulators;

import java.io.IOException;
import java.sql.SQLException;

/**
 * A process that starts the emulators, says what they are, and waits to be killed. Prints, on one
 * line: pid of Kinesis, pid of a paused Kinesis, pid of Postgres, folder of Postgres.
 */
final class OrphansMain {
    private OrphansMain() {}

    public static void main(final String[] arguments) throws IOException, SQLException {
        final KinesisLocal kinesis = KinesisLocal.start();
        final KinesisLocal paused = KinesisLocal.start();
        final PostgresLocal postgres = PostgresLocal.start();
        paused.pause();
        System.out.println(String.join(
                " ",
                OrphansTest.MARK,
                Long.toString(kinesis.pid()),
                Long.toString(paused.pid()),
                Long.toString(PostgresLocalTest.postmasterPid(postgres)),
                postgres.folder().toString()));
        // Ends when it is killed, or at the latest when the test that started it has ended.
        while (System.in.read() >= 0) {
            // Nothing comes.
        }
    }
}
