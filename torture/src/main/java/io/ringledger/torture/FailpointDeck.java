package io.ringledger.torture;

import io.ringledger.kit.Failpoint;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Which step a process shall be killed at next: those that have killed least come first, so that
 * each gets its turn. Thread-safe.
 */
final class FailpointDeck {
    /** A process that is restarted is armed with this probability. */
    private static final double ARMED_SHARE = 0.6;

    // Guarded by this.
    private final Random random;
    private final Map<String, Integer> fired = new TreeMap<>();
    private final Map<String, Integer> dealt = new TreeMap<>();
    private boolean isOpen = true;

    FailpointDeck(final long seed) {
        random = new Random(seed);
        for (final Role role : Role.values()) {
            pointsOf(role).forEach(point -> fired.put(point, 0));
        }
    }

    private static List<String> pointsOf(final Role role) {
        final List<String> points = new ArrayList<>();
        for (final Failpoint point : role.failpoints()) {
            points.add(point.wireName() + ":before");
            points.add(point.wireName() + ":after");
        }
        return points;
    }

    /** A step and its passing, as the setting takes it; empty: this process is not armed. */
    synchronized String deal(final Role role) {
        final List<String> points = pointsOf(role);
        if (!isOpen || points.isEmpty() || random.nextDouble() >= ARMED_SHARE) {
            return "";
        }
        final String point = points.stream()
                .min(Comparator.comparingInt((String p) -> fired.getOrDefault(p, 0))
                        .thenComparingInt(p -> dealt.getOrDefault(p, 0))
                        .thenComparing(p -> p))
                .orElseThrow();
        dealt.merge(point, 1, Integer::sum);
        return point + ":" + (1 + random.nextInt(maxPassing(point)));
    }

    /** Low enough to come within seconds, high enough to come in the middle of the load. */
    private static int maxPassing(final String point) {
        final String name = point.substring(0, point.indexOf(':'));
        return switch (name) {
            case "apply" -> 2_000;
            case "marker_written", "snapshot_written" -> 2;
            case "projection_committed" -> 10;
            default -> 40;
        };
    }

    /** A process has ended at a step. */
    synchronized void fired(final String armed) {
        fired.merge(armed.substring(0, armed.lastIndexOf(':')), 1, Integer::sum);
    }

    /** From now on nobody is armed. */
    synchronized void close() {
        isOpen = false;
    }

    /** Kills at each step; those that never killed have 0. */
    synchronized Map<String, Integer> counts() {
        return new TreeMap<>(fired);
    }
}
