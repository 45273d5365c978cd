package io.ringledger.torture;

import io.ringledger.localstack.faults.Fault;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a campaign did and found.
 *
 * @param options how it ran
 * @param tally kills, pauses and ends
 * @param failpoints kills at each step
 * @param kinesisFaults faults in front of Kinesis
 * @param dynamoDbFaults faults in front of DynamoDB
 * @param quietMs takeovers while nothing else was broken
 * @param disturbedMs the other takeovers
 * @param history the client's journal
 * @param unknowns commands without an answer
 * @param log what was read of it
 * @param convergedMs from the end of the faults until all outcomes were known and the views there
 * @param tookSeconds all in all
 * @param findings what is wrong
 */
record Report(
        TortureOptions options,
        Tally tally,
        Map<String, Integer> failpoints,
        Map<Fault, Long> kinesisFaults,
        Map<Fault, Long> dynamoDbFaults,
        List<Long> quietMs,
        List<Long> disturbedMs,
        History history,
        AnswerCheck.Unknowns unknowns,
        String log,
        long convergedMs,
        long tookSeconds,
        Findings findings) {
    long kills() {
        return tally.sum("kill/") + tally.sum("failpoint/");
    }

    long pauses() {
        return tally.sum("pause/");
    }

    long acknowledged() {
        return history.asked() - findings.found(AnswerCheck.OPEN);
    }

    boolean isClean() {
        return findings.isClean() && !(options.isOwnersOnly() && quietMs.isEmpty());
    }

    /** Faults that were to happen and never did: they prove nothing. */
    List<String> neverHappened() {
        if (options.isOwnersOnly()) {
            return List.of();
        }
        final List<String> never = new java.util.ArrayList<>();
        failpoints.forEach((point, count) -> addIfNone(never, "failpoint " + point, count));
        kinesisFaults.forEach((fault, count) -> addIfNone(never, "kinesis " + fault, count));
        dynamoDbFaults.forEach((fault, count) -> addIfNone(never, "dynamodb " + fault, count));
        return never;
    }

    private static void addIfNone(final List<String> never, final String what, final Number count) {
        if (count.longValue() == 0) {
            never.add(what.toLowerCase(Locale.ROOT));
        }
    }

    @Override
    public String toString() {
        final StringBuilder text = new StringBuilder();
        appendFaults(text);
        appendLoad(text);
        for (final Findings.Finding finding : findings.list()) {
            line(text, finding.name(), bounded(finding));
        }
        findings.examples().forEach(example -> text.append("  ").append(example).append('\n'));
        line(text, "verdict", isClean() ? "nothing acknowledged was lost" : "VIOLATED");
        return text.toString();
    }

    private void appendFaults(final StringBuilder text) {
        line(text, "seed", options.seed() + "; " + tookSeconds + " s in all");
        line(
                text,
                "kills",
                number(kills()) + ": " + tally.counts("kill/") + " by SIGKILL, "
                        + tally.counts("failpoint/") + " at failpoints");
        line(text, "pauses", number(pauses()) + ": " + tally.counts("pause/"));
        line(text, "Postgres restarts", number(tally.sum("postgres/")));
        line(text, "ended by themselves", tally.counts("ended by itself/"));
        line(text, "failpoints", failpoints);
        line(text, "faults of Kinesis", kinesisFaults);
        line(text, "faults of DynamoDB", dynamoDbFaults);
        line(text, "never happened", neverHappened());
    }

    private void appendLoad(final StringBuilder text) {
        line(text, "log", log);
        line(
                text,
                "commands",
                number(history.asked()) + " asked, " + number(acknowledged())
                        + " acknowledged and checked, " + number(history.repeated())
                        + " answers that repeat one, " + number(history.forged()) + " forged");
        final double share = 100.0 * unknowns.tookEffect() / Math.max(1, unknowns.unanswered());
        line(
                text,
                "unanswered once",
                number(unknowns.unanswered()) + ", of which " + number(unknowns.tookEffect())
                        + String.format(Locale.ROOT, " (%.1f %%)", share)
                        + " had taken effect; attempts " + history.unknownBy());
        line(
                text,
                "takeover, rest quiet",
                Takeovers.describe(quietMs) + " (bound: " + options.takeoverBoundMs() + " ms)");
        line(text, "takeover, disturbed", Takeovers.describe(disturbedMs));
        line(text, "converged after", number(convergedMs) + " ms");
    }

    private String bounded(final Findings.Finding finding) {
        final String of = number(finding.found()) + " of " + number(finding.checked());
        if (finding.found() > 0 || finding.checked() == 0) {
            return of;
        }
        final double each = 3.0 / finding.checked();
        final double fault = 3.0 / Math.max(1, kills() + pauses());
        return of
                + String.format(
                        Locale.ROOT,
                        " (below %.1e each, %.1e a kill or pause, at 95 %%)",
                        each,
                        fault);
    }

    private static String number(final long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    private static void line(final StringBuilder text, final String name, final Object value) {
        text.append(String.format(Locale.ROOT, "%-52s ", name)).append(value).append('\n');
    }
}
