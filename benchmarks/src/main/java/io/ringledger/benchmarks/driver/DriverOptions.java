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
 * @param reopens whether a connection that the service closes without an answer is opened again and
 *     what was asked on it asked again, as the pools of clients do; if not, the run has no figure
 */
public record DriverOptions(
        InetSocketAddress target,
        int connections,
        int threads,
        long warmUpMs,
        long measureMs,
        List<Phase> phases,
        boolean reopens) {
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
        return new DriverOptions(target, connections, 1, warmUpMs, measureMs, List.of(), false);
    }

    /** Open loop by one thread, measured from the start to the end of the last phase. */
    public static DriverOptions openLoop(
            final InetSocketAddress target, final int connections, final List<Phase> phases) {
        final long totalMs = phases.stream().mapToLong(Phase::ms).sum();
        return new DriverOptions(target, connections, 1, 0, totalMs, phases, false);
    }

    /** The same, opening again what the service closes. */
    public DriverOptions reopening() {
        return new DriverOptions(target, connections, threads, warmUpMs, measureMs, phases, true);
    }
}
