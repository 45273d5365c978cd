package io.ringledger.gatling;

import org.HdrHistogram.Histogram;

import java.util.Map;
import java.util.TreeMap;

/** Response times of answers by request, as Gatling took them, and what had no outcome. Thread-safe. */
final class Meter {
    private static final long MAX_MS = 120_000;

    /** Of one request. */
    private static final class Row {
        private final Histogram timesMs = new Histogram(MAX_MS, 3);
        private long failures;
    }

    /**
     * One line of the report.
     *
     * @param request its name
     * @param timesMs of answers
     * @param failures no answer in time, or 503
     */
    record Line(String request, Histogram timesMs, long failures) {}

    private final Map<String, Row> rows = new TreeMap<>();

    /** An outcome, a refusal too. */
    synchronized void answered(final String request, final long ms) {
        row(request).timesMs.recordValue(Math.min(ms, MAX_MS));
    }

    /** No answer, or 503. */
    synchronized void failed(final String request) {
        row(request).failures++;
    }

    synchronized Iterable<Line> lines() {
        return rows.entrySet().stream()
                .map(entry -> new Line(
                        entry.getKey(), entry.getValue().timesMs.copy(), entry.getValue().failures))
                .toList();
    }

    private Row row(final String request) {
        return rows.computeIfAbsent(request, name -> new Row());
    }
}
