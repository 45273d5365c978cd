package io.ringledger.ledger;

import io.ringledger.ledger.log.LogPosition;
import io.ringledger.ledger.partition.SnapshotSource;
import io.ringledger.model.ModelContext;
import io.ringledger.snapshots.SnapshotLoader;
import io.ringledger.snapshots.SnapshotStoreException;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * The snapshots of the store that is configured. A store that does not answer is tried again a few
 * times; after that the recovery goes on with an older snapshot, or with none: that takes longer and
 * is as right, and where the log does not reach back far enough it says so. Thread-safe.
 */
final class StoredSnapshots implements SnapshotSource {
    private static final Logger LOG = LoggerFactory.getLogger(StoredSnapshots.class);
    private static final int ATTEMPTS = 5;
    private static final long PAUSE_MS = 500;

    private final SnapshotLoader loader;
    private final int partitions;
    private final ModelContext context;
    private final Executor blocking;

    /**
     * @param blocking runs what waits for the store
     */
    StoredSnapshots(
            final SnapshotLoader loader,
            final int partitions,
            final ModelContext context,
            final Executor blocking) {
        this.loader = loader;
        this.partitions = partitions;
        this.context = context;
        this.blocking = blocking;
    }

    @Override
    public CompletionStage<Optional<Snapshot>> newest(final int partition, final long below) {
        return CompletableFuture.supplyAsync(() -> load(partition, below), blocking);
    }

    private Optional<Snapshot> load(final int partition, final long below) {
        for (int attempt = 1; ; attempt++) {
            try {
                final SnapshotLoader.Found found =
                        loader.load(partition, partitions, context, below);
                if (!found.isInDoubt() || attempt == ATTEMPTS) {
                    return Optional.ofNullable(found.loaded()).map(StoredSnapshots::snapshot);
                }
            } catch (final SnapshotStoreException e) {
                LOG.warn(
                        "partition {}: snapshots cannot be listed, try {} of {}: {}",
                        partition,
                        attempt,
                        ATTEMPTS,
                        e.toString());
                if (attempt == ATTEMPTS) {
                    return Optional.empty();
                }
            }
            try {
                TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
            } catch (final InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CompletionException(e);
            }
        }
    }

    private static Snapshot snapshot(final SnapshotLoader.Loaded loaded) {
        return new Snapshot(
                loaded.model(),
                loaded.header().chain(),
                new LogPosition(loaded.header().shardId(), loaded.header().recordSequenceNumber()));
    }
}
