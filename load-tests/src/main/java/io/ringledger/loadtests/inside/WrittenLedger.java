package io.ringledger.loadtests.inside;

import io.ringledger.ledger.log.LogPosition;
import io.ringledger.model.AccountModel;
import io.ringledger.model.Command;
import io.ringledger.model.CurrencyCode;
import io.ringledger.model.ModelContext;
import io.ringledger.model.Outcome;
import io.ringledger.model.frame.EventBatch;
import io.ringledger.model.frame.FrameChain;
import io.ringledger.model.frame.FrameEncoder;
import io.ringledger.model.frame.FrameReader;
import io.ringledger.model.snapshot.SnapshotHeader;
import io.ringledger.snapshots.SnapshotKeeper;

import java.util.SplittableRandom;
import java.util.UUID;

/**
 * Writes the log of one partition as the writer would: openings, then credits and withdrawals on
 * random accounts with random keys of 128 bits, 1,000 events a frame, a millisecond apart; and a
 * snapshot some way before its end. Used by one thread.
 */
final class WrittenLedger {
    /** Events of the log that come after the snapshot. */
    static final int TAIL_EVENTS = 10_000;

    private static final int FRAME_EVENTS = 1_000;
    private static final int EUR = CurrencyCode.pack("EUR");

    private final MeasuredLog log = new MeasuredLog();
    private final EventBatch batch = new EventBatch(1 << 20);
    private final Command command = new Command();
    private final Outcome outcome = new Outcome();
    private final FrameChain chain = new FrameChain(0, 1);
    private final AccountModel model;
    private long clockMs = 1_700_000_000_000L;
    private long snapshotBytes;

    private WrittenLedger(final ModelContext context) {
        model = new AccountModel(context);
    }

    static WrittenLedger write(
            final ModelContext context,
            final int accounts,
            final int events,
            final SnapshotKeeper snapshots) {
        final WrittenLedger ledger = new WrittenLedger(context);
        ledger.writeAll(accounts, events, snapshots);
        return ledger;
    }

    MeasuredLog log() {
        return log;
    }

    long snapshotBytes() {
        return snapshotBytes;
    }

    String stateHash() {
        return model.stateHash();
    }

    private void writeAll(final int accounts, final int events, final SnapshotKeeper snapshots) {
        final SplittableRandom random = new SplittableRandom(42);
        try (FrameEncoder encoder = new FrameEncoder(0, 1);
                FrameReader reader = new FrameReader()) {
            for (int i = 0; i < accounts + events; i++) {
                if (i < accounts) {
                    command.openAccount("account-" + i, "open", EUR, 1_000_000_000L);
                } else {
                    transaction(random, "account-" + random.nextInt(accounts));
                }
                model.submit(command, clockMs++, batch, outcome);
                if (batch.eventCount() == FRAME_EVENTS || i == accounts + events - 1) {
                    final LogPosition position = endFrame(encoder, reader);
                    final boolean isNearEnd = i + FRAME_EVENTS >= accounts + events - TAIL_EVENTS;
                    if (isNearEnd && snapshotBytes == 0) {
                        snapshotBytes = snapshots.write(
                                SnapshotHeader.of(
                                        model,
                                        chain,
                                        1,
                                        position.shardId(),
                                        position.sequenceNumber()),
                                model);
                    }
                }
            }
        }
    }

    private void transaction(final SplittableRandom random, final String id) {
        final String key = new UUID(random.nextLong(), random.nextLong()).toString();
        final long amount = 1L + random.nextInt(10_000);
        if (random.nextBoolean()) {
            command.credit(id, key, amount, "");
        } else {
            command.withdraw(id, key, amount, "");
        }
    }

    private LogPosition endFrame(final FrameEncoder encoder, final FrameReader reader) {
        final byte[] record = encoder.encode(batch, 1, chain.frameNumber() + 1, chain.hash());
        chain.advance(reader, reader.open(record));
        batch.clear();
        return log.add(record);
    }
}
