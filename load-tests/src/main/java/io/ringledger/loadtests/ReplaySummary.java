package io.ringledger.loadtests;

import java.util.List;
import java.util.Map;

/**
 * What a replay did and found.
 *
 * @param isComplete whether every transaction got an outcome and every view was read
 * @param accounts opened, a replayed opening counted too
 * @param accountsReplayed openings that were replays of earlier ones
 * @param transactions in the file
 * @param sent transactions that got an outcome
 * @param accepted transactions that the service booked
 * @param refusedTransactionIds transactions that it refused for insufficient funds
 * @param replayed outcomes that were replays of earlier ones
 * @param writeRetries how often a write was sent again, by cause
 * @param readRetries how often a read was sent again, by cause
 * @param writeMs from the first opening to the last outcome
 * @param transactionsPerSecond outcomes of transactions in that time
 * @param writeLatency from sending a command to its outcome, retries included
 * @param lag from a write's answer to the answer of a read that shows it
 * @param lagSamplesSkipped writes that were due to be sampled while too many samples were waiting
 * @param balanceSumMinor of all accounts, as the views have them
 * @param maxBankDifferenceMinor the largest difference of an answered balance from the one that the
 *     bank recorded, as long as everything of the account was accepted
 * @param checks what was compared, and what did not hold
 * @param errors why the replay could not be completed
 */
public record ReplaySummary(
        boolean isComplete,
        long accounts,
        long accountsReplayed,
        long transactions,
        long sent,
        long accepted,
        List<String> refusedTransactionIds,
        long replayed,
        Map<String, Long> writeRetries,
        Map<String, Long> readRetries,
        long writeMs,
        long transactionsPerSecond,
        Latency writeLatency,
        Latency lag,
        long lagSamplesSkipped,
        long balanceSumMinor,
        long maxBankDifferenceMinor,
        List<CheckResult> checks,
        List<String> errors) {

    /** Whether every comparison of every check held, however much of the file was done. */
    public boolean isCorrect() {
        return checks.stream().allMatch(check -> check.failures() == 0);
    }

    /** Whether nothing was new: each outcome was a replay of an earlier run. */
    public boolean isReplayedAsAWhole() {
        return isComplete && sent > 0 && replayed == sent && accountsReplayed == accounts;
    }

    /**
     * One promise of the service.
     *
     * @param name what must hold
     * @param comparisons how often it was compared
     * @param failures how often it did not hold
     * @param firstFailures the first of them, in words
     */
    public record CheckResult(
            String name, long comparisons, long failures, List<String> firstFailures) {}

    /**
     * Quantiles of measured times, microseconds; zero where nothing was measured.
     *
     * @param count how many were measured
     */
    public record Latency(long count, long p50Us, long p99Us, long maxUs) {}
}
