package io.ringledger.benchmarks.write;

import io.ringledger.benchmarks.Bench;
import io.ringledger.benchmarks.Experiment;
import io.ringledger.benchmarks.Scale;
import io.ringledger.benchmarks.Target;
import io.ringledger.benchmarks.driver.Acknowledged;
import io.ringledger.benchmarks.driver.DriverOptions;
import io.ringledger.benchmarks.driver.HttpDriver;
import io.ringledger.benchmarks.driver.Measured;
import io.ringledger.benchmarks.driver.SingleCommands;
import io.ringledger.benchmarks.echo.EchoMain;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;

/**
 * The write side alone, in a closed loop: one command a request on many accounts and on one, and
 * batches, in turns with a bare JSON echo that gets the same requests on as many connections. After
 * each turn of the ledger all balances are compared with the log. Stateless.
 */
public final class WriteSideExperiment implements Experiment {
    private static final String SINGLE = "write side, one command a request, 10,000 accounts";
    private static final String HOT = "write side, one command a request, 1 account";
    private static final String BATCHED = "write side, batches of 1,000 commands";
    private static final String ECHO = "bare Vert.x JSON echo, as many connections";
    private static final String P50 = ": p50";
    private static final String P99 = ": p99";
    private static final String DRIVER = ": driver's processor time a request";
    private static final String SERVER = ": server's processor time a request";
    private static final int COMMANDS = 1_000;
    private static final int PARTITIONS = 2;

    /** What differs from scale to scale. */
    private record Size(
            int accounts, int connections, int batchConnections, long leadInMs, long warmUpMs) {
        static Size of(final Scale scale) {
            return switch (scale) {
                case SMOKE -> new Size(1_000, 64, 4, 50, 500);
                case QUICK -> new Size(10_000, 2_048, 32, 400, 10_000);
                case FULL -> new Size(10_000, 2_048, 32, 1_000, 40_000);
            };
        }
    }

    @Override
    public String name() {
        return "write-side";
    }

    @Override
    public String question() {
        return "How many durable commands a second does the write side answer over HTTP, beside an"
                + " echo that does nothing, and how soon?";
    }

    @Override
    public int estimatedSeconds(final Scale scale) {
        return switch (scale) {
            case SMOKE -> 12;
            case QUICK -> 95;
            case FULL -> 330;
        };
    }

    @Override
    public void run(final Bench bench) throws Exception {
        targets(bench);
        final Size size = Size.of(bench.scale());
        bench.progress("starts the ledger and the echo");
        try (LedgerSide ledger = LedgerSide.start(
                        LedgerShape.of(PARTITIONS, size.accounts()), bench.folder());
                ServerProcess echo = echo(bench.folder())) {
            final int rounds = bench.scale().rounds();
            bench.progress("warms up");
            warmUp(ledger, echo, size);
            for (int round = 0; round < rounds; round++) {
                bench.progress("round " + (round + 1) + " of " + rounds);
                round(bench, ledger, echo, size);
            }
            bench.progress("profile of the ledger");
            profile(bench, ledger, size);
        }
        bench.note("write-side: ledger and echo are processes of their own, java "
                + String.join(" ", ServerProcess.FLAGS) + ", " + PARTITIONS
                + " partitions, settings as they come but for an idempotency window of 10 s (keys"
                + " expire within the run); load, log stub and DynamoDB Local share one more"
                + " process.");
    }

    private static void targets(final Bench bench) {
        bench.target(Target.ratioAtLeast(
                "one command a request, beside a bare echo", SINGLE, ECHO, 0.75));
        bench.target(Target.ratioAtMost(
                "one command a request, p99 beside p50", SINGLE + P99, SINGLE + P50, 2));
        bench.target(Target.ratioAtLeast("1 hot account beside 10,000", HOT, SINGLE, 0.95));
        bench.target(Target.atLeast("batches of 1,000 commands a request", BATCHED, 400_000, "/s"));
    }

    private static ServerProcess echo(final Path folder) throws IOException, InterruptedException {
        final int port = ServerProcess.freePort();
        final ServerProcess echo = ServerProcess.start(
                "echo", EchoMain.class, port, List.of(Integer.toString(port)), Map.of(), folder);
        try {
            echo.awaitPort();
            return echo;
        } catch (final IOException | InterruptedException e) {
            echo.close();
            throw e;
        }
    }

    private static void warmUp(final LedgerSide ledger, final ServerProcess echo, final Size size)
            throws Exception {
        final long ms = size.warmUpMs();
        echoed(echo, DriverOptions.closedLoop(echo.address(), size.connections(), 0, ms));
        ledger.singles(
                DriverOptions.closedLoop(ledger.address(), size.connections(), 0, ms),
                size.accounts());
        ledger.batches(
                DriverOptions.closedLoop(ledger.address(), size.batchConnections(), 0, ms / 2),
                COMMANDS);
    }

    private static void round(
            final Bench bench, final LedgerSide ledger, final ServerProcess echo, final Size size)
            throws Exception {
        final long ms = bench.scale().roundMs();
        final DriverOptions singles =
                DriverOptions.closedLoop(ledger.address(), size.connections(), size.leadInMs(), ms);
        record(
                bench,
                ECHO,
                1,
                echo,
                () -> echoed(
                        echo,
                        DriverOptions.closedLoop(
                                echo.address(), size.connections(), size.leadInMs(), ms)));
        record(bench, SINGLE, 1, ledger.process(), () -> ledger.singles(singles, size.accounts()));
        record(bench, HOT, 1, ledger.process(), () -> ledger.singles(singles, 1));
        record(
                bench,
                BATCHED,
                COMMANDS,
                ledger.process(),
                () -> ledger.batches(
                        DriverOptions.closedLoop(
                                ledger.address(), size.batchConnections(), size.leadInMs(), ms),
                        COMMANDS));
    }

    /** One more turn that no figure is made of. */
    private static void profile(final Bench bench, final LedgerSide ledger, final Size size)
            throws Exception {
        final Profile profile = Profile.record(
                ledger.process(),
                bench.folder().resolve("write-side.jfr"),
                () -> ledger.singles(
                        DriverOptions.closedLoop(
                                ledger.address(),
                                size.connections(),
                                size.leadInMs(),
                                bench.scale().roundMs()),
                        size.accounts()));
        profile.lines()
                .forEach(line -> bench.note("write-side, profile of the ledger with one command a"
                        + " request (write-side.jfr), " + line + "."));
    }

    /** An echo has no log: what it answered is not compared with anything. */
    private static Measured echoed(final ServerProcess echo, final DriverOptions options)
            throws Exception {
        echo.requireAlive();
        final int accounts = 10_000;
        return Tries.untilDone(
                options.measureMs(),
                () -> HttpDriver.run(
                        options,
                        thread -> new SingleCommands(
                                accounts,
                                options.connections(),
                                new SplittableRandom(7),
                                new Acknowledged(accounts))));
    }

    private static void record(
            final Bench bench,
            final String figure,
            final int commands,
            final ServerProcess server,
            final Callable<Measured> turn)
            throws Exception {
        final long beforeNs = server.cpuNs();
        final Measured measured = turn.call();
        final long serverNs = server.cpuNs() - beforeNs;
        if (measured.refused() > 0) {
            throw new IllegalStateException(
                    figure + ": " + measured.refused() + " requests were refused");
        }
        bench.record(figure, "/s", commands * measured.donePerSecond());
        bench.record(figure + P50, "ms", measured.percentileMs(50));
        bench.record(figure + P99, "ms", measured.percentileMs(99));
        bench.record(figure + DRIVER, "µs", measured.cpuUsPerRequest());
        bench.record(figure + SERVER, "µs", measured.usPerRequest(serverNs));
    }
}
