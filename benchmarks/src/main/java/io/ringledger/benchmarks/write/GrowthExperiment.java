package io.ringledger.benchmarks.write;

import io.ringledger.benchmarks.Bench;
import io.ringledger.benchmarks.Experiment;
import io.ringledger.benchmarks.Plot;
import io.ringledger.benchmarks.Scale;
import io.ringledger.benchmarks.driver.DriverOptions;
import io.ringledger.benchmarks.driver.Measured;

import java.util.List;

/**
 * The write side with more of one thing at a time: connections, partitions, accounts, commands a
 * request. And the memory of a process whose connections are idle. Stateless.
 */
public final class GrowthExperiment implements Experiment {
    private static final String PLOT = "growth";
    private static final int USUAL_PARTITIONS = 2;
    /** Commands at a time, far below what is refused. */
    private static final int MOST_IN_FLIGHT = 32_768;

    private static final int MEGABYTE = 1_000_000;

    /**
     * What differs from scale to scale: what is measured, each with the usual values of the rest.
     *
     * @param openAccounts accounts that are opened, of which only so many are used
     * @param usualAccounts that are used
     * @param usualConnections one command at a time on each
     * @param batchConnections one batch at a time on each
     */
    private record Size(
            List<Integer> connections,
            List<Integer> partitions,
            List<Integer> accounts,
            List<Integer> commands,
            int openAccounts,
            int usualAccounts,
            int usualConnections,
            int batchConnections,
            int idleConnections,
            int rounds,
            long warmUpMs,
            long leadInMs,
            long ms) {
        static Size of(final Scale scale) {
            return switch (scale) {
                case SMOKE ->
                    new Size(
                            List.of(4, 32),
                            List.of(USUAL_PARTITIONS),
                            List.of(100, 1_000),
                            List.of(10, 100),
                            1_000,
                            1_000,
                            32,
                            4,
                            256,
                            1,
                            500,
                            0,
                            200);
                case QUICK ->
                    new Size(
                            List.of(16, 256, 2_048, 4_096),
                            List.of(1, USUAL_PARTITIONS, 4),
                            List.of(1_000, 100_000),
                            List.of(10, 1_000),
                            100_000,
                            10_000,
                            1_024,
                            32,
                            4_096,
                            1,
                            2_500,
                            300,
                            1_000);
                case FULL ->
                    new Size(
                            List.of(16, 64, 256, 1_024, 2_048, 4_096),
                            List.of(1, USUAL_PARTITIONS, 4, 8),
                            List.of(1_000, 10_000, 100_000, 1_000_000),
                            List.of(10, 100, 1_000, 10_000),
                            1_000_000,
                            10_000,
                            1_024,
                            32,
                            4_096,
                            3,
                            10_000,
                            500,
                            3_000);
            };
        }
    }

    @Override
    public String name() {
        return "growth";
    }

    @Override
    public String question() {
        return "What do more connections, partitions, accounts and commands a request do to"
                + " throughput and latency, and what does an idle connection take of memory?";
    }

    @Override
    public int estimatedSeconds(final Scale scale) {
        return switch (scale) {
            case SMOKE -> 14;
            case QUICK -> 60;
            case FULL -> 420;
        };
    }

    @Override
    public void run(final Bench bench) throws Exception {
        final Size size = Size.of(bench.scale());
        for (final int partitions : size.partitions()) {
            bench.progress("starts a ledger of " + partitions + " partitions");
            final boolean isUsual = partitions == USUAL_PARTITIONS;
            final int accounts = isUsual ? size.openAccounts() : size.usualAccounts();
            try (LedgerSide ledger =
                    LedgerSide.start(LedgerShape.of(partitions, accounts), bench.folder())) {
                if (isUsual) {
                    bench.progress("memory of idle connections");
                    idle(bench, ledger, size);
                }
                ledger.singles(
                        DriverOptions.closedLoop(
                                ledger.address(), size.usualConnections(), 0, size.warmUpMs()),
                        size.usualAccounts());
                for (int round = 1; round <= size.rounds(); round++) {
                    bench.progress(
                            partitions + " partitions, round " + round + " of " + size.rounds());
                    final Turn turn = new Turn(bench, ledger, size, round == size.rounds());
                    turn.singles(
                            "partitions",
                            partitions,
                            size.usualConnections(),
                            size.usualAccounts());
                    if (isUsual) {
                        turn.theOthers();
                    }
                }
            }
        }
    }

    /** One round of one ledger; what the last one measures is plotted. */
    private record Turn(Bench bench, LedgerSide ledger, Size size, boolean isPlotted) {
        void theOthers() throws Exception {
            for (final int connections : size.connections()) {
                singles("connections", connections, connections, size.usualAccounts());
            }
            for (final int accounts : size.accounts()) {
                singles("accounts", accounts, size.usualConnections(), accounts);
            }
            for (final int commands : size.commands()) {
                final int connections =
                        Math.clamp(MOST_IN_FLIGHT / commands, 1, size.batchConnections());
                final DriverOptions options = DriverOptions.closedLoop(
                        ledger.address(), connections, size.leadInMs(), size.ms());
                record("commands a request", commands, commands, ledger.batches(options, commands));
            }
        }

        void singles(final String line, final int value, final int connections, final int accounts)
                throws Exception {
            final DriverOptions options = DriverOptions.closedLoop(
                    ledger.address(), connections, size.leadInMs(), size.ms());
            record(line, value, 1, ledger.singles(options, accounts));
        }

        private void record(
                final String line, final int value, final int commands, final Measured measured) {
            final String figure = String.format("growth: %,d %s", value, line);
            final double perSecond = commands * measured.donePerSecond();
            requireNoRefusals(figure, measured);
            bench.record(figure, "/s", perSecond);
            bench.record(figure + ": p50", "ms", measured.percentileMs(50));
            bench.record(figure + ": p99", "ms", measured.percentileMs(99));
            if (isPlotted) {
                final Plot plot = bench.plot(
                                PLOT,
                                "More connections, partitions, accounts, commands a request",
                                "commands a second",
                                "p99, milliseconds")
                        .logarithmic(true, true);
                final String range = switch (line) {
                    case "connections" -> ends(size.connections());
                    case "partitions" -> ends(size.partitions());
                    case "accounts" -> ends(size.accounts());
                    default -> ends(size.commands());
                };
                plot.point(line + range, perSecond, measured.percentileMs(99));
            }
        }

        private static void requireNoRefusals(final String figure, final Measured measured) {
            if (measured.refused() > 0) {
                throw new IllegalStateException(
                        figure + ": " + measured.refused() + " requests were refused");
            }
        }

        private static String ends(final List<Integer> values) {
            return String.format(", %,d to %,d", values.getFirst(), values.getLast());
        }
    }

    private static void idle(final Bench bench, final LedgerSide ledger, final Size size)
            throws Exception {
        final int connections = size.idleConnections();
        final double heapBefore = ledger.heapBytes();
        final double residentBefore = ledger.process().residentBytes();
        try (IdleConnections _ = IdleConnections.open(ledger.address(), connections)) {
            final double heap = ledger.heapBytes();
            final double resident = ledger.process().residentBytes();
            final String figure = String.format("memory with %,d idle connections", connections);
            bench.record(figure + ": heap after a collection", "MB", heap / MEGABYTE);
            bench.record(figure + ": resident", "MB", resident / MEGABYTE);
            bench.record(figure + ": heap of a connection", "B", (heap - heapBefore) / connections);
            bench.record(
                    figure + ": resident, of a connection",
                    "B",
                    (resident - residentBefore) / connections);
        }
    }
}
