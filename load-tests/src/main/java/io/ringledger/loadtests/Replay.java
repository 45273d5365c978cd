package io.ringledger.loadtests;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * Replays a transactions file over HTTP and checks every answer and every view:
 *
 * <ol>
 *   <li>each account is opened and gets its transactions in order, {@code concurrency} accounts
 *       side by side, each with one command in flight;
 *   <li>some writes are read back at once, which measures the lag of the views;
 *   <li>when all have an outcome, each account's views are read after its last write and compared
 *       with what the accepted transactions give.
 * </ol>
 *
 * The first answer that is neither a success, nor a refusal, nor a reason to retry ends the replay.
 * One thread calls {@link #run}, once; any thread may call {@link #stop} and {@link #progress}.
 */
public final class Replay implements AutoCloseable {
    private static final long STOP_GRACE_MS = 1_500;

    private final ReplayOptions options;
    private final int transactionCount;
    private final LedgerClient client;
    private final LagSampler lagSampler;
    private final ReplayMeter meter;
    private final List<AccountReplay> accounts = new ArrayList<>();
    private final Queue<String> errors = new ConcurrentLinkedQueue<>();

    /**
     * How far a replay is.
     *
     * @param isChecking false while transactions are sent, true while the views are read
     * @param done transactions with an outcome, or accounts whose views were compared
     * @param total of them
     * @param refused transactions
     * @param retried requests
     */
    public record Progress(boolean isChecking, long done, long total, long refused, long retried) {}

    /** A replay of these transactions; nothing is sent yet. */
    public Replay(final ReplayOptions options, final List<BankTransaction> transactions) {
        this.options = options;
        transactionCount = transactions.size();
        client = new LedgerClient(options);
        lagSampler = new LagSampler(client, options.sampleEvery());
        meter = new ReplayMeter(options.maxBankDifferenceMinor());
        TransactionFile.byAccount(transactions)
                .forEach((number, rows) -> accounts.add(
                        new AccountReplay(options, number, rows, client, meter, lagSampler)));
    }

    /** Runs to the end, to the first error, or until stopped, and says what it found. */
    public ReplaySummary run() {
        try {
            client.requireService();
        } catch (final ReplayException e) {
            errors.add(String.valueOf(e.getMessage()));
        }
        final long startNs = System.nanoTime();
        forEachAccount(AccountReplay::send);
        final long writeMs = (System.nanoTime() - startNs) / 1_000_000;
        forEachAccount(account -> {
            account.checkViews();
            meter.viewChecked();
        });
        return summary(writeMs);
    }

    /** Ends the replay soon: nothing more is sent. */
    public void stop() {
        errors.add("stopped before the end");
        client.stop();
    }

    /** How far it is. */
    public Progress progress() {
        final boolean isChecking = meter.outcomeCount() == transactionCount;
        return new Progress(
                isChecking,
                isChecking ? meter.viewsCheckedCount() : meter.outcomeCount(),
                isChecking ? accounts.size() : transactionCount,
                meter.refusedCount(),
                sum(client.writeRetries()) + sum(client.readRetries()));
    }

    /** Ends it and gives its connections back. */
    @Override
    public void close() {
        client.close();
    }

    /** What is done with one account. */
    private interface Step {
        void accept(AccountReplay account) throws ReplayException;
    }

    private void forEachAccount(final Step step) {
        if (!errors.isEmpty()) {
            return;
        }
        final Queue<AccountReplay> queue = new ConcurrentLinkedQueue<>(accounts);
        final CountDownLatch working = new CountDownLatch(options.concurrency());
        IntStream.range(0, options.concurrency())
                .forEach(i -> Thread.ofVirtual().name("replay-" + i).start(() -> {
                    try {
                        work(queue, step);
                    } finally {
                        working.countDown();
                    }
                }));
        await(working);
    }

    private void work(final Queue<AccountReplay> queue, final Step step) {
        for (AccountReplay account = queue.poll();
                account != null && !client.isStopped();
                account = queue.poll()) {
            try {
                step.accept(account);
            } catch (final ReplayException e) {
                if (!client.isStopped()) {
                    errors.add(String.valueOf(e.getMessage()));
                }
                client.stop();
            } catch (final RuntimeException e) {
                errors.add("a fault of the replay itself: " + e);
                client.stop();
                throw e;
            }
        }
    }

    /** Waits for the workers; once stopped, only as long as a request in flight usually takes. */
    private void await(final CountDownLatch working) {
        try {
            while (!working.await(100, TimeUnit.MILLISECONDS)) {
                if (client.isStopped()) {
                    if (!working.await(STOP_GRACE_MS, TimeUnit.MILLISECONDS)) {
                        client.close();
                        working.await();
                    }
                    return;
                }
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            stop();
        }
    }

    private ReplaySummary summary(final long writeMs) {
        final long sent = meter.outcomeCount();
        long balanceSumMinor = 0;
        for (final AccountReplay account : accounts) {
            balanceSumMinor = Math.addExact(balanceSumMinor, account.viewBalanceMinor());
        }
        return new ReplaySummary(
                errors.isEmpty() && meter.viewsCheckedCount() == accounts.size(),
                meter.openedCount(),
                meter.openedReplayedCount(),
                transactionCount,
                sent,
                meter.acceptedCount(),
                meter.refusedTransactionIds(),
                meter.replayedCount(),
                new TreeMap<>(client.writeRetries()),
                new TreeMap<>(client.readRetries()),
                writeMs,
                writeMs > 0 ? sent * 1_000 / writeMs : 0,
                meter.writeLatency(),
                lagSampler.lag(),
                lagSampler.skipped(),
                balanceSumMinor,
                meter.maxBankDifferenceMinor(),
                meter.checkResults(),
                List.copyOf(errors));
    }

    private static long sum(final Map<String, Long> counts) {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }
}
