package io.ringledger.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Experiments over HTTP work from their first process to their last figure; no figure is judged. */
final class WriteSmokeTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"write-side"})
    void shouldMeasureEveryRowOfItsTargets(final String name) throws Exception {
        final Bench bench = new Bench(
                Scale.SMOKE,
                folder,
                new Progress(new PrintStream(
                        OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)));
        Experiments.all().stream()
                .filter(experiment -> experiment.name().equals(name))
                .findFirst()
                .orElseThrow()
                .run(bench);
        assertThat(bench.figures()).isNotEmpty();
        final Map<String, Figure> figures = bench.figures().stream()
                .collect(Collectors.toMap(Figure::name, Function.identity()));
        assertThat(bench.targets())
                .allSatisfy(target ->
                        assertThat(target.reached(figures)).as(target.row()).isPresent());
        for (final Plot plot : bench.plots()) {
            assertThat(plot.lines()).as(plot.name()).isNotEmpty();
            PlotFiles.write(folder, plot);
            assertThat(folder.resolve(plot.name() + ".svg")).isNotEmptyFile();
        }
    }
}
