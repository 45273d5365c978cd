package io.ringledger.gatling;

import org.HdrHistogram.Histogram;

import java.util.Locale;

/** Figures of one run as Markdown. Stateless. */
final class RunReport {
    private RunReport() {}

    /** For a run whose balances were right. */
    static String right(final Kind kind, final Load load) {
        final StringBuilder text = heading(kind, load);
        text.append(String.format(
                Locale.ROOT,
                "%,d commands with an outcome, %,d of them refused for lack of funds; %,d balances as"
                        + " acknowledged.%n%n",
                load.book().outcomes(),
                load.book().refusals(),
                load.accounts().size()));
        text.append("| request, ms | answers | p50 | p90 | p99 | p99.9 | longest | no outcome |\n");
        text.append("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
        for (final Meter.Line line : load.meter().lines()) {
            final Histogram times = line.timesMs();
            text.append(String.format(
                    Locale.ROOT,
                    "| %s | %,d | %d | %d | %d | %d | %d | %,d |%n",
                    line.request(),
                    times.getTotalCount(),
                    times.getValueAtPercentile(50),
                    times.getValueAtPercentile(90),
                    times.getValueAtPercentile(99),
                    times.getValueAtPercentile(99.9),
                    times.getMaxValue(),
                    line.failures()));
        }
        return text.append('\n').toString();
    }

    /** For a run that has no figures. */
    static String wrong(final Kind kind, final Load load) {
        final StringBuilder text = heading(kind, load).append("**No figures: it was wrong.**\n\n");
        load.book()
                .findings()
                .forEach(finding -> text.append("- ").append(finding).append('\n'));
        return text.append('\n').toString();
    }

    private static StringBuilder heading(final Kind kind, final Load load) {
        return new StringBuilder(String.format(
                Locale.ROOT,
                "## %s%n%nArrivals: %s a second for %d s, after %d s from nothing to there;"
                        + " %,d accounts.%n%n",
                kind.label(),
                load.rate() == Math.rint(load.rate())
                        ? Long.toString((long) load.rate())
                        : Double.toString(load.rate()),
                load.seconds(),
                load.rampSeconds(),
                load.accounts().size()));
    }
}
