package io.ringledger.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * That every experiment still runs, checks its balances and reports; how fast anything is plays no
 * part. Each experiment that measures wrong balances fails, and with it the command.
 */
final class BenchSmokeTest {
    private static final Pattern PLOT = Pattern.compile("\\]\\(([^)]+\\.svg)\\)");

    @TempDir
    private Path folder;

    private static Stream<String> experiments() {
        return Experiments.all().stream()
                .filter(experiment -> experiment.isIn(Scale.SMOKE))
                .map(Experiment::name);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("experiments")
    void shouldRunAndReport(final String name) throws IOException {
        final int exitCode =
                BenchMain.run("--smoke", "--only", name, "--results", folder.toString());
        final String report = Files.readString(folder.resolve("results.md"));
        final List<String> failures = report.lines()
                .filter(line -> line.startsWith(Report.NO_FIGURES))
                .toList();
        assertThat(failures).isEmpty();
        assertThat(exitCode).isZero();
        assertThat(report).contains(name, "smoke").doesNotContain("not measured");
        for (final MatchResult plot : PLOT.matcher(report).results().toList()) {
            assertThat(folder.resolve(plot.group(1))).isNotEmptyFile();
        }
    }

    @Test
    void shouldListTheExperimentsToWhoeverNamesAnUnknownOne() {
        assertThat(BenchMain.run("--only", "none")).isEqualTo(2);
    }
}
