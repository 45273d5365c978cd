package io.ringledger.system;

import io.ringledger.model.AccountModel;
import io.ringledger.model.Command;
import io.ringledger.model.CurrencyCode;
import io.ringledger.model.ModelContext;
import io.ringledger.model.Outcome;
import io.ringledger.model.frame.EventBatch;
import io.ringledger.model.frame.FrameChain;
import io.ringledger.model.frame.FrameEncoder;
import io.ringledger.model.frame.FrameFormat;
import io.ringledger.model.frame.FrameReader;
import io.ringledger.model.snapshot.SnapshotHeader;
import io.ringledger.model.snapshot.SnapshotWriter;
import io.ringledger.snapshots.FileSnapshotStore;
import io.ringledger.snapshots.SnapshotName;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Frames as a ledger writes them, one event each, and snapshots of them; not thread-safe. */
final class OwnHistory {
    private static final int EUR = CurrencyCode.pack("EUR");

    private final int partitions;
    private final List<byte[]> frames = new ArrayList<>();

    /** Opens "alice", then credits her 2, 3, 4 …, all of it in partition 0. */
    OwnHistory(final int partitions, final int count) {
        this.partitions = partitions;
        final AccountModel model = new AccountModel(ModelContext.small(3));
        final EventBatch batch = new EventBatch(1 << 16);
        final long startMs = System.currentTimeMillis() - count;
        byte[] hash = FrameFormat.noHash();
        try (FrameEncoder encoder = new FrameEncoder(0, partitions)) {
            for (int number = 1; number <= count; number++) {
                final Command command = number == 1
                        ? new Command().openAccount("alice", "open", EUR, 0)
                        : new Command().credit("alice", "k" + number, number, "");
                model.submit(command, startMs + number, batch, new Outcome());
                // The epoch before any that a process takes.
                frames.add(encoder.encode(batch, 0, number, hash));
                hash = FrameFormat.hashOf(frames.getLast());
                batch.clear();
            }
        }
    }

    /** The frames with these numbers. */
    List<byte[]> frames(final int first, final int last) {
        return frames.subList(first - 1, last);
    }

    /** Stores a snapshot that ends with this frame. */
    void storeSnapshot(final Path folder, final int lastFrame) {
        final AccountModel model = new AccountModel(ModelContext.small(5));
        final FrameChain chain = new FrameChain(0, partitions);
        try (FrameReader reader = new FrameReader()) {
            for (final byte[] record : frames(1, lastFrame)) {
                final var header = reader.open(record);
                reader.readEvents(model);
                chain.advance(reader, header);
            }
        }
        final SnapshotHeader header =
                SnapshotHeader.of(model, chain, partitions, "shardId-000000000000", "1");
        try (FileSnapshotStore store = new FileSnapshotStore(folder)) {
            store.write(SnapshotName.of(header), sink -> SnapshotWriter.write(header, model, sink));
        }
    }
}
