package io.ringledger.consumer;

import io.ringledger.model.AccountModel;
import io.ringledger.model.Command;
import io.ringledger.model.CurrencyCode;
import io.ringledger.model.ModelContext;
import io.ringledger.model.Outcome;
import io.ringledger.model.frame.EventBatch;
import io.ringledger.model.frame.FrameEncoder;
import io.ringledger.model.frame.FrameFormat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Writes the log of one partition with the real model and the real frame encoder, and keeps what the
 * views must show once they have taken it in.
 */
final class TestLog implements AutoCloseable {
    static final long START_MS = 1_790_000_000_000L;

    private final int partition;
    private final AccountModel model = new AccountModel(ModelContext.small(42));
    private final EventBatch batch = new EventBatch(1 << 20);
    private final FrameEncoder encoder;
    private final Command command = new Command();
    private final Outcome outcome = new Outcome();
    private final Random random;
    private final List<LogRecord> frames = new ArrayList<>();
    private final Map<String, Long> balances = new TreeMap<>();
    private final Map<String, Long> creditLimits = new TreeMap<>();
    private byte[] hash = FrameFormat.noHash();
    private long epoch = 1;
    private long clockMs = START_MS;
    private int keys;
    private int entries;
    private boolean isTraced;

    TestLog(final int partition, final int partitions, final long seed) {
        this.partition = partition;
        this.encoder = new FrameEncoder(partition, partitions);
        this.random = new Random(seed);
    }

    void epoch(final long newEpoch) {
        epoch = newEpoch;
    }

    void open(final String id, final String currency, final long creditLimit) {
        submit(command.openAccount(id, nextKey(), CurrencyCode.pack(currency), creditLimit));
        if (isAccepted()) {
            balances.put(id, 0L);
            creditLimits.put(id, creditLimit);
            balances.putIfAbsent(world(currency), 0L);
            creditLimits.putIfAbsent(world(currency), 0L);
        }
    }

    void credit(final String id, final String currency, final long amount, final String reference) {
        submit(command.credit(id, nextKey(), amount, reference));
        posted(id, currency, amount);
    }

    void withdraw(
            final String id, final String currency, final long amount, final String reference) {
        submit(command.withdraw(id, nextKey(), amount, reference));
        posted(id, currency, -amount);
    }

    void creditLimit(final String id, final long creditLimit) {
        submit(command.setCreditLimit(id, nextKey(), creditLimit));
        if (isAccepted()) {
            creditLimits.put(id, creditLimit);
        }
    }

    private void posted(final String id, final String currency, final long amount) {
        if (isAccepted()) {
            balances.merge(id, amount, Long::sum);
            balances.merge(world(currency), -amount, Long::sum);
            entries += 2;
        }
    }

    private boolean isAccepted() {
        return outcome.code() == io.ringledger.model.ResultCode.ACCEPTED;
    }

    /** Every event from here on is one of version 1, which carries a trace. */
    void traceFromNowOn() {
        isTraced = true;
    }

    private void submit(final Command submitted) {
        clockMs += random.nextInt(3);
        if (isTraced) {
            submitted.trace(1, 2, 3);
        }
        model.submit(submitted, clockMs, batch, outcome);
    }

    /** So many commands of all kinds on so many accounts, refusals among them. */
    void randomEvents(final int count, final int accounts) {
        for (int i = 0; i < count; i++) {
            final String id = "acc-" + partition + "-" + random.nextInt(accounts);
            final String currency = id.hashCode() % 3 == 0 ? "EUR" : "CZK";
            final int kind = random.nextInt(20);
            if (!balances.containsKey(id) && kind != 19) {
                open(id, currency, random.nextInt(3) * 1_000L);
            } else if (kind < 10) {
                credit(id, currency, 1 + random.nextInt(5_000), kind % 3 == 0 ? "ref " + i : "");
            } else if (kind < 18) {
                withdraw(id, currency, 1 + random.nextInt(5_000), "");
            } else {
                creditLimit(id, random.nextInt(5_000));
            }
        }
    }

    /** Ends the frame; returns its record. */
    LogRecord frame() {
        final byte[] record = encoder.encode(batch, epoch, frames.size() + 1L, hash);
        hash = FrameFormat.hashOf(record);
        batch.clear();
        final LogRecord frame = new LogRecord(record, partition + ":" + (frames.size() + 1));
        frames.add(frame);
        return frame;
    }

    /** A frame that would be the next one, by an owner who thinks that it still is. */
    byte[] unwritten() {
        final EventBatch late = new EventBatch(1 << 16);
        final AccountModel copy = new AccountModel(ModelContext.small(7));
        try (io.ringledger.model.frame.FrameReader reader =
                new io.ringledger.model.frame.FrameReader()) {
            for (final LogRecord frame : frames) {
                reader.open(frame.data());
                reader.readEvents(copy);
            }
        }
        copy.submit(
                command.openAccount("late-" + keys, nextKey(), CurrencyCode.pack("EUR"), 1),
                clockMs,
                late,
                outcome);
        return encoder.encode(late, epoch, frames.size() + 1L, hash);
    }

    /** Opens accounts, so many a frame; with a credit limit that lets most withdrawals through. */
    List<LogRecord> openings(final int accounts, final int eventsPerFrame) {
        final List<LogRecord> made = new ArrayList<>();
        for (int i = 0; i < accounts; i++) {
            open("acc-" + partition + "-" + i, "CZK", 1_000_000);
            if ((i + 1) % eventsPerFrame == 0 || i == accounts - 1) {
                made.add(frame());
            }
        }
        return made;
    }

    /** So many frames of random events. */
    List<LogRecord> randomFrames(final int count, final int eventsPerFrame, final int accounts) {
        final List<LogRecord> made = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            randomEvents(eventsPerFrame, accounts);
            made.add(frame());
        }
        return made;
    }

    List<LogRecord> frames() {
        return List.copyOf(frames);
    }

    long lastSequence() {
        return model.lastSequence();
    }

    byte[] lastHash() {
        return hash.clone();
    }

    /** By account id, the system accounts included. */
    Map<String, Long> balances() {
        return balances;
    }

    Map<String, Long> creditLimits() {
        return creditLimits;
    }

    int entries() {
        return entries;
    }

    private String world(final String currency) {
        return "@world." + currency + "." + partition;
    }

    private String nextKey() {
        return "key-" + keys++;
    }

    @Override
    public void close() {
        encoder.close();
    }
}
