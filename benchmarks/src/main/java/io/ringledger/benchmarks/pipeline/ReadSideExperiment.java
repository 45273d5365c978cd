package io.ringledger.benchmarks.pipeline;

import io.ringledger.benchmarks.Bench;
import io.ringledger.benchmarks.Experiment;
import io.ringledger.benchmarks.Scale;
import io.ringledger.benchmarks.driver.Acknowledged;
import io.ringledger.benchmarks.driver.BalanceQueries;
import io.ringledger.benchmarks.driver.DriverOptions;
import io.ringledger.benchmarks.driver.HttpDriver;
import io.ringledger.benchmarks.driver.Measured;
import io.ringledger.benchmarks.driver.SingleCommands;
import io.ringledger.benchmarks.echo.EchoMain;
import io.ringledger.benchmarks.peer.PeerEnvironment;
import io.ringledger.benchmarks.write.ServerProcess;
import io.ringledger.emulators.PostgresLocal;
import io.ringledger.readmodel.ReadModelMain;
import io.ringledger.readmodel.ViewSchema;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Queries of balances, each of which must show the balance that is in the views, in turns with a
 * bare echo on as many connections. Stateless.
 */
public final class ReadSideExperiment implements Experiment {
    private static final int ACCOUNTS = 10_000;
    private static final int CONNECTIONS = 64;
    private static final long MAX_TURN_MS = 60_000;
    private static final String QUERIES = "balance queries, " + CONNECTIONS + " connections";
    private static final String ECHO = "bare Vert.x JSON echo, " + CONNECTIONS + " connections";
    private static final long FACTOR = 7_919;
    private static final long LESS = 40_000_000;

    /** What differs from scale to scale. */
    private record Size(long leadInMs, long warmUpMs) {
        static Size of(final Scale scale) {
            return switch (scale) {
                case SMOKE -> new Size(200, 1_000);
                case QUICK -> new Size(200, 4_000);
                case FULL -> new Size(500, 10_000);
            };
        }
    }

    @Override
    public String name() {
        return "read-side";
    }

    @Override
    public String question() {
        return "How many balances a second does the query side answer, and how soon, beside an echo"
                + " that asks no database?";
    }

    @Override
    public int estimatedSeconds(final Scale scale) {
        return switch (scale) {
            case SMOKE -> 5;
            case QUICK -> 35;
            case FULL -> 110;
        };
    }

    @Override
    public void run(final Bench bench) throws Exception {
        bench.note("read-side: " + ACCOUNTS + " accounts, nothing written meanwhile; query side and"
                + " echo are processes of their own, the query side with its settings as they"
                + " come; every answer's balance is checked.");
        try (PostgresLocal postgres = PostgresLocal.start()) {
            ViewSchema.migrate(postgres.jdbcUrl(), postgres.user(), postgres.password());
            fill(postgres.jdbcUrl());
            try (ServerProcess queries = queries(postgres, bench.folder());
                    ServerProcess echo = echo(bench.folder())) {
                measure(bench, queries, echo);
            }
        }
    }

    private static void measure(
            final Bench bench, final ServerProcess queries, final ServerProcess echo)
            throws IOException, InterruptedException {
        final Size size = Size.of(bench.scale());
        bench.progress("warms up");
        queried(queries, size, size.warmUpMs());
        echoed(echo, size, size.warmUpMs());
        for (int round = 1; round <= bench.scale().rounds(); round++) {
            bench.progress("round " + round + " of " + bench.scale().rounds());
            final long ms = bench.scale().roundMs();
            record(bench, QUERIES, ms, longer -> queried(queries, size, longer));
            record(bench, ECHO, ms, longer -> echoed(echo, size, longer));
        }
    }

    private static long balanceOf(final int account) {
        return account * FACTOR - LESS;
    }

    /** The views as the projector would have left them. */
    private static void fill(final String jdbcUrl) throws SQLException {
        try (Connection connection = DriverManager.getConnection(jdbcUrl);
                Statement statement = connection.createStatement()) {
            statement.execute("INSERT INTO ledger_view.ledger (partitions) VALUES (1)");
            statement.execute("INSERT INTO ledger_view.progress (partition, frame, sequence, epoch,"
                    + " recorded_at_ms) VALUES (0, 100, " + ACCOUNTS + ", 1, 1790000000000)");
            statement.execute("INSERT INTO ledger_view.accounts (balance, held, credit_limit,"
                    + " sequence, recorded_at_ms, account_number, partition, account_id, currency)"
                    + " SELECT i * " + FACTOR + " - " + LESS + ", 0, 1000000000000, i + 1,"
                    + " 1790000000000, i, 0, 'account-' || lpad(i::text, 7, '0'), 'EUR'"
                    + " FROM generate_series(0::bigint, " + (ACCOUNTS - 1) + ") AS i");
            statement.execute("VACUUM ANALYZE ledger_view.accounts");
        }
    }

    private static ServerProcess queries(final PostgresLocal postgres, final Path folder)
            throws IOException, InterruptedException {
        final int port = ServerProcess.freePort();
        return listening(ServerProcess.start(
                "read-model",
                ReadModelMain.class,
                port,
                List.of(),
                PeerEnvironment.of(postgres, port),
                folder));
    }

    private static ServerProcess echo(final Path folder) throws IOException, InterruptedException {
        final int port = ServerProcess.freePort();
        return listening(ServerProcess.start(
                "read-side-echo",
                EchoMain.class,
                port,
                List.of(Integer.toString(port)),
                Map.of(),
                folder));
    }

    private static ServerProcess listening(final ServerProcess process)
            throws IOException, InterruptedException {
        try {
            process.awaitPort();
            return process;
        } catch (final IOException | InterruptedException e) {
            process.close();
            throw e;
        }
    }

    private static Measured queried(final ServerProcess queries, final Size size, final long ms)
            throws IOException, InterruptedException {
        return HttpDriver.run(
                DriverOptions.closedLoop(queries.address(), CONNECTIONS, size.leadInMs(), ms),
                thread -> new BalanceQueries(
                        ACCOUNTS,
                        CONNECTIONS,
                        new SplittableRandom(3),
                        ReadSideExperiment::balanceOf));
    }

    private static Measured echoed(final ServerProcess echo, final Size size, final long ms)
            throws IOException, InterruptedException {
        return HttpDriver.run(
                DriverOptions.closedLoop(echo.address(), CONNECTIONS, size.leadInMs(), ms),
                thread -> new SingleCommands(
                        ACCOUNTS,
                        CONNECTIONS,
                        new SplittableRandom(3),
                        new Acknowledged(ACCOUNTS)));
    }

    /** A turn of so many milliseconds. */
    private interface Turn {
        Measured measure(long ms) throws IOException, InterruptedException;
    }

    /** Takes longer if a machine is so busy that nothing was answered at all. */
    private static void record(
            final Bench bench, final String figure, final long ms, final Turn turn)
            throws IOException, InterruptedException {
        Measured measured = turn.measure(ms);
        for (long longer = 2 * ms; measured.done() == 0 && longer <= MAX_TURN_MS; longer *= 2) {
            measured = turn.measure(longer);
        }
        if (measured.done() == 0) {
            throw new IllegalStateException(
                    "nothing was answered: " + figure + ", sent=" + measured.sent());
        }
        bench.record(figure, "/s", measured.donePerSecond());
        bench.record(figure + ": p50", "ms", measured.percentileMs(50));
        bench.record(figure + ": p99", "ms", measured.percentileMs(99));
    }
}
