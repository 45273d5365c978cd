package io.ringledger.benchmarks;

import java.util.ArrayList;
import java.util.List;

/** A figure's values, one a round. Thread-safe. */
final class Figure {
    private final String name;
    private final String unit;
    private final List<Double> values = new ArrayList<>();

    Figure(final String name, final String unit) {
        this.name = name;
        this.unit = unit;
    }

    String name() {
        return name;
    }

    String unit() {
        return unit;
    }

    synchronized void add(final double value) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("not a figure: " + name + "=" + value);
        }
        values.add(value);
    }

    synchronized List<Double> values() {
        return List.copyOf(values);
    }

    Spread spread() {
        return Spread.of(values());
    }
}
