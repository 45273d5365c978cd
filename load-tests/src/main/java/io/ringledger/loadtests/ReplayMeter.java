package io.ringledger.loadtests;

import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;

/** What the accounts of a replay count and compare together. Any number of threads. */
final class ReplayMeter {
    private final Check answers = new Check("every write is answered with the exact balance");
    private final Check refusals = new Check("refused is what the credit limit does not cover");
    private final Check order = new Check("positions of an account ascend in one partition");
    private final Check ownWrites = new Check("a read with after= shows that write");
    private final Check views = new Check("the views end with the exact balance and credit limit");
    private final Check entries = new Check("the entries are the accepted transactions, in order");
    private final Check bank;

    private final long maxAllowedDifferenceMinor;
    private final LongAdder opened = new LongAdder();
    private final LongAdder openedReplayed = new LongAdder();
    private final LongAdder outcomes = new LongAdder();
    private final LongAdder accepted = new LongAdder();
    private final LongAdder replayed = new LongAdder();
    private final LongAdder viewsChecked = new LongAdder();
    private final ConcurrentLinkedQueue<String> refusedTransactionIds =
            new ConcurrentLinkedQueue<>();
    private final AtomicLong refused = new AtomicLong();
    private final LongAccumulator maxBankDifferenceMinor = new LongAccumulator(Math::max, 0);
    private final Histogram writeLatencyUs = new ConcurrentHistogram(3);

    /** A command on its way. */
    interface Write {
        Answer send() throws ReplayException;
    }

    ReplayMeter(final long maxAllowedDifferenceMinor) {
        this.maxAllowedDifferenceMinor = maxAllowedDifferenceMinor;
        bank = new Check(
                "the bank's own balances are within " + maxAllowedDifferenceMinor + " minor units");
    }

    Answer timed(final Write write) throws ReplayException {
        final long startNs = System.nanoTime();
        final Answer answer = write.send();
        writeLatencyUs.recordValue((System.nanoTime() - startNs) / 1_000);
        return answer;
    }

    void opened(final boolean isReplayed) {
        opened.increment();
        if (isReplayed) {
            openedReplayed.increment();
        }
    }

    void outcome(final boolean isReplayed) {
        outcomes.increment();
        if (isReplayed) {
            replayed.increment();
        }
    }

    void accepted() {
        accepted.increment();
    }

    void refused(final String transactionId) {
        refused.incrementAndGet();
        refusedTransactionIds.add(transactionId);
    }

    void viewChecked() {
        viewsChecked.increment();
    }

    /** Compares an answered balance with the bank's own. */
    void bankBalance(final BankTransaction transaction, final long balanceMinor) {
        final long differenceMinor = Math.abs(balanceMinor - transaction.bankBalanceMinor());
        maxBankDifferenceMinor.accumulate(differenceMinor);
        bank.that(
                differenceMinor <= maxAllowedDifferenceMinor,
                () -> "transaction "
                        + transaction.transactionId()
                        + ": balance "
                        + balanceMinor
                        + ", the bank has "
                        + transaction.bankBalanceMinor());
    }

    Check answers() {
        return answers;
    }

    Check refusals() {
        return refusals;
    }

    Check order() {
        return order;
    }

    Check ownWrites() {
        return ownWrites;
    }

    Check views() {
        return views;
    }

    Check entries() {
        return entries;
    }

    long openedCount() {
        return opened.sum();
    }

    long openedReplayedCount() {
        return openedReplayed.sum();
    }

    long outcomeCount() {
        return outcomes.sum();
    }

    long acceptedCount() {
        return accepted.sum();
    }

    long refusedCount() {
        return refused.get();
    }

    long replayedCount() {
        return replayed.sum();
    }

    long viewsCheckedCount() {
        return viewsChecked.sum();
    }

    long maxBankDifferenceMinor() {
        return maxBankDifferenceMinor.get();
    }

    List<String> refusedTransactionIds() {
        return refusedTransactionIds.stream().sorted().toList();
    }

    ReplaySummary.Latency writeLatency() {
        return latency(writeLatencyUs);
    }

    List<ReplaySummary.CheckResult> checkResults() {
        return List.of(
                answers.result(),
                refusals.result(),
                order.result(),
                ownWrites.result(),
                views.result(),
                entries.result(),
                bank.result());
    }

    static ReplaySummary.Latency latency(final Histogram us) {
        return new ReplaySummary.Latency(
                us.getTotalCount(),
                us.getValueAtPercentile(50),
                us.getValueAtPercentile(99),
                us.getMaxValue());
    }
}
