package io.ringledger.verifier;

import io.ringledger.ledger.log.LogPosition;
import io.ringledger.ledger.log.LogRecord;
import io.ringledger.model.AccountModel;
import io.ringledger.model.Command;
import io.ringledger.model.CurrencyCode;
import io.ringledger.model.ModelContext;
import io.ringledger.model.Outcome;
import io.ringledger.model.frame.EpochMarker;
import io.ringledger.model.frame.EventBatch;
import io.ringledger.model.frame.FrameChain;
import io.ringledger.model.frame.FrameEncoder;
import io.ringledger.model.frame.FrameFormat;
import io.ringledger.model.snapshot.SnapshotHeader;
import io.ringledger.snapshots.SnapshotKeeper;
import io.ringledger.snapshots.SnapshotStore;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The log of one partition of two, written by the real model, and an export of it. */
final class TestLog implements AutoCloseable {
    static final int PARTITION = 1;
    static final int PARTITIONS = 2;

    final List<byte[]> records = new ArrayList<>();
    final AccountModel model;
    private final EventBatch batch = new EventBatch(1 << 16);
    private final FrameEncoder encoder = new FrameEncoder(PARTITION, PARTITIONS);
    private final Command command = new Command();
    private final Outcome outcome = new Outcome();
    private byte[] hash = FrameFormat.noHash();
    private long frames;
    private long epoch = 1;
    private int keys;

    TestLog() {
        this(ModelContext.small(5));
    }

    TestLog(final ModelContext context) {
        model = new AccountModel(context);
        marker(1);
    }

    TestLog open(final String id) {
        submit(command.openAccount(id, "k" + keys++, CurrencyCode.pack("EUR"), 100));
        return this;
    }

    TestLog credit(final String id, final long amount) {
        submit(command.credit(id, "k" + keys++, amount, keys % 2 == 0 ? "ref" : ""));
        return this;
    }

    /** Books a key that has been booked, if the model has forgotten it. */
    TestLog creditAgain(final String id, final long amount, final int key) {
        keys++;
        submit(command.credit(id, "k" + key, amount, ""));
        return this;
    }

    private void submit(final Command submitted) {
        model.submit(submitted, 1_000 + keys, batch, outcome);
    }

    /** Ends the frame and appends it. */
    byte[] frame() {
        final byte[] record = encoder.encode(batch, epoch, frames + 1, hash);
        batch.clear();
        frames++;
        hash = FrameFormat.hashOf(record);
        records.add(record);
        return record;
    }

    /** A whole frame that nobody should have written: on any chain, with events of another model. */
    byte[] forged(final long frameNumber, final byte[] previous, final long firstSequence) {
        final AccountModel other = new AccountModel(ModelContext.small(6));
        final EventBatch events = new EventBatch(1 << 16);
        final EventBatch before = new EventBatch(1 << 16);
        for (int i = 1; i < firstSequence; i++) {
            other.submit(
                    i == 1
                            ? command.openAccount("a", "x" + i, CurrencyCode.pack("EUR"), 7)
                            : command.credit("a", "x" + i, 1_000, ""),
                    900,
                    before,
                    outcome);
        }
        other.submit(command.credit("a", "forged", 1, ""), 2_000, events, outcome);
        return encoder.encode(events, epoch, frameNumber, previous);
    }

    void marker(final long newEpoch) {
        epoch = newEpoch;
        records.add(new EpochMarker(PARTITIONS, PARTITION, newEpoch, 1, newEpoch).toRecord());
    }

    byte[] hash() {
        return hash.clone();
    }

    long epoch() {
        return epoch;
    }

    /** A snapshot of everything so far, as of the last record. */
    void snapshot(final SnapshotStore store) {
        final FrameChain chain =
                new FrameChain(PARTITION, PARTITIONS, frames, model.lastSequence(), epoch, hash);
        new SnapshotKeeper(store, 2)
                .write(
                        SnapshotHeader.of(
                                model, chain, PARTITIONS, "shard", "" + (records.size() - 1)),
                        model);
    }

    /** Writes the records as they are now. */
    void export(final Path file) {
        try (ExportFile.Writer writer = new ExportFile.Writer(file, PARTITIONS)) {
            for (int i = 0; i < records.size(); i++) {
                writer.add(
                        PARTITION, new LogRecord(records.get(i), new LogPosition("shard", "" + i)));
            }
            writer.end();
        }
    }

    @Override
    public void close() {
        encoder.close();
    }
}
