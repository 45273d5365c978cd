package io.ringledger.torture;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a rehearsal did and found.
 *
 * @param name of the rehearsal
 * @param facts it has to tell
 * @param tally of what clients were answered
 * @param unservedMs the longest time without an outcome, of each partition
 * @param stopped processes that were asked to stop
 * @param findings what is wrong
 */
record RehearsalReport(
        String name,
        Facts facts,
        Tally tally,
        List<Long> unservedMs,
        List<Instance.Stopped> stopped,
        Findings findings) {
    static final String FAILED = "requests that failed with something else than 503";
    static final String FAILED_QUERIES = "queries that failed with something else than 503";
    static final String UNCLEAN = "processes that did not stop when asked to";

    /** Adds to the findings what clients and stops have to say. */
    RehearsalReport {
        findings.checked(FAILED, requests(tally));
        tally.counts(LedgerHttp.UNANSWERED)
                .forEach((why, count) -> findings.addAll(FAILED, count, why));
        tally.counts(LedgerHttp.STATUS).forEach((status, count) -> {
            if (status.charAt(0) == '5' && !status.equals("503")) {
                findings.addAll(FAILED, count, status);
            }
        });
        findings.checked(FAILED_QUERIES, tally.sum(QueryLoad.STATUS));
        tally.counts(QueryLoad.FAILED)
                .forEach((why, count) -> findings.addAll(FAILED_QUERIES, count, why));
        findings.checked(UNCLEAN, stopped.size());
        for (final Instance.Stopped stop : stopped) {
            if (!stop.isClean()) {
                findings.add(UNCLEAN, stop.name() + " ended with " + stop.exitCode());
            }
        }
    }

    private static long requests(final Tally tally) {
        return tally.sum(LedgerHttp.STATUS) + tally.sum(LedgerHttp.UNANSWERED);
    }

    boolean isClean() {
        return findings.isClean();
    }

    /** Requests with commands, answered or not. */
    long requests() {
        return requests(tally);
    }

    @Override
    public String toString() {
        final StringBuilder text = new StringBuilder();
        line(text, "rehearsal", name);
        line(
                text,
                "requests with commands",
                number(requests()) + ": " + tally.counts(LedgerHttp.STATUS) + ", unanswered "
                        + tally.counts(LedgerHttp.UNANSWERED));
        line(text, "commands answered 503, asked again", tally.counts(LedgerHttp.PROBLEM));
        final Map<String, Long> queries = tally.counts(QueryLoad.STATUS);
        line(
                text,
                "queries",
                number(tally.sum(QueryLoad.STATUS)) + ": " + queries + ", 503s "
                        + tally.counts(QueryLoad.PROBLEM));
        line(text, "longest without an outcome, ms, by partition", unservedMs);
        line(
                text,
                "stops, ms",
                stopped.stream().map(stop -> stop.name() + " " + stop.tookMs()).toList());
        facts.lines().forEach((name, value) -> line(text, name, value));
        for (final Findings.Finding finding : findings.list()) {
            line(
                    text,
                    finding.name(),
                    number(finding.found()) + " of " + number(finding.checked()));
        }
        findings.examples().forEach(example -> text.append("  ").append(example).append('\n'));
        line(text, "verdict", isClean() ? "as the page says" : "NOT AS THE PAGE SAYS");
        return text.toString();
    }

    private static String number(final long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    private static void line(final StringBuilder text, final String name, final Object value) {
        text.append(String.format(Locale.ROOT, "%-52s ", name)).append(value).append('\n');
    }
}
