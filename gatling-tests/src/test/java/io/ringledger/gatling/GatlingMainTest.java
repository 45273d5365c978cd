package io.ringledger.gatling;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** What a run says of a ledger that is right, and of ledgers that are wrong. */
final class GatlingMainTest {
    @TempDir
    private Path folder;

    @Test
    void shouldReportARunWhoseBalancesAreRight() throws IOException {
        assertThat(run(FakeLedger.Fault.NONE, "mix", "retries")).isZero();
        assertThat(Files.readString(folder.resolve("results.md")))
                .contains("## mix", "## retries", "20 balances as acknowledged")
                .doesNotContain("No figures");
        try (var files = Files.walk(folder.resolve("mix"))) {
            assertThat(files).anyMatch(file -> file.endsWith("index.html"));
        }
    }

    @Test
    void shouldHaveNoFiguresWhereAnAcknowledgedCreditIsLost() throws IOException {
        assertNoFigures(FakeLedger.Fault.LOSES_CREDITS, "mix", "acknowledged Expected[");
    }

    @Test
    void shouldHaveNoFiguresWhereARefusalWasApplied() throws IOException {
        assertNoFigures(FakeLedger.Fault.APPLIES_WHAT_IT_REFUSES, "mix", "acknowledged Expected[");
    }

    @Test
    void shouldHaveNoFiguresWhereARetryIsNotMarked() throws IOException {
        assertNoFigures(FakeLedger.Fault.HIDES_REPLAYS, "retries", "without Idempotency-Replayed");
    }

    @Test
    void shouldRefuseWhatIsNoRate() {
        assertThat(GatlingMain.run("--rate", "0")).isEqualTo(2);
    }

    @Test
    void shouldEndWithOneWhereNobodyAnswers() throws IOException {
        final int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        assertThat(GatlingMain.run(
                        "--smoke",
                        "--url",
                        "http://127.0.0.1:" + port,
                        "--results",
                        folder.toString(),
                        "mix"))
                .isEqualTo(1);
    }

    @Test
    void shouldListTheSimulationsToWhoeverNamesAnUnknownOne() {
        assertThat(GatlingMain.run("none")).isEqualTo(2);
    }

    private void assertNoFigures(
            final FakeLedger.Fault fault, final String simulation, final String finding)
            throws IOException {
        assertThat(run(fault, simulation)).isEqualTo(1);
        assertThat(Files.readString(folder.resolve("results.md")))
                .contains("**No figures: it was wrong.**", finding)
                .doesNotContain("p99");
        try (var files = Files.walk(folder)) {
            assertThat(files).noneMatch(file -> file.endsWith("index.html"));
        }
    }

    private int run(final FakeLedger.Fault fault, final String... simulations) throws IOException {
        try (FakeLedger ledger = new FakeLedger(fault)) {
            final String[] options = {
                "--smoke",
                "--accounts",
                "20",
                "--url",
                ledger.url().toString(),
                "--results",
                folder.toString()
            };
            final String[] args = Arrays.copyOf(options, options.length + simulations.length);
            System.arraycopy(simulations, 0, args, options.length, simulations.length);
            return GatlingMain.run(args);
        }
    }
}
