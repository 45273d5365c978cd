package io.ringledger.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringledger.localstack.LocalStack;
import io.ringledger.localstack.StackOptions;
import io.ringledger.verifier.VerifyMain;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** {@code ./ringledger verify} on a running stack, and on views that somebody has changed. */
final class VerifyTest {
    private static LocalStack stack;

    @TempDir
    private static Path folder;

    private String output = "";

    @BeforeAll
    static void start() throws Exception {
        stack = Stacks.start(StackOptions.inOneProcess(2));
        final List<String> lines = new ArrayList<>();
        stack.environment().forEach((name, value) -> lines.add(name + "=" + value));
        Files.write(folder.resolve("up.env"), lines);
        try (Api api = new Api(stack.url())) {
            for (int account = 0; account < 6; account++) {
                final String path = "/v1/accounts/acc-" + account;
                api.post(
                        "/v1/accounts",
                        "open",
                        "{\"accountId\":\"acc-" + account + "\",\"currency\":\"EUR\"}");
                for (int i = 0; i < 5; i++) {
                    api.post(path + "/credit", "c" + i, "{\"amount\":100,\"reference\":\"r\"}");
                    api.post(path + "/withdraw", "w" + i, "{\"amount\":70}");
                }
                final String last =
                        Api.positionIn(api.post(path + "/credit", "last", "{\"amount\":1}"));
                assertThat(api.get(path + "/balance?after=" + last).statusCode())
                        .isEqualTo(200);
            }
        }
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    private int verify(final String... more) {
        final List<String> arguments = new ArrayList<>(List.of(
                "--env-file", folder.resolve("up.env").toString(), "--read-interval-ms", "1"));
        arguments.addAll(Arrays.asList(more));
        final PrintStream before = System.out;
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        try {
            return VerifyMain.run(java.util.Map.of(), arguments.toArray(String[]::new));
        } finally {
            System.setOut(before);
            output = out.toString(StandardCharsets.UTF_8);
            System.out.println(output);
        }
    }

    @Test
    void shouldFindNothingInLogAndViews() {
        assertThat(verify("--views")).as(output).isZero();
        assertThat(output)
                .contains("stream ringledger: no difference")
                .contains("sum 0")
                .contains("views: equal to the log at their position");
    }

    @Test
    void shouldVerifyAnExportOfTheStream() {
        final String export = folder.resolve("ledger.log").toString();
        assertThat(verify("--export", export)).isZero();
        assertThat(verify("--input", export, "--views")).as(output).isZero();
        assertThat(output).contains("no difference").contains("views: equal");
        assertThat(verify("--export", export)).as("never overwritten").isEqualTo(2);
    }

    @Test
    void shouldSayWhereTheViewsDiffer() throws SQLException {
        assertNoticed(
                "UPDATE ledger_view.accounts SET balance = balance + 1"
                        + " WHERE account_id = 'acc-3'",
                "UPDATE ledger_view.accounts SET balance = balance - 1"
                        + " WHERE account_id = 'acc-3'",
                "(acc-3): balance is 152, the log gives 151");
        assertNoticed(
                "UPDATE ledger_view.accounts SET credit_limit = 9 WHERE account_id = 'acc-2'",
                "UPDATE ledger_view.accounts SET credit_limit = 0 WHERE account_id = 'acc-2'",
                "(acc-2): credit_limit is 9, the log gives 0");
        assertNoticed(
                "UPDATE ledger_view.entries SET amount = amount + 1, balance = balance"
                        + " WHERE (partition, account_number, sequence) IN (" + ANY_ENTRY + ")",
                "UPDATE ledger_view.entries SET amount = amount - 1"
                        + " WHERE (partition, account_number, sequence) IN (" + ANY_ENTRY + ")",
                "the views have 11 entries with a sum of 152",
                "the log 11 entries with a sum of 151");
        assertNoticed(
                "UPDATE ledger_view.entries SET reference = 'x'"
                        + " WHERE (partition, account_number, sequence) IN (" + ANY_ENTRY + ")",
                "UPDATE ledger_view.entries SET reference = 'r'"
                        + " WHERE (partition, account_number, sequence) IN (" + ANY_ENTRY + ")",
                "the views have 11 entries with a sum of 151, digest");
        assertNoticed(
                "UPDATE ledger_view.accounts SET account_id = 'else' WHERE account_id = 'acc-1'",
                "UPDATE ledger_view.accounts SET account_id = 'acc-1' WHERE account_id = 'else'",
                "account_id is else, the log gives acc-1");
        assertNoticed(
                "UPDATE ledger_view.progress SET frame = frame + 1000",
                "UPDATE ledger_view.progress SET frame = frame - 1000",
                "the log ends with frame");
        assertNoticed(
                "UPDATE ledger_view.progress SET sequence = sequence + 1",
                "UPDATE ledger_view.progress SET sequence = sequence - 1",
                "sequence is ");
        assertNoticed(FLIP_HASH, FLIP_HASH, "frame_hash is ");
    }

    private static final String FLIP_HASH = "UPDATE ledger_view.progress SET frame_hash ="
            + " set_byte(frame_hash, 0, get_byte(frame_hash, 0) # 1)";

    private static final String ANY_ENTRY =
            "SELECT e.partition, e.account_number, min(e.sequence) FROM ledger_view.entries e"
                    + " JOIN ledger_view.accounts a USING (partition, account_number)"
                    + " WHERE a.account_id = 'acc-4' AND e.reference IS NOT NULL"
                    + " GROUP BY 1, 2";

    private void assertNoticed(final String change, final String undo, final String... words)
            throws SQLException {
        execute(change);
        try {
            assertThat(verify("--views")).as(change + "\n" + output).isEqualTo(1);
            assertThat(output).contains("DIFFERENCE: views of partition ").contains(words);
        } finally {
            execute(undo);
        }
    }

    private static void execute(final String sql) throws SQLException {
        final var postgres = stack.postgres();
        try (Connection connection = DriverManager.getConnection(
                        "jdbc:postgresql://" + postgres.host() + ":" + postgres.port() + "/"
                                + postgres.database(),
                        postgres.user(),
                        postgres.password());
                Statement statement = connection.createStatement()) {
            assertThat(statement.executeUpdate(sql)).isPositive();
        }
    }
}
