package io.ringledger.benchmarks.projection;

import io.ringledger.consumer.LogRecord;
import io.ringledger.model.AccountModel;
import io.ringledger.model.Command;
import io.ringledger.model.CurrencyCode;
import io.ringledger.model.ModelContext;
import io.ringledger.model.Outcome;
import io.ringledger.model.ResultCode;
import io.ringledger.model.frame.EventBatch;
import io.ringledger.model.frame.FrameEncoder;
import io.ringledger.model.frame.FrameFormat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;

/**
 * The log of one partition as the writer would have written it, by the real model and encoder:
 * openings first, then credits and withdrawals on random accounts; and the balances that the views
 * must show. Immutable once written.
 *
 * @param openings the frames that open the accounts
 * @param frames those that follow
 * @param events how many are in {@code frames}
 * @param transactions how many of them were posted
 * @param balances of the customers' accounts, by id, in minor units
 */
record WrittenLog(
        List<LogRecord> openings,
        List<LogRecord> frames,
        int events,
        int transactions,
        Map<String, Long> balances) {
    private static final int FRAME_EVENTS = 500;
    private static final int EUR = CurrencyCode.pack("EUR");
    private static final long START_MS = 1_790_000_000_000L;

    static WrittenLog write(
            final int partition, final int partitions, final int accounts, final int events) {
        final AccountModel model = new AccountModel(ModelContext.small(42));
        final EventBatch batch = new EventBatch(1 << 20);
        final Command command = new Command();
        final Outcome outcome = new Outcome();
        final SplittableRandom random = new SplittableRandom(42);
        final Map<String, Long> balances = new HashMap<>();
        final List<LogRecord> openings = new ArrayList<>();
        final List<LogRecord> frames = new ArrayList<>();
        int transactions = 0;
        byte[] hash = FrameFormat.noHash();
        try (FrameEncoder encoder = new FrameEncoder(partition, partitions)) {
            for (int i = 0; i < accounts + events; i++) {
                final boolean isOpening = i < accounts;
                final String id =
                        "account-" + partition + "-" + (isOpening ? i : random.nextInt(accounts));
                final long amount = isOpening ? 0 : amount(random);
                submitted(command, random, id, amount);
                model.submit(command, START_MS + i, batch, outcome);
                if (outcome.code() == ResultCode.ACCEPTED) {
                    balances.merge(id, amount, Long::sum);
                    transactions += isOpening ? 0 : 1;
                }
                final boolean isLast = i == accounts - 1 || i == accounts + events - 1;
                if (batch.eventCount() == FRAME_EVENTS || isLast) {
                    final int number = openings.size() + frames.size() + 1;
                    final byte[] record = encoder.encode(batch, 1, number, hash);
                    hash = FrameFormat.hashOf(record);
                    batch.clear();
                    (isOpening ? openings : frames)
                            .add(new LogRecord(record, partition + ":" + number));
                }
            }
        }
        return new WrittenLog(openings, frames, events, transactions, balances);
    }

    /** Credits above zero, withdrawals below. */
    private static long amount(final SplittableRandom random) {
        final long amount = 1L + random.nextInt(10_000);
        return random.nextBoolean() ? amount : -amount;
    }

    private static void submitted(
            final Command command,
            final SplittableRandom random,
            final String id,
            final long amount) {
        final String key = new UUID(random.nextLong(), random.nextLong()).toString();
        if (amount == 0) {
            command.openAccount(id, key, EUR, 1_000_000);
        } else if (amount > 0) {
            command.credit(id, key, amount, "");
        } else {
            command.withdraw(id, key, -amount, "");
        }
    }
}
