package io.ringledger.system;

import io.ringledger.loadtests.BankTransaction;
import io.ringledger.loadtests.Replay;
import io.ringledger.loadtests.ReplayOptions;
import io.ringledger.loadtests.ReplaySummary;
import io.ringledger.loadtests.TransactionFile;
import io.ringledger.localstack.LocalStack;
import io.ringledger.localstack.Progress;
import io.ringledger.localstack.StackOptions;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** What the system tests have in common. */
final class Stacks {
    static final long BANK_TRANSACTIONS = 36_883;
    static final long BANK_LIMIT = 600_000;

    /** Accounts at a time: more than the command's default, so that CI waits less. */
    private static final int CONCURRENCY = 256;

    static final long BANK_SUM = 2_951_145_530L;

    private Stacks() {}

    static Path root() {
        return Path.of(System.getProperty("ringledger.root", "."));
    }

    static LocalStack start(final StackOptions options) throws Exception {
        return LocalStack.start(options, new Progress(System.out), cause -> {
            throw new AssertionError("a service stopped", cause);
        });
    }

    static List<BankTransaction> bankTransactions() throws Exception {
        return TransactionFile.read(root().resolve("load-tests/data/berka-1993-94.csv.gz"));
    }

    /** The bank's replay with a prefix of its own, so that several fit into one ledger. */
    static Replay bankReplay(final URI url, final String prefix, final long creditLimit)
            throws Exception {
        final ReplayOptions defaults = ReplayOptions.of(url, creditLimit);
        return new Replay(
                new ReplayOptions(
                        url,
                        url,
                        creditLimit,
                        CONCURRENCY,
                        prefix,
                        Duration.ofMinutes(4),
                        defaults.attemptTimeout(),
                        defaults.maxBankDifferenceMinor(),
                        defaults.sampleEvery()),
                bankTransactions());
    }

    /** Prints what a replay measured, for the record of the run. */
    static void print(final String what, final ReplaySummary summary) {
        System.out.println(what + ": accepted=" + summary.accepted() + ", refused="
                + summary.refusedTransactionIds().size() + ", replayed=" + summary.replayed()
                + ", retries=" + summary.writeRetries() + ", tx/s="
                + summary.transactionsPerSecond() + ", write=" + summary.writeLatency() + ", lag="
                + summary.lag() + ", sum=" + summary.balanceSumMinor() + ", offTheBank="
                + summary.maxBankDifferenceMinor() + ", errors=" + summary.errors());
        summary.checks().stream()
                .filter(check -> check.failures() > 0)
                .forEach(check -> System.out.println("  FAILED " + check));
    }

    /** Waits until a condition holds. */
    static void await(final String what, final long timeoutMs, final BooleanSupplier condition)
            throws InterruptedException {
        final long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadlineNs) {
                throw new AssertionError("not within " + timeoutMs + " ms: " + what);
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }
}
