package io.ringledger.benchmarks;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;

/** {@code ./ringledger bench}: all experiments, one after another, and their report. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true,
        description = {
            "Measures the ledger beside its neighbours and peers, everything on this machine, and"
                    + " writes a table and plots.",
            "Wants the machine for itself: what else runs is in the figures."
        },
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:everything was measured; whether targets are met stands in the report",
            "1:an experiment failed or measured wrong balances: it has no figures",
            "2:the arguments are wrong"
        })
public final class BenchMain implements Callable<Integer> {
    private static final int FAILED = 1;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--quick", description = "within 10 minutes instead of 60")
    private boolean isQuick;

    @Option(
            names = "--smoke",
            description = "shows within a minute or two that all works; its figures mean nothing")
    private boolean isSmoke;

    @Option(
            names = "--only",
            paramLabel = "NAME",
            split = ",",
            description = "these experiments only; an unknown name lists all")
    private List<String> only = List.of();

    @Option(
            names = "--results",
            paramLabel = "FOLDER",
            description = "where results go (default: load-tests/results/<time>)")
    private @Nullable Path results;

    private BenchMain() {}

    /** Runs what is asked for. */
    public static void main(final String[] args) {
        System.exit(run(args));
    }

    /** The same, without ending the process: the exit code. */
    static int run(final String... args) {
        return new CommandLine(new BenchMain()).execute(args);
    }

    @Override
    public Integer call() throws IOException {
        final Scale scale = isSmoke ? Scale.SMOKE : isQuick ? Scale.QUICK : Scale.FULL;
        final List<Experiment> experiments = chosen(scale);
        final Path folder = Files.createDirectories(results == null ? defaultFolder() : results);
        final Progress progress = new Progress(System.out);
        experiments.forEach(experiment -> progress.expect(experiment.estimatedSeconds(scale)));
        final Bench bench = new Bench(scale, folder, progress);
        final List<String> failures = new ArrayList<>();
        for (final Experiment experiment : experiments) {
            progress.begin(experiment.name());
            final Bench own = bench.forOneExperiment();
            try {
                experiment.run(own);
                bench.takeIn(own);
            } catch (final InterruptedException e) {
                Thread.currentThread().interrupt();
                return FAILED;
            } catch (final Exception | LinkageError | AssertionError e) {
                failures.add(experiment.name() + ": " + e);
                bench.takeInFailed(own);
                progress.step("failed: " + e);
            }
            progress.end(experiment.estimatedSeconds(scale));
        }
        for (final Plot plot : bench.plots()) {
            PlotFiles.write(folder, plot);
        }
        final Path report = Report.write(
                folder,
                scale.name().toLowerCase(Locale.ROOT) + ", "
                        + LocalDateTime.now(ZoneOffset.UTC)
                                .format(DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm"))
                        + " UTC",
                bench,
                experiments,
                failures);
        System.out.println();
        System.out.print(Files.readString(report));
        System.out.println("\nwritten: " + report);
        return failures.isEmpty() ? 0 : FAILED;
    }

    private List<Experiment> chosen(final Scale scale) {
        final List<Experiment> all = Experiments.all();
        final List<String> names = all.stream().map(Experiment::name).toList();
        for (final String name : only) {
            if (!names.contains(name) && spec != null) {
                throw new ParameterException(
                        spec.commandLine(),
                        "no experiment is called " + name + "; there are: "
                                + names.stream().collect(Collectors.joining(", ")));
            }
        }
        return all.stream()
                .filter(experiment ->
                        only.isEmpty() ? experiment.isIn(scale) : only.contains(experiment.name()))
                .toList();
    }

    private static Path defaultFolder() {
        final Path root = Path.of(System.getProperty("ringledger.root", "."));
        return root.resolve("load-tests/results")
                .resolve(LocalDateTime.now(ZoneOffset.UTC)
                        .format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss")));
    }
}
