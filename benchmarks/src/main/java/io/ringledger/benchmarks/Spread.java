package io.ringledger.benchmarks;

import java.util.List;

/**
 * Median and range.
 *
 * @param median of all rounds; of an even number the mean of the middle two
 * @param lowest of all rounds
 * @param highest of all rounds
 * @param rounds how many
 */
record Spread(double median, double lowest, double highest, int rounds) {
    static Spread of(final List<Double> values) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("no values");
        }
        final double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        final int middle = sorted.length / 2;
        final double median =
                sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(median, sorted[0], sorted[sorted.length - 1], sorted.length);
    }
}
