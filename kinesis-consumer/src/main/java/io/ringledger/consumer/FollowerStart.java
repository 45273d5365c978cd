package io.ringledger.consumer;

import io.ringledger.model.ModelContext;
import io.ringledger.snapshots.SnapshotLoader;
import io.ringledger.snapshots.SnapshotStore;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.math.BigInteger;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Begins to follow a shard: the newest valid snapshot of each of its partitions, and then whatever the
 * log has between that and KCL's checkpoint. The checkpoint is not believed to be covered: a snapshot
 * may have been lost or damaged since, and to go on over such a gap could even look right, where what
 * is missing is the marker of a new ownership. Thread-safe; calls block.
 */
public final class FollowerStart {
    private static final Logger LOG = LoggerFactory.getLogger(FollowerStart.class);

    private final SnapshotLoader loader;
    private final ShardHistory history;
    private final int partitions;
    private final Supplier<ModelContext> contexts;
    private final SnapshotFollower.Pace pace;
    private final LongSupplier clockMs;

    /**
     * @param contexts makes the context of a model, with hash seeds of its own
     * @param clockMs monotonic
     */
    public FollowerStart(
            final SnapshotStore store,
            final ShardHistory history,
            final int partitions,
            final Supplier<ModelContext> contexts,
            final SnapshotFollower.Pace pace,
            final LongSupplier clockMs) {
        this.loader = new SnapshotLoader(store);
        this.history = history;
        this.partitions = partitions;
        this.contexts = contexts;
        this.pace = pace;
        this.clockMs = clockMs;
    }

    /**
     * A follower that stands where KCL goes on.
     *
     * @param checkpoint the last record that KCL will not bring, or null: it brings all of the shard
     * @param goOn asked now and then
     * @throws LogUnavailableException if Kinesis does not answer: try again
     * @throws io.ringledger.snapshots.SnapshotStoreException if the store does not: try again
     * @throws ContradictionException if the log does not lead from a snapshot to the checkpoint
     */
    public SnapshotFollower start(
            final String shardId, final @Nullable String checkpoint, final BooleanSupplier goOn) {
        final SnapshotFollower follower =
                new SnapshotFollower(shardId, partitions, contexts.get(), pace);
        try {
            for (final int partition : history.partitionsOf(shardId)) {
                begin(follower, partition, shardId, checkpoint, goOn);
            }
            return follower;
        } catch (final RuntimeException e) {
            follower.close();
            throw e;
        }
    }

    private void begin(
            final SnapshotFollower follower,
            final int partition,
            final String shardId,
            final @Nullable String checkpoint,
            final BooleanSupplier goOn) {
        final SnapshotLoader.Found found = loader.load(partition, partitions, contexts.get());
        final SnapshotLoader.Loaded loaded = found.loaded();
        if (loaded == null && found.isInDoubt()) {
            throw new LogUnavailableException(
                    "a snapshot cannot be read: " + found.refused().getFirst().message(), null);
        }
        follower.resume(partition, loaded, clockMs.getAsLong());
        if (isCovered(loaded, shardId, checkpoint)) {
            return;
        }
        final long from = follower.frameNumber(partition);
        try {
            history.read(
                    partition,
                    loaded == null ? "" : loaded.header().shardId(),
                    loaded == null ? "" : loaded.header().recordSequenceNumber(),
                    shardId,
                    checkpoint,
                    goOn,
                    record -> follower.catchUp(partition, record));
        } catch (final ContradictionException e) {
            throw new ContradictionException(
                    e.reason(),
                    "partition " + partition + " cannot be brought from frame " + from + " ("
                            + (loaded == null ? "no valid snapshot" : loaded.name())
                            + ") to the checkpoint of shard " + shardId
                            + ": if the stream was trimmed in between, put back a newer snapshot: "
                            + e.getMessage(),
                    e);
        }
        LOG.info(
                "partition {}: from frame {} to {} by reading the log before the checkpoint {}",
                partition,
                from,
                follower.frameNumber(partition),
                checkpoint);
    }

    /** Whether KCL brings every record of the shard that is not in the snapshot. */
    private static boolean isCovered(
            final SnapshotLoader.@Nullable Loaded loaded,
            final String shardId,
            final @Nullable String checkpoint) {
        if (loaded == null
                || !loaded.header().shardId().equals(shardId)
                || loaded.header().recordSequenceNumber().isEmpty()) {
            return false;
        }
        return checkpoint == null
                || new BigInteger(loaded.header().recordSequenceNumber())
                                .compareTo(new BigInteger(checkpoint))
                        >= 0;
    }
}
