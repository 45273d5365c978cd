package io.ringledger.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Lines of a plot, by name. Thread-safe. */
public final class Plot {
    /** One point of a line. */
    record Point(double x, double y) {}

    private final String name;
    private final String title;
    private final String xAxis;
    private final String yAxis;
    private final Map<String, List<Point>> lines = new LinkedHashMap<>();
    private boolean isLogX;
    private boolean isLogY;

    Plot(final String name, final String title, final String xAxis, final String yAxis) {
        this.name = name;
        this.title = title;
        this.xAxis = xAxis;
        this.yAxis = yAxis;
    }

    /** Adds a point at the end of a line; a logarithmic axis takes values above zero alone. */
    public synchronized Plot point(final String line, final double x, final double y) {
        lines.computeIfAbsent(line, key -> new ArrayList<>()).add(new Point(x, y));
        return this;
    }

    /** Both axes are linear unless told otherwise. */
    public synchronized Plot logarithmic(final boolean x, final boolean y) {
        isLogX = x;
        isLogY = y;
        return this;
    }

    String name() {
        return name;
    }

    String title() {
        return title;
    }

    String xAxis() {
        return xAxis;
    }

    String yAxis() {
        return yAxis;
    }

    synchronized boolean isLogX() {
        return isLogX;
    }

    synchronized boolean isLogY() {
        return isLogY;
    }

    synchronized Map<String, List<Point>> lines() {
        final Map<String, List<Point>> copy = new LinkedHashMap<>();
        lines.forEach((line, points) -> copy.put(line, List.copyOf(points)));
        return copy;
    }
}
