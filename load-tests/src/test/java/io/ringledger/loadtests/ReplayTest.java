package io.ringledger.loadtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The replay as other tests call it. */
@Timeout(120)
class ReplayTest {
    private @Nullable FakeLedger started;

    @BeforeEach
    void start() throws IOException {
        started = new FakeLedger();
    }

    @AfterEach
    void stop() {
        ledger().close();
    }

    @Test
    void shouldSendAgainWhatIsNotAnsweredInTime() {
        ledger().faults.hangingKey = "t3";

        final ReplaySummary summary = run(options(8, Duration.ofSeconds(1)), transactions(4, 5));

        assertThat(summary.isComplete()).as(summary::toString).isTrue();
        assertThat(summary.isCorrect()).isTrue();
        assertThat(summary.writeRetries()).containsKey("timeout");
        assertThat(summary.replayed()).isPositive();
    }

    @Test
    void shouldGoOnWritingWhileTheViewsAreAway() {
        final List<BankTransaction> transactions = transactions(6, 50);
        ledger().faults.viewDownUntilWrites = 6 + transactions.size();

        final ReplaySummary summary = run(options(3, Duration.ofSeconds(10)), transactions);

        assertThat(summary.isComplete()).as(summary::toString).isTrue();
        assertThat(summary.isCorrect()).isTrue();
        assertThat(summary.accepted()).isEqualTo(300);
        assertThat(summary.readRetries()).containsKey("view_unavailable");
        assertThat(summary.lag().count() + summary.lagSamplesSkipped()).isEqualTo(300);
        assertThat(summary.lag().count()).isPositive();
    }

    @Test
    void shouldStopSoonAndGoOnWhereItWas() throws Exception {
        final List<BankTransaction> transactions = transactions(20, 50);
        ledger().faults.delayMs = 20;
        final ReplaySummary stopped;
        try (Replay replay = new Replay(options(4, Duration.ofSeconds(10)), transactions)) {
            final CompletableFuture<ReplaySummary> running =
                    CompletableFuture.supplyAsync(replay::run);
            while (replay.progress().done() < 20) {
                Thread.onSpinWait();
            }
            replay.stop();
            stopped = running.get(10, TimeUnit.SECONDS);
        }
        assertThat(stopped.isComplete()).isFalse();
        assertThat(stopped.isCorrect()).as(stopped::toString).isTrue();
        assertThat(stopped.sent()).isBetween(20L, 999L);
        assertThat(stopped.errors()).containsExactly("stopped before the end");
        ledger().faults.delayMs = 0;

        final ReplaySummary resumed = run(options(4, Duration.ofSeconds(10)), transactions);

        assertThat(resumed.isComplete()).as(resumed::toString).isTrue();
        assertThat(resumed.isCorrect()).isTrue();
        assertThat(resumed.replayed()).isBetween(stopped.sent(), 999L);
        assertThat(resumed.isReplayedAsAWhole()).isFalse();
        assertThat(resumed.balanceSumMinor()).isEqualTo(20 * 50 * 7);
    }

    @Test
    void shouldAskCommandsAndQueriesAtTheirOwnPorts() throws IOException {
        try (FakeLedger other = new FakeLedger()) {
            final ReplayOptions same = options(2, Duration.ofSeconds(10));
            final ReplayOptions apart = new ReplayOptions(
                    ledger().url(),
                    other.url(),
                    same.creditLimitMinor(),
                    same.concurrency(),
                    same.accountPrefix(),
                    Duration.ofSeconds(2),
                    same.attemptTimeout(),
                    same.maxBankDifferenceMinor(),
                    same.sampleEvery());
            // The other one knows no account: the queries fail, and the commands do not.
            final ReplaySummary summary = run(apart, transactions(1, 3));

            assertThat(summary.accepted()).isEqualTo(3);
            assertThat(summary.isComplete()).isFalse();
            assertThat(other.writes()).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "ftp://127.0.0.1, 0, 1, a-, 120",
        "http://127.0.0.1/v1, 0, 1, a-, 120",
        "localhost:8080, 0, 1, a-, 120",
        "http://127.0.0.1, -1, 1, a-, 120",
        "http://127.0.0.1, 9007199254740992, 1, a-, 120",
        "http://127.0.0.1, 0, 0, a-, 120",
        "http://127.0.0.1, 0, 1025, a-, 120",
        "http://127.0.0.1, 0, 1, a/, 120",
        "http://127.0.0.1, 0, 1, a-, 0"
    })
    void shouldRefuseBadOptions(
            final URI url,
            final long creditLimit,
            final int concurrency,
            final String prefix,
            final int deadlineSeconds) {
        assertThatThrownBy(() -> new ReplayOptions(
                        url,
                        url,
                        creditLimit,
                        concurrency,
                        prefix,
                        Duration.ofSeconds(deadlineSeconds),
                        Duration.ofSeconds(1),
                        80,
                        20))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldShowHowFarItIs() {
        final Replay.Progress sending = new Replay.Progress(false, 18_441, 36_883, 7, 2);
        assertThat(ProgressDisplay.line(sending, 1234.4, true))
                .isEqualTo("replay [##############................]  49 %  18,441/36,883  1,234/s"
                        + "  refused 7  retried 2");
        final Replay.Progress checking = new Replay.Progress(true, 925, 925, 0, 0);
        assertThat(ProgressDisplay.line(checking, 0, false))
                .isEqualTo("views  100 %  925/925  0/s  refused 0  retried 0");
    }

    private static ReplaySummary run(
            final ReplayOptions options, final List<BankTransaction> transactions) {
        try (Replay replay = new Replay(options, transactions)) {
            return replay.run();
        }
    }

    private ReplayOptions options(final int concurrency, final Duration attemptTimeout) {
        return new ReplayOptions(
                ledger().url(),
                ledger().url(),
                0,
                concurrency,
                "test-",
                Duration.ofSeconds(60),
                attemptTimeout,
                80,
                1);
    }

    private FakeLedger ledger() {
        return Objects.requireNonNull(started);
    }

    /** Credits of 7 each, the accounts in turns. */
    private static List<BankTransaction> transactions(final int accounts, final int each) {
        final List<BankTransaction> transactions = new ArrayList<>();
        for (int i = 0; i < accounts * each; i++) {
            transactions.add(new BankTransaction(
                    i + 2,
                    "t" + i,
                    Integer.toString(i % accounts),
                    LocalDate.EPOCH,
                    BankTransaction.Type.CREDIT,
                    7,
                    7L * (i / accounts + 1),
                    "cash_deposit"));
        }
        return transactions;
    }
}
