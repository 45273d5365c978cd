package io.ringledger.snapshots;

import io.ringledger.model.AccountModel;
import io.ringledger.model.Command;
import io.ringledger.model.CurrencyCode;
import io.ringledger.model.ModelContext;
import io.ringledger.model.Outcome;
import io.ringledger.model.frame.EventBatch;
import io.ringledger.model.frame.FrameChain;
import io.ringledger.model.frame.FrameFormat;
import io.ringledger.model.snapshot.SnapshotHeader;
import io.ringledger.model.snapshot.SnapshotWriter;

import java.io.ByteArrayOutputStream;

/** A model that grows, and its snapshots. */
final class Models {
    static final int PARTITION = 3;
    static final int PARTITIONS = 8;
    static final ModelContext CONTEXT = ModelContext.small(4);

    private final AccountModel model = new AccountModel(CONTEXT);
    private final EventBatch batch = new EventBatch(1 << 20);
    private final Command command = new Command();
    private final Outcome outcome = new Outcome();
    private long frames;

    /** Opens so many accounts, as one frame. */
    Models grow(final int accounts) {
        for (int i = 0; i < accounts; i++) {
            final String id = "account-" + model.lastSequence();
            command.openAccount(id, "open-" + id, CurrencyCode.pack("EUR"), 10);
            if (!batch.hasRoomFor(1_000)) {
                batch.clear();
            }
            model.submit(command, 1_000, batch, outcome);
        }
        frames++;
        return this;
    }

    /** What was found, which is something. */
    static SnapshotLoader.Loaded loaded(final SnapshotLoader.Found found) {
        return java.util.Objects.requireNonNull(found.loaded(), () -> "none: " + found);
    }

    AccountModel model() {
        return model;
    }

    SnapshotHeader header() {
        return header(7);
    }

    SnapshotHeader header(final long epoch) {
        final byte[] hash = FrameFormat.hashOf(new byte[] {(byte) frames});
        final FrameChain chain =
                new FrameChain(PARTITION, PARTITIONS, frames, model.lastSequence(), epoch, hash);
        return SnapshotHeader.of(model, chain, PARTITIONS, "shardId-000000000001", "4711");
    }

    byte[] bytes() {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        SnapshotWriter.write(header(), model, out::write);
        return out.toByteArray();
    }
}
