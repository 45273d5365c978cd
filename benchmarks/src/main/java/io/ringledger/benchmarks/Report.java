package io.ringledger.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The run as Markdown: targets first, then every figure. Stateless. */
final class Report {
    /** How a line begins that says what was not measured, and why. */
    static final String NO_FIGURES = "**No figures:** ";

    private static final int USUAL_ROUNDS = 5;

    private Report() {}

    /** Writes {@code results.md} into the folder and returns it. */
    static Path write(
            final Path folder,
            final String heading,
            final Bench bench,
            final List<Experiment> experiments,
            final List<String> failures)
            throws IOException {
        final StringBuilder text = new StringBuilder(8_192);
        text.append("# Measured: ").append(heading).append("\n\n");
        text.append(Machine.describe()).append(".\n\n");
        text.append(
                "Medians of the rounds, lowest to highest in brackets; what a figure is compared"
                        + " with was measured in turns with it. Everything, load included, on this one"
                        + " machine.\n");
        if (bench.scale() == Scale.SMOKE) {
            text.append(
                    "\n**A smoke run: it shows that everything works; no figure of it counts.**\n");
        }
        failures.forEach(
                failure -> text.append('\n').append(NO_FIGURES).append(failure).append('\n'));
        targets(text, bench);
        figures(text, bench);
        if (!bench.notes().isEmpty()) {
            text.append("\n## Notes\n\n");
            bench.notes().forEach(note -> text.append("- ").append(note).append('\n'));
        }
        text.append("\n## Experiments\n\n");
        experiments.forEach(experiment -> text.append("- `")
                .append(experiment.name())
                .append("`: ")
                .append(experiment.question())
                .append('\n'));
        if (!bench.plots().isEmpty()) {
            text.append("\n## Plots\n");
            for (final Plot plot : bench.plots()) {
                text.append("\n![")
                        .append(plot.title())
                        .append("](")
                        .append(plot.name())
                        .append(".svg)\n");
            }
        }
        return Files.writeString(folder.resolve("results.md"), text);
    }

    private static void targets(final StringBuilder text, final Bench bench) {
        if (bench.targets().isEmpty()) {
            return;
        }
        final Map<String, Figure> figures = bench.figures().stream()
                .collect(Collectors.toMap(Figure::name, Function.identity()));
        text.append(
                "\n## Targets\n\n| what | target | reached | met |\n| --- | ---: | ---: | --- |\n");
        for (final Target target : bench.targets()) {
            final Optional<Spread> reached = target.reached(figures);
            text.append("| ")
                    .append(target.row())
                    .append(" | ")
                    .append(target.isAtLeast() ? "at least " : "at most ")
                    .append(number(target.bound()))
                    .append(' ')
                    .append(target.unit())
                    .append(" | ")
                    .append(reached.map(Report::spread).orElse("not measured"))
                    .append(" | ")
                    .append(reached.map(spread -> met(target, spread)).orElse(""))
                    .append(" |\n");
        }
    }

    /** A median of few rounds says so. */
    private static String met(final Target target, final Spread reached) {
        final String met = target.isMet(reached) ? "yes" : "**no**";
        return reached.rounds() >= USUAL_ROUNDS ? met : met + ", rounds: " + reached.rounds();
    }

    private static void figures(final StringBuilder text, final Bench bench) {
        text.append("""

                ## Figures

                | figure | median | lowest to highest | rounds |
                | --- | ---: | ---: | ---: |
                """);
        for (final Figure figure : bench.figures()) {
            final Spread spread = figure.spread();
            text.append("| ")
                    .append(figure.name())
                    .append(" | ")
                    .append(number(spread.median()))
                    .append(' ')
                    .append(figure.unit())
                    .append(" | ")
                    .append(number(spread.lowest()))
                    .append(" to ")
                    .append(number(spread.highest()))
                    .append(" | ")
                    .append(spread.rounds())
                    .append(" |\n");
        }
    }

    private static String spread(final Spread spread) {
        return number(spread.median()) + " (" + number(spread.lowest()) + " to "
                + number(spread.highest()) + ")";
    }

    /** Three digits that count, and whole numbers from a hundred on. */
    static String number(final double value) {
        final double size = Math.abs(value);
        if (size >= 100) {
            return String.format(Locale.ROOT, "%,.0f", value);
        }
        if (size >= 10) {
            return String.format(Locale.ROOT, "%.1f", value);
        }
        return String.format(Locale.ROOT, size >= 0.01 || size == 0 ? "%.2f" : "%.2g", value);
    }
}
