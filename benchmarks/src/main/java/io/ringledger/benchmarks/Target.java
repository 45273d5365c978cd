package io.ringledger.benchmarks;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a row of the design's section 7 has to reach: a figure alone, or round by round its ratio to
 * a neighbour's.
 *
 * @param row what the report calls it
 * @param figure name of the figure
 * @param neighbour name of the figure that it is divided by, or null
 * @param isAtLeast true if more is better
 * @param bound what it has to reach
 * @param unit of the bound, as printed
 */
public record Target(
        String row,
        String figure,
        @Nullable String neighbour,
        boolean isAtLeast,
        double bound,
        String unit) {

    /** A figure that must not be below. */
    public static Target atLeast(
            final String row, final String figure, final double bound, final String unit) {
        return new Target(row, figure, null, true, bound, unit);
    }

    /** A figure that must not be above. */
    public static Target atMost(
            final String row, final String figure, final double bound, final String unit) {
        return new Target(row, figure, null, false, bound, unit);
    }

    /** A ratio that must not be below. */
    public static Target ratioAtLeast(
            final String row, final String figure, final String neighbour, final double bound) {
        return new Target(row, figure, neighbour, true, bound, "times");
    }

    /** A ratio that must not be above. */
    public static Target ratioAtMost(
            final String row, final String figure, final String neighbour, final double bound) {
        return new Target(row, figure, neighbour, false, bound, "times");
    }

    /** What was reached, or nothing if a figure was not measured in this run. */
    Optional<Spread> reached(final Map<String, Figure> figures) {
        final Figure above = figures.get(figure);
        if (above == null) {
            return Optional.empty();
        }
        if (neighbour == null) {
            return Optional.of(above.spread());
        }
        final Figure below = figures.get(neighbour);
        if (below == null) {
            return Optional.empty();
        }
        final List<Double> upper = above.values();
        final List<Double> lower = below.values();
        if (upper.size() != lower.size()) {
            throw new IllegalStateException("not measured in turns: " + figure + " " + upper.size()
                    + " rounds, " + neighbour + " " + lower.size());
        }
        final List<Double> ratios = new ArrayList<>();
        for (int round = 0; round < upper.size(); round++) {
            ratios.add(upper.get(round) / lower.get(round));
        }
        return Optional.of(Spread.of(ratios));
    }

    boolean isMet(final Spread reached) {
        return isAtLeast ? reached.median() >= bound : reached.median() <= bound;
    }
}
