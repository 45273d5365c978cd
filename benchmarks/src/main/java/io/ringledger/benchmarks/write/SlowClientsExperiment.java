package io.ringledger.benchmarks.write;

import com.sun.management.UnixOperatingSystemMXBean;

import io.ringledger.benchmarks.Bench;
import io.ringledger.benchmarks.Experiment;
import io.ringledger.benchmarks.Scale;
import io.ringledger.benchmarks.Target;
import io.ringledger.benchmarks.driver.DriverOptions;
import io.ringledger.benchmarks.driver.DriverOptions.Phase;
import io.ringledger.benchmarks.stub.StubOptions;
import io.ringledger.benchmarks.write.SlowClients.Kind;
import io.ringledger.benchmarks.write.SlowClients.Plan;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Honest clients beside ten thousand slow ones, in turns with honest clients alone: slow ones from
 * many addresses with room for all of them, from many addresses with room for fewer than half, and
 * from one address that may have a few. Honest clients of both kinds are measured: those that keep
 * their connections, and those that open one for every command. Stateless.
 */
public final class SlowClientsExperiment implements Experiment {
    private static final int PARTITIONS = 2;
    private static final int FRESH_CLIENTS = 8;
    private static final long POLL_MS = 20;
    private static final long COME_LIMIT_MS = 120_000;

    /** Connections of one event loop each may be accepted at once when one is left. */
    private static final int RACING_ACCEPTS = 16;

    /** How long a slow client waits that was not let in: a flood of connections is another attack. */
    private static final long PATIENCE_MS = 10_000;

    /** What a process needs besides: class path, log, emulators, honest clients. */
    private static final int OTHER_FILES = 1_500;

    private static final String ALONE = "honest clients alone";
    private static final String MANY = "beside slow clients from many addresses";
    private static final String ONE = "beside slow clients from one address";
    private static final String ALONE_SMALL = "honest clients alone, fewer connections allowed";
    private static final String FULL = "beside slow clients, no room for half of them";
    private static final String STAYING_P50 = ": p50";
    private static final String STAYING_P99 = ": p99";
    private static final String FRESH_P50 = ": p50, a connection for every command";
    private static final String FRESH_P99 = ": p99, a connection for every command";
    private static final double KIB = 1_024;

    /**
     * What differs from scale to scale.
     *
     * @param slow clients
     * @param room connections of a ledger that has too few
     * @param perAddress connections of an address, where that is limited
     * @param stayingClients honest clients that keep their connections
     * @param perSecond what these ask
     * @param leadInMs between the last slow client's coming and the first measurement
     * @param requestMs in which a whole request must come
     * @param idleMs how long a connection may idle
     */
    private record Size(
            int accounts,
            int slow,
            int room,
            int perAddress,
            int stayingClients,
            int perSecond,
            long measureMs,
            long leadInMs,
            int requestMs,
            int idleMs) {
        static Size of(final Scale scale) {
            return switch (scale) {
                case SMOKE -> new Size(200, 1_000, 400, 100, 16, 100, 1_500, 0, 1_000, 5_000);
                case QUICK ->
                    new Size(10_000, 10_000, 4_096, 512, 256, 1_000, 4_000, 4_000, 10_000, 30_000);
                case FULL ->
                    new Size(10_000, 10_000, 4_096, 512, 256, 1_000, 6_000, 6_000, 10_000, 30_000);
            };
        }

        /** Slow ones, some hundred addresses; each stays below what an address may have. */
        Plan plan(final int addresses) {
            return new Plan(slow, addresses, requestMs / 3L, requestMs * 9L / 10, PATIENCE_MS);
        }

        Map<String, String> settings(final Map<String, String> others) {
            final Map<String, String> settings = new HashMap<>(others);
            settings.put("RINGLEDGER_HTTP_REQUEST_TIMEOUT_MS", Integer.toString(requestMs));
            settings.put("RINGLEDGER_HTTP_IDLE_TIMEOUT_MS", Integer.toString(idleMs));
            return settings;
        }
    }

    private static final int ADDRESSES = 100;

    @Override
    public String name() {
        return "slow-clients";
    }

    @Override
    public String question() {
        return "Do honest clients keep their latency beside ten thousand connections that give"
                + " nothing for the room they take?";
    }

    /** A quick run has ten minutes for the targets of the design. */
    @Override
    public boolean isIn(final Scale scale) {
        return scale != Scale.QUICK;
    }

    @Override
    public int estimatedSeconds(final Scale scale) {
        return switch (scale) {
            case SMOKE -> 45;
            case QUICK -> 230;
            case FULL -> 420;
        };
    }

    @Override
    public void run(final Bench bench) throws Exception {
        for (final String side : List.of(MANY, ONE)) {
            targets(bench, side, ALONE);
        }
        targets(bench, FULL, ALONE_SMALL);
        final Size size = Size.of(bench.scale());
        requireFiles(size.slow());
        final int rounds = bench.scale().rounds();

        bench.progress("starts a ledger with room for all");
        final Map<String, String> perAddress = Map.of(
                "RINGLEDGER_HTTP_MAX_CONNECTIONS_PER_ADDRESS", Integer.toString(size.perAddress()));
        try (LedgerSide ledger = start(bench, size, perAddress)) {
            warmUp(ledger, size);
            for (int round = 1; round <= rounds; round++) {
                bench.progress("round " + round + " of " + rounds + ", room for all");
                alone(bench, ledger, size, ALONE, round);
                beside(bench, ledger, size, MANY, ADDRESSES, size.slow(), round);
                beside(bench, ledger, size, ONE, 1, size.perAddress(), round);
            }
        }
        bench.progress("starts a ledger with too little room");
        final Map<String, String> little =
                Map.of("RINGLEDGER_HTTP_MAX_CONNECTIONS", Integer.toString(size.room()));
        try (LedgerSide ledger = start(bench, size, little)) {
            warmUp(ledger, size);
            for (int round = 1; round <= rounds; round++) {
                bench.progress("round " + round + " of " + rounds + ", too little room");
                alone(bench, ledger, size, ALONE_SMALL, round);
                beside(bench, ledger, size, FULL, ADDRESSES, size.room(), round);
            }
        }
        bench.note("slow-clients: " + size.slow() + " connections from 127.0.1.x (from "
                + ADDRESSES + " addresses, or from one that may have " + size.perAddress()
                + "); " + SlowClients.mix() + "; a byte of a header or body every "
                + size.requestMs() / 3 + " ms; who is closed comes back. Too little room: "
                + size.room() + ". Honest: " + size.stayingClients() + " connections from 127.0.0.1"
                + " with " + size.perSecond() + " commands a second, from when they were due, and "
                + FRESH_CLIENTS + " clients from 127.0.2.x that open one for every command, from"
                + " when they connect. Every honest command was answered and every balance is"
                + " right; of those that keep their connections one refused with 503 is not asked"
                + " again, nor in the percentiles.");
    }

    private static void targets(final Bench bench, final String side, final String alone) {
        bench.target(
                Target.ratioAtMost("p99 " + side, side + STAYING_P99, alone + STAYING_P99, 1.25));
        bench.target(Target.ratioAtMost(
                "p99 of fresh connections " + side, side + FRESH_P99, alone + FRESH_P99, 1.25));
    }

    /** Says what is missing, rather than to fail in the middle. */
    static void requireFiles(final int connections) {
        if (ManagementFactory.getOperatingSystemMXBean()
                        instanceof final UnixOperatingSystemMXBean system
                && system.getMaxFileDescriptorCount() < connections + OTHER_FILES) {
            throw new IllegalStateException(connections + " connections need "
                    + (connections + OTHER_FILES) + " open files in this process and in the"
                    + " ledger's, and this one may have " + system.getMaxFileDescriptorCount()
                    + ": raise it with ulimit -n");
        }
    }

    private static LedgerSide start(
            final Bench bench, final Size size, final Map<String, String> settings)
            throws Exception {
        return LedgerSide.start(
                new LedgerShape(
                        PARTITIONS,
                        size.accounts(),
                        StubOptions.DEFAULT_DELAY_MS,
                        0,
                        size.settings(settings)),
                bench.folder());
    }

    private static void warmUp(final LedgerSide ledger, final Size size) throws Exception {
        ledger.honest(options(ledger, size), FRESH_CLIENTS, size.accounts());
        ledger.honest(options(ledger, size), FRESH_CLIENTS, size.accounts());
    }

    private static DriverOptions options(final LedgerSide ledger, final Size size) {
        return DriverOptions.openLoop(
                        ledger.address(),
                        size.stayingClients(),
                        List.of(new Phase(size.perSecond(), size.measureMs())))
                .reopening();
    }

    private static void alone(
            final Bench bench,
            final LedgerSide ledger,
            final Size size,
            final String side,
            final int round)
            throws Exception {
        // Who was there in the round before has gone.
        await("connections to go", () -> connections(ledger) <= 2);
        measure(bench, ledger, size, side, round);
    }

    private static void beside(
            final Bench bench,
            final LedgerSide ledger,
            final Size size,
            final String side,
            final int addresses,
            final int most,
            final int round)
            throws Exception {
        await("connections to go", () -> connections(ledger) <= 2);
        final double heapBefore = ledger.heapBytes();
        final double residentBefore = ledger.process().residentBytes();
        try (SlowClients slow = SlowClients.start(ledger.address(), size.plan(addresses))) {
            await("all slow clients to come", () -> slow.begun() == size.slow());
            TimeUnit.MILLISECONDS.sleep(size.leadInMs());
            final double there = connections(ledger);
            measure(bench, ledger, size, side, round);
            final double connections = connections(ledger);
            if (connections > most + size.stayingClients() + FRESH_CLIENTS + RACING_ACCEPTS) {
                throw new IllegalStateException("more connections than may be: " + connections);
            }
            bench.record(side + ": connections of the ledger", "", there);
            final double kept = Math.max(1, connections(ledger));
            bench.record(
                    side + ": heap for each connection",
                    "kB",
                    (ledger.heapBytes() - heapBefore) / kept / KIB);
            bench.record(
                    side + ": resident memory for each connection",
                    "kB",
                    (ledger.process().residentBytes() - residentBefore) / kept / KIB);
            if (bench.scale() == Scale.SMOKE && side.equals(MANY)) {
                for (final Kind kind : Kind.values()) {
                    await(kind + " to be closed", () -> slow.closed(kind) > 0);
                }
            }
        }
    }

    private static void measure(
            final Bench bench,
            final LedgerSide ledger,
            final Size size,
            final String side,
            final int round)
            throws Exception {
        final LedgerSide.Honest honest =
                ledger.honest(options(ledger, size), FRESH_CLIENTS, size.accounts());
        bench.record(side + STAYING_P50, "ms", honest.staying().percentileMs(50));
        bench.record(side + STAYING_P99, "ms", honest.staying().percentileMs(99));
        bench.record(side + FRESH_P50, "ms", honest.fresh().percentileMs(50));
        bench.record(side + FRESH_P99, "ms", honest.fresh().percentileMs(99));
        bench.record(side + ": not let in at the first try", "", (double) honest.turnedAway());
        bench.record(side + ": closed by the service and opened again", "", (double)
                honest.staying().reopened());
        bench.record(side + ": refused with 503", "", (double) honest.staying().refused());
        bench.plot("slow-clients", "p99 of honest clients, round by round", "round", "milliseconds")
                .point(side, round, honest.staying().percentileMs(99));
        bench.plot(
                        "slow-clients-fresh",
                        "p99 of honest clients that connect for every command",
                        "round",
                        "milliseconds")
                .point(side, round, honest.fresh().percentileMs(99));
    }

    private static double connections(final LedgerSide ledger) {
        try {
            return ledger.meter("ringledger_http_connections", "");
        } catch (final IOException e) {
            throw new IllegalStateException("the ledger does not say how many are connected", e);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static void await(final String what, final BooleanSupplier condition)
            throws InterruptedException {
        final long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(COME_LIMIT_MS);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadlineNs) {
                throw new IllegalStateException("waited in vain for " + what);
            }
            TimeUnit.MILLISECONDS.sleep(POLL_MS);
        }
    }
}
