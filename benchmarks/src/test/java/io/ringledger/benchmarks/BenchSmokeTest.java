package io.ringledger.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * That every experiment still runs, checks its balances and reports; how fast anything is plays no
 * part. Each experiment that measures wrong balances fails, and with it the command.
 */
final class BenchSmokeTest {
    private static final Pattern PLOT = Pattern.compile("\\]\\(([^)]+\\.svg)\\)");

    @TempDir
    private Path folder;

    @Test
    void shouldRunEveryExperimentAndReportIt() throws IOException {
        assertThat(BenchMain.run("--smoke", "--results", folder.toString())).isZero();
        final String report = Files.readString(folder.resolve("results.md"));
        for (final Experiment experiment : Experiments.all()) {
            assertThat(report).contains(experiment.question());
        }
        assertThat(report).contains("smoke").doesNotContain("not measured");
        for (final MatchResult plot : PLOT.matcher(report).results().toList()) {
            assertThat(folder.resolve(plot.group(1))).isNotEmptyFile();
        }
    }

    @Test
    void shouldListTheExperimentsToWhoeverNamesAnUnknownOne() {
        assertThat(BenchMain.run("--only", "none")).isEqualTo(2);
    }
}
