package io.ringledger.snapshots;

import io.ringledger.model.AccountModel;
import io.ringledger.model.ModelContext;
import io.ringledger.model.snapshot.SnapshotException;
import io.ringledger.model.snapshot.SnapshotHeader;
import io.ringledger.model.snapshot.SnapshotReader;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.List;

/**
 * Takes the newest valid snapshot of a partition (design D8). One that is torn, damaged, foreign or
 * cannot be read is refused with its reason, which is logged too, and the one before it is tried.
 * Stateless and thread-safe; calls block.
 */
public final class SnapshotLoader {
    private static final Logger LOG = LoggerFactory.getLogger(SnapshotLoader.class);

    /** Why a snapshot is refused. */
    public enum Refused {
        /** It ends too early. */
        TORN,
        /** Its bytes have changed, or its state contradicts itself. */
        DAMAGED,
        /** No snapshot of this ledger, partition and window. */
        FOREIGN,
        /** Written by a later version than this one. */
        UNKNOWN_VERSION,
        /** It holds more than the settings allow in memory. */
        TOO_LARGE,
        /** It was listed and has gone: whoever keeps the store tidy was faster. */
        GONE,
        /** The store did not give its bytes: it may be good, and may be there later. */
        UNREADABLE
    }

    /**
     * A snapshot that is not used.
     *
     * @param why in a word
     * @param message why, with the values
     */
    public record Refusal(SnapshotName name, Refused why, String message) {}

    /**
     * A snapshot that is used.
     *
     * @param model in the state after the header's sequence
     */
    public record Loaded(SnapshotName name, SnapshotHeader header, AccountModel model) {}

    /**
     * What was found.
     *
     * @param loaded the newest valid snapshot, or null if there is none
     * @param refused those before it, newest first
     */
    public record Found(@Nullable Loaded loaded, List<Refusal> refused) {
        /** True if the store did not give a snapshot that it has: trying again may find it. */
        public boolean isInDoubt() {
            return refused.stream().anyMatch(refusal -> refusal.why() == Refused.UNREADABLE);
        }
    }

    private final SnapshotStore store;

    /** A loader from a store, which stays the caller's to close. */
    public SnapshotLoader(final SnapshotStore store) {
        this.store = store;
    }

    /**
     * Finds the newest valid snapshot and loads it.
     *
     * @param context with the ledger's window and the limits of memory
     * @throws SnapshotStoreException if the store cannot even be listed
     */
    public Found load(final int partition, final int partitions, final ModelContext context) {
        return load(partition, partitions, context, Long.MAX_VALUE);
    }

    /**
     * The same among the snapshots that end before an event.
     *
     * @param below only those whose last sequence is lower
     */
    public Found load(
            final int partition,
            final int partitions,
            final ModelContext context,
            final long below) {
        final List<Refusal> refused = new ArrayList<>();
        for (final SnapshotName name : store.list(partition)) {
            if (name.sequence() >= below) {
                continue;
            }
            try {
                final Loaded loaded = read(name, partition, partitions, context);
                LOG.info("partition {}: snapshot {}: loaded", partition, name);
                return new Found(loaded, List.copyOf(refused));
            } catch (final SnapshotException e) {
                refused.add(refusal(name, Refused.valueOf(e.reason().name()), e));
            } catch (final SnapshotStoreException e) {
                refused.add(refusal(name, e.isMissing() ? Refused.GONE : Refused.UNREADABLE, e));
            }
        }
        LOG.info("partition {}: no snapshot, refused={}", partition, refused.size());
        return new Found(null, List.copyOf(refused));
    }

    private Loaded read(
            final SnapshotName name,
            final int partition,
            final int partitions,
            final ModelContext context) {
        try (SnapshotStore.Reading reading = store.open(name)) {
            final SnapshotReader reader = SnapshotReader.open(reading);
            final SnapshotHeader header = reader.header();
            if (!SnapshotName.of(header).equals(name)) {
                throw new SnapshotException(
                        SnapshotException.Reason.FOREIGN,
                        "snapshot under the name of another: it is " + SnapshotName.of(header));
            }
            return new Loaded(name, header, reader.readModel(partition, partitions, context));
        }
    }

    private static Refusal refusal(
            final SnapshotName name, final Refused why, final RuntimeException e) {
        final String message = String.valueOf(e.getMessage());
        LOG.warn(
                "partition {}: snapshot {}: refused, {}: {}", name.partition(), name, why, message);
        return new Refusal(name, why, message);
    }
}
