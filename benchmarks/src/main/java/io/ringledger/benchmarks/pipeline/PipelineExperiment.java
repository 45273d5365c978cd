package io.ringledger.benchmarks.pipeline;

import io.ringledger.benchmarks.Bench;
import io.ringledger.benchmarks.Experiment;
import io.ringledger.benchmarks.Scale;
import io.ringledger.benchmarks.Target;
import io.ringledger.benchmarks.driver.DriverOptions;
import io.ringledger.benchmarks.peer.TableOptions;

/**
 * The whole local stack, from the request until the views show its outcome, in turns with a table in
 * Postgres behind the same HTTP server: on many accounts and on a few hot ones. After each turn all
 * balances are checked. Stateless.
 */
public final class PipelineExperiment implements Experiment {
    private static final String STACK = "pipeline, ";
    private static final String PEER = "table in Postgres, ";
    /** As many as ask the write side alone. */
    static final int CONNECTIONS = 2_048;

    private static final int HOT_ACCOUNTS = 10;
    private static final long MAX_TURN_MS = 60_000;

    /** In so much time something is done, or the stall is the finding. */
    private static final long LONG_MS = 1_000;

    private static final String SPREAD = "10,000 accounts";
    private static final String HOT = "10 hot accounts";

    /** What differs from scale to scale. */
    private record Size(int accounts, int connections, long leadInMs, long warmUpMs) {
        static Size of(final Scale scale) {
            return switch (scale) {
                case SMOKE -> new Size(500, 32, 50, 200);
                case QUICK -> new Size(10_000, CONNECTIONS, 300, 6_000);
                case FULL -> new Size(10_000, CONNECTIONS, 1_000, 20_000);
            };
        }
    }

    @Override
    public String name() {
        return "pipeline";
    }

    @Override
    public String question() {
        return "How many commands a second get through the whole local stack until the views show"
                + " them, beside a table in Postgres behind the same HTTP server?";
    }

    @Override
    public int estimatedSeconds(final Scale scale) {
        return switch (scale) {
            case SMOKE -> 15;
            case QUICK -> 85;
            case FULL -> 280;
        };
    }

    @Override
    public void run(final Bench bench) throws Exception {
        bench.target(Target.ratioAtLeast(
                "whole pipeline on 10,000 accounts, beside a table",
                STACK + SPREAD,
                PEER + SPREAD,
                3));
        bench.target(Target.ratioAtLeast(
                "whole pipeline on 10 hot accounts, beside a table", STACK + HOT, PEER + HOT, 8));
        final Size size = Size.of(bench.scale());
        bench.note("pipeline: " + size.connections() + " connections; stack and peer are processes"
                + " of their own; the stack with " + StackProcess.PARTITIONS + " partitions and"
                + " settings as they come but for longer leases, the peer with "
                + TableOptions.CHOSEN + "; Postgres with fsync and synchronous_commit on, one each;"
                + " one side is stopped while the other has its turn; a command of the stack counts"
                + " once the views show it, one of the peer once it is answered.");
        bench.progress("starts the stack and the peer");
        try (StackSide stack = StackSide.start(size.accounts(), bench.folder());
                PeerSide peer =
                        PeerSide.start(size.accounts(), TableOptions.CHOSEN, bench.folder())) {
            bench.progress("warms up");
            measure(peer, stack, size, size.warmUpMs(), size.accounts());
            measure(peer, stack, size, size.warmUpMs() / 2, HOT_ACCOUNTS);
            measure(stack, peer, size, size.warmUpMs(), size.accounts());
            measure(stack, peer, size, size.warmUpMs() / 2, HOT_ACCOUNTS);
            for (int round = 1; round <= bench.scale().rounds(); round++) {
                bench.progress("round " + round + " of " + bench.scale().rounds());
                final long ms = bench.scale().roundMs();
                // Whoever comes first in one round comes second in the next.
                final boolean isPeerFirst = round % 2 == 1;
                final Side one = isPeerFirst ? peer : stack;
                final Side other = isPeerFirst ? stack : peer;
                final String oneIs = isPeerFirst ? PEER : STACK;
                final String otherIs = isPeerFirst ? STACK : PEER;
                record(bench, oneIs + SPREAD, measure(one, other, size, ms, size.accounts()));
                record(bench, otherIs + SPREAD, measure(other, one, size, ms, size.accounts()));
                record(bench, oneIs + HOT, measure(one, other, size, ms, HOT_ACCOUNTS));
                record(bench, otherIs + HOT, measure(other, one, size, ms, HOT_ACCOUNTS));
            }
        }
    }

    /** One side's turn, while the other rests. */
    private static Side.Turn measure(
            final Side side, final Side other, final Size size, final long ms, final int accounts)
            throws Exception {
        other.rest();
        try {
            return turn(side, size, ms, accounts);
        } finally {
            other.wake();
        }
    }

    /** Longer if a machine is so busy that in a short turn nothing was done at all. */
    private static Side.Turn turn(
            final Side side, final Size size, final long ms, final int accounts) throws Exception {
        for (long measureMs = ms; measureMs <= MAX_TURN_MS; measureMs *= 2) {
            final Side.Turn turn = side.measure(
                    DriverOptions.closedLoop(
                            side.address(), size.connections(), size.leadInMs(), measureMs),
                    accounts);
            if (turn.measured().done() > 0) {
                return turn;
            }
            if (ms >= LONG_MS) {
                break;
            }
        }
        throw new IllegalStateException("nothing is done at " + side.address());
    }

    private static void record(final Bench bench, final String figure, final Side.Turn turn) {
        if (turn.measured().refused() > 0) {
            throw new IllegalStateException(
                    figure + ": " + turn.measured().refused() + " requests were refused");
        }
        bench.record(figure, "/s", turn.readablePerSecond());
        bench.record(figure + ": answered", "/s", turn.measured().donePerSecond());
        bench.record(figure + ": p50", "ms", turn.measured().percentileMs(50));
        bench.record(figure + ": p99", "ms", turn.measured().percentileMs(99));
        if (figure.startsWith(STACK)) {
            bench.record(figure + ": views behind at the end", "s", turn.behindSeconds());
        }
    }
}
