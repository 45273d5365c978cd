package io.ringledger.benchmarks.write;

import io.ringledger.benchmarks.Bench;
import io.ringledger.benchmarks.Experiment;
import io.ringledger.benchmarks.Plot;
import io.ringledger.benchmarks.Scale;
import io.ringledger.benchmarks.Target;
import io.ringledger.benchmarks.driver.DriverOptions;
import io.ringledger.benchmarks.driver.DriverOptions.Phase;
import io.ringledger.benchmarks.driver.Measured;
import io.ringledger.benchmarks.stub.StubOptions;

import java.util.List;
import java.util.Map;

/**
 * Twice as much as the log takes, in an open loop, after half as much and before half as much. The
 * log's shards are slowed down far below what the machine can do, so that the load generator and the
 * refusals cost nobody their processor; the queues are made shorter in proportion. Stateless.
 */
public final class OverloadExperiment implements Experiment {
    private static final int PARTITIONS = 2;
    private static final int CONNECTIONS = 4_096;

    /** So few that no queue is ever full. */
    private static final int CAPACITY_CONNECTIONS = 2_000;

    private static final double MAX_UNSENT = 0.01;

    private static final Map<String, String> SHORT_QUEUES = Map.of(
            "RINGLEDGER_RING_SIZE", "1024",
            "RINGLEDGER_FRAME_EVENT_BYTES", "16384");

    private static final String CAPACITY = "overload: what the log takes";
    private static final String ACCEPTED = "overload: accepted, offered twice as much";
    private static final String REFUSED = "overload: refused with 503, offered twice as much";
    private static final String FIRST_P99 = "overload: slowest p99 of the first half";
    private static final String LAST_P99 = "overload: slowest p99 of the second half";
    private static final String RECOVERY = "overload: until it is as before";

    /** What differs from scale to scale. */
    private record Size(
            int accounts,
            int shardBytesPerSecond,
            int rounds,
            long warmUpMs,
            long calmMs,
            long highMs) {
        static Size of(final Scale scale) {
            return switch (scale) {
                case SMOKE -> new Size(1_000, 20_000, 1, 500, 1_000, 3_000);
                case QUICK -> new Size(10_000, 60_000, 1, 2_500, 4_000, 7_000);
                case FULL -> new Size(10_000, 60_000, 3, 5_000, 8_000, 20_000);
            };
        }
    }

    @Override
    public String name() {
        return "overload";
    }

    @Override
    public String question() {
        return "Offered twice what it can take, does the write side refuse at once rather than slow"
                + " down, and is it as before once the load falls?";
    }

    @Override
    public int estimatedSeconds(final Scale scale) {
        return switch (scale) {
            case SMOKE -> 12;
            case QUICK -> 30;
            case FULL -> 160;
        };
    }

    @Override
    public void run(final Bench bench) throws Exception {
        bench.target(Target.ratioAtLeast(
                "accepted when offered twice, beside what the log takes", ACCEPTED, CAPACITY, 0.9));
        bench.target(Target.ratioAtMost(
                "overloaded: p99 of the second half beside the first", LAST_P99, FIRST_P99, 1.5));
        bench.target(Target.atMost("overloaded: as before once the load falls", RECOVERY, 2, "s"));
        final Size size = Size.of(bench.scale());
        bench.progress("starts the ledger");
        final LedgerShape shape = new LedgerShape(
                PARTITIONS,
                size.accounts(),
                StubOptions.DEFAULT_DELAY_MS,
                size.shardBytesPerSecond(),
                SHORT_QUEUES);
        try (LedgerSide ledger = LedgerSide.start(shape, bench.folder())) {
            for (int round = 0; round < size.rounds(); round++) {
                bench.progress("round " + (round + 1) + " of " + size.rounds());
                round(bench, ledger, size, round == 0);
            }
            bench.note("overload: a shard of the log takes " + size.shardBytesPerSecond()
                    + " bytes a second, and throttled " + ledger.throttled()
                    + " PutRecords; queues in proportion: " + SHORT_QUEUES + "; " + CONNECTIONS
                    + " connections. Every 503 said not_applied and had a Retry-After.");
        }
    }

    private static void round(
            final Bench bench, final LedgerSide ledger, final Size size, final boolean isFirst)
            throws Exception {
        final Measured closed = ledger.singles(
                DriverOptions.closedLoop(
                        ledger.address(), CAPACITY_CONNECTIONS, size.warmUpMs(), size.calmMs()),
                size.accounts());
        final double capacity = closed.donePerSecond();
        final Measured open = ledger.singles(
                DriverOptions.openLoop(
                        ledger.address(),
                        CONNECTIONS,
                        List.of(
                                new Phase(capacity / 2, size.calmMs()),
                                new Phase(2 * capacity, size.highMs()),
                                new Phase(capacity / 2, size.calmMs()))),
                size.accounts());
        final double riseS = size.calmMs() / 1_000.0;
        final double fallS = riseS + size.highMs() / 1_000.0;
        final Course course = Course.of(open, riseS, fallS);
        if (bench.scale() != Scale.SMOKE && course.refusedWhileHigh() == 0) {
            throw new IllegalStateException("twice " + capacity + "/s was taken: the machine was"
                    + " the limit when that was measured, not the log");
        }
        if (bench.scale() != Scale.SMOKE && open.unsent() > MAX_UNSENT * open.sent()) {
            throw new IllegalStateException("twice " + capacity + "/s was not offered: "
                    + open.unsent() + " requests found no connection free");
        }
        bench.record(CAPACITY, "/s", capacity);
        bench.record(ACCEPTED, "/s", course.doneWhileHigh());
        bench.record(REFUSED, "/s", course.refusedWhileHigh());
        bench.record(FIRST_P99, "ms", course.p99WhileHighMs(false));
        bench.record(LAST_P99, "ms", course.p99WhileHighMs(true));
        bench.record(RECOVERY, "s", course.recoveryS());
        bench.record(
                "overload: due and never sent, no connection free", "", (double) open.unsent());
        if (isFirst) {
            plot(bench, course, capacity);
        }
    }

    private static void plot(final Bench bench, final Course course, final double capacity) {
        final Plot rates = bench.plot(
                "overload-rate",
                "Offered twice what the log takes",
                "seconds",
                "requests a second");
        final Plot latency = bench.plot(
                "overload-latency",
                "Latency of what was accepted, from when it was due",
                "seconds",
                "milliseconds");
        for (final Course.Slot slot : course.slots()) {
            final double atS = (slot.fromS() + slot.toS()) / 2;
            final boolean isHigh = atS > course.riseS() && atS < course.fallS();
            rates.point("offered", atS, isHigh ? 2 * capacity : capacity / 2)
                    .point("accepted", atS, slot.done())
                    .point("refused with 503", atS, slot.refused());
            if (slot.done() > 0) {
                latency.point("p50", atS, slot.p50Ms()).point("p99", atS, slot.p99Ms());
            }
        }
    }
}
