package io.ringledger.torture;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;

/** How often each thing has happened, by name. Thread-safe. */
final class Tally {
    private final ConcurrentSkipListMap<String, LongAdder> counts = new ConcurrentSkipListMap<>();

    void add(final String what) {
        counts.computeIfAbsent(what, name -> new LongAdder()).increment();
    }

    /** The sum of all whose name begins like this. */
    long sum(final String prefix) {
        return counts.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(prefix))
                .mapToLong(entry -> entry.getValue().sum())
                .sum();
    }

    /** All whose name begins like this, without that beginning. */
    Map<String, Long> counts(final String prefix) {
        final Map<String, Long> found = new TreeMap<>();
        counts.forEach((name, count) -> {
            if (name.startsWith(prefix)) {
                found.put(name.substring(prefix.length()), count.sum());
            }
        });
        return found;
    }
}
