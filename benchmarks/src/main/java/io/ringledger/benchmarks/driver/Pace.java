package io.ringledger.benchmarks.driver;

import io.ringledger.benchmarks.driver.DriverOptions.Phase;

import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * When requests are due: so many a second, for so long, then at another rate. A request that leaves
 * late still counts from when it was due, so that a service that stalls cannot hide its waiting
 * requests. Not thread-safe.
 */
final class Pace {
    private final List<Phase> phases;
    private int phase;
    private double nextNs;
    private double phaseEndNs;

    /** One of several threads that share the rate. */
    Pace(final List<Phase> phases, final int threads) {
        this.phases = phases.stream()
                .map(phase -> new Phase(phase.perSecond() / threads, phase.ms()))
                .toList();
        phaseEndNs = TimeUnit.MILLISECONDS.toNanos(this.phases.getFirst().ms());
    }

    /** When the next request is due, in nanoseconds since the start. */
    long dueNs() {
        return (long) nextNs;
    }

    /** That request is taken care of. */
    void advance() {
        nextNs += TimeUnit.SECONDS.toNanos(1) / phases.get(phase).perSecond();
        while (nextNs >= phaseEndNs && phase + 1 < phases.size()) {
            phase++;
            phaseEndNs += TimeUnit.MILLISECONDS.toNanos(phases.get(phase).ms());
        }
    }
}
