package io.ringledger.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

final class ReportTest {
    @TempDir
    private Path folder;

    private Bench bench() {
        return new Bench(
                Scale.QUICK,
                folder,
                new Progress(new PrintStream(
                        OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)));
    }

    @Test
    void shouldGiveTheMedianAndTheRange() {
        assertThat(Spread.of(List.of(3.0, 1.0, 10.0))).isEqualTo(new Spread(3, 1, 10, 3));
        assertThat(Spread.of(List.of(4.0, 1.0, 2.0, 3.0))).isEqualTo(new Spread(2.5, 1, 4, 4));
    }

    @Test
    void shouldTakeRatiosRoundByRound() throws IOException {
        final Bench bench = bench();
        final double[] ours = {10, 90, 30};
        final double[] theirs = {10, 100, 10};
        for (int round = 0; round < ours.length; round++) {
            bench.record("ours", "/s", ours[round]);
            bench.record("theirs", "/s", theirs[round]);
        }
        bench.target(Target.ratioAtLeast("as fast", "ours", "theirs", 1));
        bench.target(Target.ratioAtMost("not too fast", "ours", "theirs", 0.5));
        bench.target(Target.atLeast("never measured", "nothing", 5, "/s"));
        final String text =
                Files.readString(Report.write(folder, "here", bench, List.of(), List.of()));
        assertThat(text)
                .contains(
                        "| as fast | at least 1.00 times | 1.00 (0.90 to 3.00) | yes, rounds: 3 |")
                .contains(
                        "| not too fast | at most 0.50 times | 1.00 (0.90 to 3.00) | **no**, rounds: 3 |")
                .contains("| never measured | at least 5.00 /s | not measured |  |")
                .contains("| ours | 30.0 /s | 10.0 to 90.0 | 3 |");
    }

    @Test
    void shouldRefuseRatiosOfFiguresThatWereNotMeasuredInTurns() {
        final Figure two = new Figure("two", "/s");
        two.add(1);
        two.add(1);
        final Figure one = new Figure("one", "/s");
        one.add(1);
        assertThatThrownBy(() -> Target.ratioAtLeast("row", "two", "one", 1)
                        .reached(Map.of("two", two, "one", one)))
                .hasMessage("not measured in turns: two 2 rounds, one 1");
    }

    @Test
    void shouldHaveNoFiguresOfAnExperimentThatFailed() throws IOException {
        final Bench bench = bench();
        final Bench failed = bench.forOneExperiment();
        failed.record("ours", "/s", 10);
        failed.note("a note");
        failed.target(Target.atLeast("fast", "ours", 5, "/s"));
        bench.takeInFailed(failed);
        final String text = Files.readString(
                Report.write(folder, "here", bench, List.of(), List.of("write-side: wrong")));
        assertThat(text)
                .contains("| fast | at least 5.00 /s | not measured |  |")
                .doesNotContain("| ours |", "a note");
    }

    @Test
    void shouldTakeInNothingThatWasNotMeasuredInTurns() {
        final Bench bench = bench();
        final Bench uneven = bench.forOneExperiment();
        uneven.record("ours", "/s", 10);
        uneven.record("ours", "/s", 10);
        uneven.record("theirs", "/s", 10);
        uneven.target(Target.ratioAtLeast("row", "ours", "theirs", 1));
        assertThatThrownBy(() -> bench.takeIn(uneven))
                .hasMessageContaining("not measured in turns");
        assertThat(bench.figures()).isEmpty();
    }

    @Test
    void shouldSayWhatFailed() throws IOException {
        final String text = Files.readString(Report.write(
                folder, "here", bench(), List.of(), List.of("write-side: a balance is wrong")));
        assertThat(text).contains("**No figures:** write-side: a balance is wrong");
    }

    @Test
    void shouldDrawPlots() throws IOException {
        final Plot plot = new Plot("speed", "Speed", "connections", "commands/s")
                .logarithmic(true, false)
                .point("ledger", 16, 1_000)
                .point("ledger", 4_096, 50_000)
                .point("echo", 16, 2_000);
        PlotFiles.write(folder, plot);
        assertThat(Files.readString(folder.resolve("speed.svg")))
                .contains("<svg")
                .contains("<path")
                .doesNotContain("NaN");
    }
}
