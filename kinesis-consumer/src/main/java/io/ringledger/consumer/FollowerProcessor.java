package io.ringledger.consumer;

import io.ringledger.snapshots.SnapshotKeeper;
import io.ringledger.snapshots.SnapshotStoreException;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import software.amazon.kinesis.lifecycle.events.InitializationInput;
import software.amazon.kinesis.lifecycle.events.LeaseLostInput;
import software.amazon.kinesis.lifecycle.events.ProcessRecordsInput;
import software.amazon.kinesis.lifecycle.events.ShardEndedInput;
import software.amazon.kinesis.lifecycle.events.ShutdownRequestedInput;
import software.amazon.kinesis.processor.RecordProcessorCheckpointer;
import software.amazon.kinesis.processor.ShardRecordProcessor;
import software.amazon.kinesis.retrieval.KinesisClientRecord;
import software.amazon.kinesis.retrieval.kpl.ExtendedSequenceNumber;

import java.util.List;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * Follows one shard on the threads of KCL and stores snapshots. As with the projector, no exception
 * ever leaves, since KCL would skip the records of a call that throws; and the checkpoint is an
 * explicit sequence number, written only once the snapshots that cover it are stored. A store that is
 * full or away keeps nothing from being followed: the snapshot is tried again, the checkpoint waits.
 *
 * <pre>
 * FOLLOWING ──contradiction──▶ HALTED
 *     └──lease lost or process ending before it could begin──▶ ABANDONED
 * </pre>
 *
 * Called by one thread at a time.
 */
public final class FollowerProcessor implements ShardRecordProcessor {
    private static final Logger LOG = LoggerFactory.getLogger(FollowerProcessor.class);
    private static final int CHECKPOINT_ATTEMPTS = 5;

    /** What becomes of records. */
    private enum State {
        /** They go into the models. */
        FOLLOWING,
        /** Left alone: the shard could not be begun, and another worker, or start, brings them. */
        ABANDONED,
        /** Left alone: an earlier one contradicts the log. */
        HALTED
    }

    private final FollowerStart start;
    private final SnapshotKeeper keeper;
    private final Function<String, ShardLease> leases;
    private final StopSignal stop;
    private final ShardStatus status;
    private final FollowerMetrics metrics;
    private final LongSupplier clockMs;
    private final long retryMs;
    private final long checkpointIntervalMs;

    private State state = State.FOLLOWING;
    private String shardId = "?";
    private @Nullable ShardLease lease;
    private @Nullable String startedAt;
    private @Nullable SnapshotFollower follower;
    private @Nullable String checkpointed;
    private long checkpointedAtMs = Long.MIN_VALUE / 2;

    /**
     * @param leases gives the lease by which a shard is held now
     * @param clockMs monotonic
     * @param retryMs between two tries of what waits for the store or the log
     * @param checkpointIntervalMs shortest time between two checkpoints
     */
    public FollowerProcessor(
            final FollowerStart start,
            final SnapshotKeeper keeper,
            final Function<String, ShardLease> leases,
            final StopSignal stop,
            final ShardStatus status,
            final FollowerMetrics metrics,
            final LongSupplier clockMs,
            final long retryMs,
            final long checkpointIntervalMs) {
        this.start = start;
        this.keeper = keeper;
        this.leases = leases;
        this.stop = stop;
        this.status = status;
        this.metrics = metrics;
        this.clockMs = clockMs;
        this.retryMs = retryMs;
        this.checkpointIntervalMs = checkpointIntervalMs;
    }

    @Override
    public void initialize(final InitializationInput input) {
        shardId = input.shardId();
        guarded("initialize", () -> {
            lease = leases.apply(shardId);
            startedAt = checkpointOf(input.extendedSequenceNumber());
            status.started(shardId);
            LOG.info("shard {}: following, checkpoint={}", shardId, startedAt);
        });
    }

    /** Also called without records, so that a snapshot comes in time where nothing else does. */
    @Override
    public void processRecords(final ProcessRecordsInput input) {
        if (state != State.FOLLOWING) {
            return;
        }
        status.reading(shardId, input.millisBehindLatest());
        guarded("processRecords", () -> {
            final SnapshotFollower following = begun();
            if (following != null) {
                follow(following, input.records());
                checkpointIfDue(following, input.checkpointer());
            }
        });
        if (state == State.FOLLOWING) {
            status.read(shardId);
        }
    }

    private void follow(final SnapshotFollower following, final List<KinesisClientRecord> records) {
        for (final LogRecord record : ProjectorProcessor.copy(records)) {
            try {
                metrics.followed(following.follow(record));
            } catch (final ContradictionException e) {
                halt(e.reason(), "record " + record.sequenceNumber() + ": " + e.getMessage());
                return;
            }
            storeDue(following);
        }
        storeDue(following);
    }

    private void storeDue(final SnapshotFollower following) {
        for (int due = following.due(nowMs()); due >= 0; due = following.due(nowMs())) {
            store(following, due);
        }
    }

    private boolean store(final SnapshotFollower following, final int partition) {
        final long startMs = nowMs();
        try {
            final long bytes =
                    keeper.write(following.header(partition), following.model(partition));
            following.stored(partition, nowMs());
            metrics.stored(
                    partition,
                    following.model(partition).lastSequence(),
                    bytes,
                    nowMs() - startMs,
                    nowMs());
            return true;
        } catch (final SnapshotStoreException e) {
            following.failed(partition, nowMs());
            metrics.failed();
            LOG.warn(
                    "partition {}: no snapshot, again in {} ms: {}",
                    partition,
                    retryMs,
                    e.getMessage());
            return false;
        }
    }

    @Override
    public void leaseLost(final LeaseLostInput input) {
        LOG.info("shard {}: lease lost, state={}, stored up to {}", shardId, state, checkpointed);
        end();
    }

    @Override
    public void shardEnded(final ShardEndedInput input) {
        guarded("shardEnded", () -> {
            final SnapshotFollower following = state == State.FOLLOWING ? begun() : null;
            LOG.info("shard {}: ended, state={}", shardId, state);
            // Without this checkpoint KCL does not go on to the children: they go on from these.
            if (following != null && storeAll(following)) {
                persistently(() -> input.checkpointer().checkpoint());
            }
        });
        end();
    }

    private boolean storeAll(final SnapshotFollower following) {
        for (final int partition : following.behind()) {
            while (!store(following, partition)) {
                if (!stop.pauseMs(retryMs) || !isHeld()) {
                    return false;
                }
            }
        }
        return true;
    }

    @Override
    public void shutdownRequested(final ShutdownRequestedInput input) {
        guarded("shutdownRequested", () -> {
            LOG.info("shard {}: shutdown, state={}", shardId, state);
            final SnapshotFollower following = follower;
            final String covered = following == null ? null : following.covered();
            if (state == State.FOLLOWING && covered != null && !covered.equals(checkpointed)) {
                persistently(() -> input.checkpointer().checkpoint(covered));
            }
        });
    }

    /** The follower, begun now if it is not yet; null if it cannot be. */
    private @Nullable SnapshotFollower begun() {
        final SnapshotFollower before = follower;
        if (before != null) {
            return before;
        }
        while (true) {
            try {
                final SnapshotFollower begun =
                        start.start(shardId, startedAt, () -> !stop.isRaised() && isHeld());
                follower = begun;
                for (final int partition : begun.partitions()) {
                    metrics.began(shardId, partition, begun.storedSequence(partition), nowMs());
                }
                status.moving(shardId);
                return begun;
            } catch (final ContradictionException e) {
                halt(e.reason(), String.valueOf(e.getMessage()));
                return null;
            } catch (final SnapshotStoreException | LogUnavailableException e) {
                status.waiting(shardId, String.valueOf(e.getMessage()));
                LOG.warn("shard {}: not begun, again in {} ms: {}", shardId, retryMs, e + "");
            }
            if (!stop.pauseMs(retryMs) || !isHeld()) {
                abandon();
                return null;
            }
        }
    }

    /** KCL goes on to the next records when this call returns, so this processor is done for. */
    private void abandon() {
        state = State.ABANDONED;
        LOG.info("shard {}: abandoned, stopping={}", shardId, stop.isRaised());
        final ShardLease held = lease;
        if (held != null && !stop.isRaised()) {
            held.giveUp();
        }
    }

    private boolean isHeld() {
        final ShardLease held = lease;
        return held != null && held.isHeld();
    }

    private void halt(final HaltReason reason, final String why) {
        state = State.HALTED;
        status.halted(shardId, reason, why);
    }

    private void checkpointIfDue(
            final SnapshotFollower following, final RecordProcessorCheckpointer checkpointer) {
        final String covered = following.covered();
        if (state != State.FOLLOWING
                || covered == null
                || covered.equals(checkpointed)
                || nowMs() - checkpointedAtMs < checkpointIntervalMs) {
            return;
        }
        checkpointedAtMs = nowMs();
        if (CheckpointWriter.write(shardId, () -> checkpointer.checkpoint(covered))
                == CheckpointWriter.Result.WRITTEN) {
            checkpointed = covered;
        }
    }

    private void persistently(final CheckpointWriter.Call checkpoint) {
        for (int i = 0; i < CHECKPOINT_ATTEMPTS; i++) {
            if (CheckpointWriter.write(shardId, checkpoint) != CheckpointWriter.Result.FAILED
                    || !stop.pauseMs(retryMs)) {
                return;
            }
        }
    }

    private void end() {
        status.ended(shardId);
        metrics.ended(shardId);
        final SnapshotFollower ended = follower;
        follower = null;
        if (ended != null) {
            ended.close();
        }
    }

    /** Whatever happens here that was not foreseen is a defect: the shard halts, nothing is stored. */
    private void guarded(final String what, final Runnable work) {
        try {
            work.run();
        } catch (final Throwable e) {
            LOG.error("shard {}: {} failed", shardId, what, e);
            halt(HaltReason.DEFECT, what + " failed: " + e);
        }
    }

    /** Null where KCL brings the shard from its first record. */
    private static @Nullable String checkpointOf(
            final @Nullable ExtendedSequenceNumber checkpoint) {
        return checkpoint == null || checkpoint.isSentinelCheckpoint()
                ? null
                : checkpoint.sequenceNumber();
    }

    private long nowMs() {
        return clockMs.getAsLong();
    }
}
