package io.ringledger.snapshots;

import io.ringledger.model.AccountModel;
import io.ringledger.model.snapshot.SnapshotException;
import io.ringledger.model.snapshot.SnapshotHeader;
import io.ringledger.model.snapshot.SnapshotReader;
import io.ringledger.model.snapshot.SnapshotWriter;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.List;

/**
 * Writes snapshots into a store and keeps the newest few of each partition. Before an older one is
 * deleted the one just written is read back and its checksums hold: so the newest valid one is
 * never deleted, whatever the store did to it. Thread-safe; calls block.
 */
public final class SnapshotKeeper {
    private static final Logger LOG = LoggerFactory.getLogger(SnapshotKeeper.class);

    private final SnapshotStore store;
    private final int kept;

    /**
     * @param kept snapshots of a partition that stay, at least 2: the one before the newest is what
     *     a damaged newest one falls back to
     */
    public SnapshotKeeper(final SnapshotStore store, final int kept) {
        if (kept < 2) {
            throw new IllegalArgumentException("too few snapshots kept: kept=" + kept);
        }
        this.store = store;
        this.kept = kept;
    }

    /**
     * Stores the state of a model. What goes wrong in deleting older ones is only logged: it is
     * tried again after the next one.
     *
     * @param header made from this model, with no event since
     * @return the bytes of the snapshot
     * @throws SnapshotStoreException if it is not stored, or did not read back
     */
    public long write(final SnapshotHeader header, final AccountModel model) {
        final SnapshotName name = SnapshotName.of(header);
        final long length = store.write(name, sink -> SnapshotWriter.write(header, model, sink));
        requireWhole(name, header);
        try {
            tidy(name);
        } catch (final SnapshotStoreException e) {
            LOG.warn("partition {}: older snapshots stay: {}", name.partition(), e.getMessage());
        }
        return length;
    }

    private void requireWhole(final SnapshotName name, final SnapshotHeader header) {
        try (SnapshotStore.Reading reading = store.open(name)) {
            final SnapshotReader reader = SnapshotReader.open(reading);
            reader.checkBytes();
            if (!reader.header().equals(header)) {
                throw new SnapshotException(
                        SnapshotException.Reason.FOREIGN,
                        "another snapshot stands there: " + reader.header());
            }
        } catch (final SnapshotException e) {
            throw new SnapshotStoreException(
                    "snapshot store " + store + ": " + name + " did not read back as written: "
                            + e.getMessage(),
                    e);
        }
    }

    /** Counts from the one just written: names from a future that is not ours save none of ours. */
    private void tidy(final SnapshotName written) {
        final List<SnapshotName> names = store.list(written.partition()).stream()
                .filter(name -> SnapshotName.NEWEST_FIRST.compare(written, name) <= 0)
                .toList();
        for (final SnapshotName name : names.subList(Math.min(kept, names.size()), names.size())) {
            store.delete(name);
        }
        store.deleteLeftovers();
    }
}
