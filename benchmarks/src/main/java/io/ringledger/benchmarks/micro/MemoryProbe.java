package io.ringledger.benchmarks.micro;

import io.ringledger.model.AccountModel;
import io.ringledger.model.Command;
import io.ringledger.model.CurrencyCode;
import io.ringledger.model.ModelContext;
import io.ringledger.model.Outcome;
import io.ringledger.model.frame.EventBatch;

import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.ref.Reference;
import java.util.SplittableRandom;
import java.util.UUID;

/**
 * A process that fills a model and says what of the heap and of direct buffers is in use after a
 * collection, before and after: one line with both differences in bytes. Its arguments are the
 * numbers of accounts and of idempotency keys.
 */
public final class MemoryProbe {
    private static final int EUR = CurrencyCode.pack("EUR");
    private static final long CREDIT_LIMIT = 100_000;
    private static final int MAX_AMOUNT = 10_000;
    private static final int COLLECTIONS = 3;

    private MemoryProbe() {}

    /** Prints the line. */
    public static void main(final String[] arguments) {
        final int accounts = Integer.parseInt(arguments[0]);
        final int keys = Integer.parseInt(arguments[1]);
        final long heapBefore = heapBytes();
        final long directBefore = directBytes();
        final AccountModel model = filled(accounts, keys);
        try {
            if (model.accountCount() != accounts + 1 || model.keyCount() != keys) {
                throw new IllegalStateException(
                        "accounts=" + model.accountCount() + ", keys=" + model.keyCount());
            }
            final long heap = heapBytes() - heapBefore;
            final long direct = directBytes() - directBefore;
            System.out.println(heap + " " + direct);
        } finally {
            Reference.reachabilityFence(model);
        }
    }

    /** Every opening and every transaction has a random UUID as its key; all keys are unexpired. */
    private static AccountModel filled(final int accounts, final int keys) {
        final SplittableRandom random = new SplittableRandom(42);
        final AccountModel model = new AccountModel(new ModelContext(
                ModelContext.DEFAULT_IDEMPOTENCY_WINDOW_MS,
                accounts,
                Integer.MAX_VALUE,
                keys,
                Integer.MAX_VALUE,
                1,
                2));
        final EventBatch batch = new EventBatch(1 << 20);
        final Command command = new Command();
        final Outcome outcome = new Outcome();
        for (int i = 0; i < keys; i++) {
            // Ten million keys lie within an hour of ledger time.
            final long nowMs = Traffic.START_MS + i / 4;
            final String key = new UUID(random.nextLong(), random.nextLong()).toString();
            if (i < accounts) {
                command.openAccount("account-" + i, key, EUR, CREDIT_LIMIT);
            } else {
                final String id = "account-" + random.nextInt(accounts);
                final long amount = 1L + random.nextInt(MAX_AMOUNT);
                if (random.nextBoolean()) {
                    command.credit(id, key, amount, "");
                } else {
                    command.withdraw(id, key, amount, "");
                }
            }
            if (!batch.hasRoomFor(nowMs)) {
                batch.clear();
            }
            model.submit(command, nowMs, batch, outcome);
        }
        return model;
    }

    /** In use after everything that is not reachable has gone. */
    private static long heapBytes() {
        for (int i = 0; i < COLLECTIONS; i++) {
            System.gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static long directBytes() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }
}
