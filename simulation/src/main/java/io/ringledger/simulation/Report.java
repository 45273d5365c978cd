package io.ringledger.simulation;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What a campaign has to say, in lines of text. */
final class Report {
    /** What did not happen in this many seeds is a hole in the simulation. */
    static final long SEEDS_FOR_EVERY_FAULT = 1_000;

    /** What must have happened in as many, or the faults led nowhere. */
    private static final List<String> CONSEQUENCES = List.of(
            "answers: first",
            "answers: key reused",
            "answers: replayed",
            "frames of replaced owners in the log",
            "frames twice in the log",
            "leases given up for balance",
            "leases lost",
            "live states compared with a replay",
            "markers of replaced owners in the log",
            "markers twice in the log",
            "partitions recovered",
            "partitions recovered from a snapshot",
            "rebuilt states compared with a replay",
            "requests failed: outcome_unknown",
            "requests refused: overloaded",
            "snapshots refused: DAMAGED",
            "snapshots refused: TORN",
            "snapshots stored",
            "views: another one had moved them",
            "views: moved");

    private static final int TRACE_LINES = 80;

    private final PrintWriter out;

    Report(final PrintWriter out) {
        this.out = out;
    }

    /** Faults that never fired, and consequences that never followed. */
    static List<String> missing(final Tally tally) {
        final List<String> missing = new ArrayList<>();
        for (final Fault fault : Fault.values()) {
            if (tally.of(fault) == 0) {
                missing.add(fault.name());
            }
        }
        for (final String consequence : CONSEQUENCES) {
            if (tally.of(consequence) == 0) {
                missing.add(consequence);
            }
        }
        return missing;
    }

    /** Prints the whole; true if the campaign was a success. */
    boolean print(final Campaign.Summary summary) {
        out.println();
        out.println("faults fired");
        for (final Fault fault : Fault.values()) {
            out.printf("  %-28s %,14d%n", fault, summary.tally().of(fault));
        }
        out.println("what happened");
        summary.tally()
                .events()
                .forEach((event, count) -> out.printf("  %-60s %,14d%n", event, count));
        final double hours = summary.simulatedNs() / (double) TimeUnit.HOURS.toNanos(1);
        final double wallSeconds = summary.wallNs() / 1e9;
        out.println();
        out.printf("seeds                   %,d%n", summary.seeds());
        out.printf("wall time               %.1f s%n", wallSeconds);
        out.printf(
                "simulated               %,.1f hours, %,.0f times as fast as the real%n",
                hours, hours * 3600 / wallSeconds);
        out.printf("acknowledged commands   %,d%n", summary.tally().of("commands acknowledged"));
        out.printf("takeovers               %,d%n", summary.tally().of("partitions recovered"));
        if (summary.equalTraces() + summary.unequalTraces() > 0) {
            out.printf(
                    "run twice               %,d equal traces, %,d unequal%n",
                    summary.equalTraces(), summary.unequalTraces());
        }
        out.printf("violations              %d%n", summary.failure() == null ? 0 : 1);
        final List<String> missing = missing(summary.tally());
        final boolean isHole = summary.seeds() >= SEEDS_FOR_EVERY_FAULT && !missing.isEmpty();
        if (!missing.isEmpty()) {
            out.printf("%s: never happened: %s%n", isHole ? "FAILED" : "note", missing);
        }
        printFailure(summary);
        out.flush();
        return !summary.hasFailed() && !isHole;
    }

    private void printFailure(final Campaign.Summary summary) {
        final Simulation.Result failure = summary.failure();
        if (failure != null) {
            out.println();
            final List<String> trace = failure.trace();
            trace.subList(Math.max(0, trace.size() - TRACE_LINES), trace.size())
                    .forEach(out::println);
            out.println();
            out.printf("FAILED: seed %d broke the rule %s%n", failure.seed(), failure.violation());
            out.printf(
                    "again, with the whole trace: ./ringledger simulate --seed %d%n",
                    failure.seed());
        }
    }
}
