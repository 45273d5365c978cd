package io.ringledger.simulation;

import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;

/** Counts of one run, or of many. Not thread-safe: each thread has its own, which are added up. */
final class Tally {
    private final Map<Fault, Long> faults = new EnumMap<>(Fault.class);
    private final Map<String, Long> events = new TreeMap<>();

    /** A fault has happened. */
    void fired(final Fault fault) {
        faults.merge(fault, 1L, Long::sum);
    }

    /** Something worth counting has happened. */
    void count(final String event) {
        add(event, 1);
    }

    /** It has happened so many times. */
    void add(final String event, final long times) {
        events.merge(event, times, Long::sum);
    }

    long of(final Fault fault) {
        return faults.getOrDefault(fault, 0L);
    }

    long of(final String event) {
        return events.getOrDefault(event, 0L);
    }

    /** Everything that was counted besides faults. */
    Map<String, Long> events() {
        return events;
    }

    /** Takes in another one's counts. */
    void addAll(final Tally other) {
        other.faults.forEach((fault, times) -> faults.merge(fault, times, Long::sum));
        other.events.forEach(this::add);
    }
}
