package io.ringledger.benchmarks.driver;

import java.net.InetSocketAddress;
import java.util.List;

/**
 * How a service is driven.
 *
 * @param target where it listens
 * @param connections opened before the first request, one request at a time on each
 * @param threads that share them
 * @param warmUpMs load before anything is measured
 * @param measureMs of load that is measured
 * @param phases empty: closed loop, every connection asks again as soon as it has its answer;
 *     otherwise open loop, requests are sent when they are due, from the start of the warm-up on
 */
public record DriverOptions(
        InetSocketAddress target,
        int connections,
        int threads,
        long warmUpMs,
        long measureMs,
        List<Phase> phases) {
    /**
     * A rate for a time.
     *
     * @param perSecond requests a second
     * @param ms how long
     */
    public record Phase(double perSecond, long ms) {
        /** Refuses rates that are none. */
        public Phase {
            if (!(perSecond > 0) || ms < 1) {
                throw new IllegalArgumentException("perSecond=" + perSecond + ", ms=" + ms);
            }
        }
    }

    /** Copies the list. */
    public DriverOptions {
        if (connections < threads || threads < 1 || warmUpMs < 0 || measureMs < 1) {
            throw new IllegalArgumentException("connections=" + connections + ", threads=" + threads
                    + ", warmUpMs=" + warmUpMs + ", measureMs=" + measureMs);
        }
        phases = List.copyOf(phases);
    }

    /** Closed loop by one thread. */
    public static DriverOptions closedLoop(
            final InetSocketAddress target,
            final int connections,
            final long warmUpMs,
            final long measureMs) {
        return new DriverOptions(target, connections, 1, warmUpMs, measureMs, List.of());
    }

    /** Open loop by one thread, measured from the start to the end of the last phase. */
    public static DriverOptions openLoop(
            final InetSocketAddress target, final int connections, final List<Phase> phases) {
        final long totalMs = phases.stream().mapToLong(Phase::ms).sum();
        return new DriverOptions(target, connections, 1, 0, totalMs, phases);
    }
}
