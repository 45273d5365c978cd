package io.ringledger.loadtests;

import com.fasterxml.jackson.core.JsonGenerator;

import io.ringledger.loadtests.ReplaySummary.CheckResult;
import io.ringledger.loadtests.ReplaySummary.Latency;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Shows a replay's summary to people, and to programs. */
final class SummaryPrinter {
    private SummaryPrinter() {}

    /** Writes the summary as text. */
    static void print(final ReplaySummary summary, final PrintWriter out) {
        out.printf(
                Locale.ROOT,
                "  accounts         %,d opened (%,d of them replays)%n",
                summary.accounts(),
                summary.accountsReplayed());
        out.printf(
                Locale.ROOT,
                "  transactions     %,d sent of %,d: %,d accepted, %,d refused;"
                        + " %,d of the answers were replays%n",
                summary.sent(),
                summary.transactions(),
                summary.accepted(),
                summary.refusedTransactionIds().size(),
                summary.replayed());
        out.println("  writes retried   " + causes(summary.writeRetries()));
        out.println("  reads retried    " + causes(summary.readRetries()));
        out.printf(
                Locale.ROOT,
                "  rate             %,d transactions/s over %.1f s%n",
                summary.transactionsPerSecond(),
                summary.writeMs() / 1_000.0);
        out.println("  write latency    "
                + latency(summary.writeLatency())
                + " (sent until answered, retries included)");
        out.println("  lag of views     " + lag(summary));
        if (summary.isComplete()) {
            out.printf(Locale.ROOT, "  sum of balances  %,d%n", summary.balanceSumMinor());
        }
        out.printf(
                Locale.ROOT,
                "  off the bank     at most %,d at a transaction%n",
                summary.maxBankDifferenceMinor());
        out.println();
        summary.checks().forEach(check -> print(check, out));
        summary.errors().forEach(error -> out.println("  ERROR  " + error));
        out.println();
        out.println(verdict(summary));
        out.flush();
    }

    private static void print(final CheckResult check, final PrintWriter out) {
        final String state =
                check.failures() > 0 ? "FAILED" : check.comparisons() == 0 ? "-     " : "ok    ";
        out.printf(
                Locale.ROOT,
                "  %s %s (%,d compared%s)%n",
                state,
                check.name(),
                check.comparisons(),
                check.failures() == 0 ? "" : ", " + check.failures() + " wrong");
        check.firstFailures().forEach(failure -> out.println("         " + failure));
    }

    private static String verdict(final ReplaySummary summary) {
        if (!summary.isCorrect()) {
            return "FAILED: the ledger's answers are wrong, see above";
        }
        if (!summary.isComplete()) {
            return "INCOMPLETE: run it again to go on; what is booked already is answered again, not"
                    + " booked twice";
        }
        return summary.isReplayedAsAWhole()
                ? "OK: every answer was a replay of the first run's; no balance moved"
                : "OK: every balance is exact";
    }

    private static String lag(final ReplaySummary summary) {
        if (summary.lag().count() == 0) {
            return "not measured: there was no first answer to sample";
        }
        return String.format(
                Locale.ROOT,
                "%s over %,d samples%s (a write's answer until the answer of a read with after="
                        + " that shows it)",
                latency(summary.lag()),
                summary.lag().count(),
                summary.lagSamplesSkipped() == 0
                        ? ""
                        : ", " + summary.lagSamplesSkipped() + " more skipped");
    }

    private static String latency(final Latency latency) {
        return String.format(
                Locale.ROOT,
                "p50 %.1f ms, p99 %.1f ms, max %.1f ms",
                latency.p50Us() / 1_000.0,
                latency.p99Us() / 1_000.0,
                latency.maxUs() / 1_000.0);
    }

    private static String causes(final Map<String, Long> counts) {
        return counts.isEmpty()
                ? "none"
                : counts.entrySet().stream()
                        .map(entry -> String.format(
                                Locale.ROOT, "%,d %s", entry.getValue(), entry.getKey()))
                        .collect(Collectors.joining(", "));
    }

    /** Writes the summary as one JSON object. */
    static void writeJson(final ReplaySummary summary, final Path file) throws IOException {
        try (OutputStream out = Files.newOutputStream(file);
                JsonGenerator json = Json.FACTORY.createGenerator(out).useDefaultPrettyPrinter()) {
            json.writeStartObject();
            json.writeBooleanField("correct", summary.isCorrect());
            json.writeBooleanField("complete", summary.isComplete());
            json.writeBooleanField("replayedAsAWhole", summary.isReplayedAsAWhole());
            json.writeNumberField("accounts", summary.accounts());
            json.writeNumberField("accountsReplayed", summary.accountsReplayed());
            json.writeNumberField("transactions", summary.transactions());
            json.writeNumberField("sent", summary.sent());
            json.writeNumberField("accepted", summary.accepted());
            json.writeNumberField("refused", summary.refusedTransactionIds().size());
            json.writeNumberField("replayed", summary.replayed());
            counts(json, "writeRetries", summary.writeRetries());
            counts(json, "readRetries", summary.readRetries());
            json.writeNumberField("writeMs", summary.writeMs());
            json.writeNumberField("transactionsPerSecond", summary.transactionsPerSecond());
            latency(json, "writeLatency", summary.writeLatency());
            latency(json, "lag", summary.lag());
            json.writeNumberField("lagSamplesSkipped", summary.lagSamplesSkipped());
            json.writeNumberField("balanceSumMinor", summary.balanceSumMinor());
            json.writeNumberField("maxBankDifferenceMinor", summary.maxBankDifferenceMinor());
            json.writeArrayFieldStart("checks");
            for (final CheckResult check : summary.checks()) {
                json.writeStartObject();
                json.writeStringField("name", check.name());
                json.writeNumberField("comparisons", check.comparisons());
                json.writeNumberField("failures", check.failures());
                strings(json, "firstFailures", check.firstFailures());
                json.writeEndObject();
            }
            json.writeEndArray();
            strings(json, "errors", summary.errors());
            strings(json, "refusedTransactionIds", summary.refusedTransactionIds());
            json.writeEndObject();
        }
    }

    private static void counts(
            final JsonGenerator json, final String name, final Map<String, Long> counts)
            throws IOException {
        json.writeObjectFieldStart(name);
        for (final Map.Entry<String, Long> count : counts.entrySet()) {
            json.writeNumberField(count.getKey(), count.getValue());
        }
        json.writeEndObject();
    }

    private static void latency(final JsonGenerator json, final String name, final Latency latency)
            throws IOException {
        json.writeObjectFieldStart(name);
        json.writeNumberField("count", latency.count());
        json.writeNumberField("p50Us", latency.p50Us());
        json.writeNumberField("p99Us", latency.p99Us());
        json.writeNumberField("maxUs", latency.maxUs());
        json.writeEndObject();
    }

    private static void strings(
            final JsonGenerator json, final String name, final Iterable<String> texts)
            throws IOException {
        json.writeArrayFieldStart(name);
        for (final String text : texts) {
            json.writeString(text);
        }
        json.writeEndArray();
    }
}
