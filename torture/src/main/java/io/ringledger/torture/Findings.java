package io.ringledger.torture;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is wrong, by kind, each with how many were looked at; kinds that were checked and found
 * nothing have 0. Not thread-safe.
 */
final class Findings {
    private static final int EXAMPLES_OF_A_KIND = 5;

    /**
     * One kind.
     *
     * @param name what is counted
     * @param found how many
     * @param checked of how many
     */
    record Finding(String name, long found, long checked) {}

    private final Map<String, Long> found = new LinkedHashMap<>();
    private final Map<String, Long> checked = new LinkedHashMap<>();
    private final Map<String, List<String>> examples = new LinkedHashMap<>();

    /** So many were looked at, or will be. */
    void checked(final String name, final long count) {
        found.putIfAbsent(name, 0L);
        checked.merge(name, count, Long::sum);
    }

    void add(final String name, final String example) {
        found.merge(name, 1L, Long::sum);
        final List<String> some = examples.computeIfAbsent(name, kind -> new ArrayList<>());
        if (some.size() < EXAMPLES_OF_A_KIND) {
            some.add(example);
        }
    }

    void addAll(final String name, final long count, final String example) {
        if (count > 0) {
            add(name, example);
            found.merge(name, count - 1, Long::sum);
        }
    }

    boolean isClean() {
        return found.values().stream().allMatch(count -> count == 0);
    }

    List<Finding> list() {
        return found.entrySet().stream()
                .map(entry -> new Finding(
                        entry.getKey(), entry.getValue(), checked.getOrDefault(entry.getKey(), 0L)))
                .toList();
    }

    long found(final String name) {
        return found.getOrDefault(name, 0L);
    }

    List<String> examples() {
        final List<String> all = new ArrayList<>();
        examples.forEach((name, some) -> some.forEach(text -> all.add(name + ": " + text)));
        return all;
    }
}
