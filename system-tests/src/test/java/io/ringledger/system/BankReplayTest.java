package io.ringledger.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringledger.loadtests.BankOracle;
import io.ringledger.loadtests.Replay;
import io.ringledger.loadtests.ReplaySummary;
import io.ringledger.localstack.LocalStack;
import io.ringledger.localstack.StackOptions;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A year of a real bank through the whole pipeline in one process. */
final class BankReplayTest {
    private static LocalStack stack;

    @BeforeAll
    static void start() throws Exception {
        stack = Stacks.start(StackOptions.inOneProcess(2));
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    @Test
    void shouldBookEverythingExactlyAndMoveNothingTheSecondTime() throws Exception {
        final ReplaySummary first = replay("limit-", Stacks.BANK_LIMIT);
        Stacks.print("bank replay, limit 600,000", first);
        assertThat(first.isComplete()).isTrue();
        assertThat(first.isCorrect()).isTrue();
        assertThat(first.accepted()).isEqualTo(Stacks.BANK_TRANSACTIONS);
        assertThat(first.refusedTransactionIds()).isEmpty();
        assertThat(first.balanceSumMinor()).isEqualTo(Stacks.BANK_SUM);
        assertThat(first.maxBankDifferenceMinor()).isLessThanOrEqualTo(80);

        System.out.printf(
                "bytes an event in the log: %.1f, events a frame: %.1f%n",
                metric("ringledger_frame_record_bytes_sum")
                        / metric("ringledger_events_appended_total"),
                metric("ringledger_events_appended_total")
                        / metric("ringledger_frame_record_bytes_count"));

        final ReplaySummary second = replay("limit-", Stacks.BANK_LIMIT);
        Stacks.print("bank replay, second time", second);
        assertThat(second.isReplayedAsAWhole()).isTrue();
        assertThat(second.isCorrect()).isTrue();
        assertThat(second.balanceSumMinor()).isEqualTo(Stacks.BANK_SUM);
    }

    @Test
    void shouldRefuseExactlyWhatAnIndependentComputationRefuses() throws Exception {
        final BankOracle oracle = BankOracle.of(Stacks.bankTransactions(), 0);
        final ReplaySummary summary = replay("none-", 0);
        Stacks.print("bank replay, no limit", summary);
        assertThat(oracle.refusedTransactionIds()).isNotEmpty();
        assertThat(summary.isComplete()).isTrue();
        assertThat(summary.isCorrect()).isTrue();
        assertThat(summary.refusedTransactionIds())
                .containsExactlyInAnyOrderElementsOf(oracle.refusedTransactionIds());
        assertThat(summary.balanceSumMinor()).isEqualTo(oracle.balanceSumMinor());
    }

    /** Sum of a meter over the partitions. */
    private static double metric(final String name) throws Exception {
        try (Api api = new Api(stack.url())) {
            final double sum = api.get("/metrics")
                    .body()
                    .lines()
                    .filter(line -> line.startsWith(name + "{"))
                    .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                    .sum();
            assertThat(sum).as(name).isPositive();
            return sum;
        }
    }

    private static ReplaySummary replay(final String prefix, final long limit) throws Exception {
        try (Replay replay = Stacks.bankReplay(stack.url(), prefix, limit)) {
            return replay.run();
        }
    }
}
