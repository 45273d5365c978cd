package io.ringledger.consumer;

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

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Brings one shard into the views, on the threads of KCL. Two rules, because KCL skips the records of
 * a call that throws, and cannot tell a processor that it lost its lease:
 *
 * <ul>
 *   <li>No exception ever leaves. Where Postgres is away the same records are tried again until they
 *       are in, the lease is gone or the process ends; where the log contradicts itself the shard
 *       halts and every further record is left alone.
 *   <li>The checkpoint is an explicit sequence number, written only after the commit that covers it,
 *       and only now and then: it saves reading again, while the views themselves say where they
 *       stand. It is never ahead of them.
 * </ul>
 *
 * <pre>
 * PROJECTING ──contradiction──▶ HALTED
 *     └──lease lost or process ending, with records not in──▶ ABANDONED
 * </pre>
 *
 * Called by one thread at a time.
 */
public final class ProjectorProcessor implements ShardRecordProcessor {
    private static final Logger LOG = LoggerFactory.getLogger(ProjectorProcessor.class);
    private static final int CHECKPOINT_ATTEMPTS = 5;
    private static final long CHECKPOINT_PAUSE_MS = 200;

    /** What becomes of records. */
    private enum State {
        /** They go into the views. */
        PROJECTING,
        /** Left alone: an earlier one did not get in, and another worker, or start, brings them. */
        ABANDONED,
        /** Left alone: an earlier one contradicts the log or the views. */
        HALTED
    }

    /** How often to try again, and how often to write a checkpoint. */
    public record Pace(long firstRetryMs, long maxRetryMs, long checkpointIntervalMs) {}

    /** A projection with the store that it writes to. */
    public interface ShardProjection extends AutoCloseable {
        /** As {@link Projection#project}. */
        void project(List<LogRecord> records);

        @Override
        void close();
    }

    private final Supplier<ShardProjection> newProjection;
    private final Function<String, ShardLease> leases;
    private final Pace pace;
    private final StopSignal stop;
    private final ShardStatus status;
    private final ProjectorMetrics metrics;

    private State state = State.PROJECTING;
    private String shardId = "?";
    private @Nullable ShardLease lease;
    private @Nullable ShardProjection projection;
    private @Nullable String committed;
    private @Nullable String checkpointed;
    private long checkpointedAtNs;

    /**
     * @param newProjection makes the projection of a shard, with a connection of its own
     * @param leases gives the lease by which a shard is held now
     */
    public ProjectorProcessor(
            final Supplier<ShardProjection> newProjection,
            final Function<String, ShardLease> leases,
            final Pace pace,
            final StopSignal stop,
            final ShardStatus status,
            final ProjectorMetrics metrics) {
        this.newProjection = newProjection;
        this.leases = leases;
        this.pace = pace;
        this.stop = stop;
        this.status = status;
        this.metrics = metrics;
    }

    @Override
    public void initialize(final InitializationInput input) {
        shardId = input.shardId();
        checkpointedAtNs = System.nanoTime();
        guarded("initialize", () -> {
            lease = leases.apply(shardId);
            projection = newProjection.get();
            status.started(shardId);
            LOG.info("shard {}: started, checkpoint={}", shardId, input.extendedSequenceNumber());
        });
    }

    @Override
    public void processRecords(final ProcessRecordsInput input) {
        if (state != State.PROJECTING || input.records().isEmpty()) {
            return;
        }
        status.reading(shardId, input.millisBehindLatest());
        guarded("processRecords", () -> {
            final List<LogRecord> records = copy(input.records());
            if (project(records)) {
                committed = records.getLast().sequenceNumber();
                checkpointIfDue(input.checkpointer());
            }
        });
        if (state == State.PROJECTING) {
            status.read(shardId);
        }
    }

    @Override
    public void leaseLost(final LeaseLostInput input) {
        LOG.info("shard {}: lease lost, state={}, committed={}", shardId, state, committed);
        end();
    }

    @Override
    public void shardEnded(final ShardEndedInput input) {
        guarded("shardEnded", () -> {
            LOG.info("shard {}: ended, state={}, committed={}", shardId, state, committed);
            // Without this checkpoint KCL does not go on to the children, which is right for a
            // shard
            // that is not wholly in the views.
            if (state == State.PROJECTING) {
                persistently(() -> input.checkpointer().checkpoint());
            }
        });
        end();
    }

    @Override
    public void shutdownRequested(final ShutdownRequestedInput input) {
        guarded("shutdownRequested", () -> {
            LOG.info("shard {}: shutdown, state={}, committed={}", shardId, state, committed);
            final String last = committed;
            if (last != null && !last.equals(checkpointed)) {
                persistently(() -> input.checkpointer().checkpoint(last));
            }
        });
    }

    /** Returns whether the records are in the views; if not, the state says why. */
    private boolean project(final List<LogRecord> records) {
        final ShardProjection open = projection;
        if (open == null) {
            throw new IllegalStateException("not initialized");
        }
        long retryMs = pace.firstRetryMs();
        while (true) {
            try {
                open.project(records);
                status.moving(shardId);
                return true;
            } catch (final HaltException e) {
                halt(e.reason(), e);
                return false;
            } catch (final ContradictionException e) {
                halt(e.reason(), e);
                return false;
            } catch (final ViewUnavailableException e) {
                metrics.retried();
                final String why = String.valueOf(e.getMessage());
                status.waiting(shardId, why);
                LOG.warn("shard {}: {}; again in up to {} ms", shardId, why, retryMs);
            }
            // Jitter, so that the shards of many workers do not come back at one moment.
            final long pauseMs =
                    retryMs / 2 + ThreadLocalRandom.current().nextLong(retryMs / 2 + 1);
            retryMs = Math.min(2 * retryMs, pace.maxRetryMs());
            final ShardLease held = lease;
            final boolean isHeld = held != null && held.isHeld();
            if (!stop.pauseMs(pauseMs) || !isHeld) {
                abandon(records, isHeld);
                return false;
            }
        }
    }

    /**
     * KCL goes on to the next records when this call returns, so this processor is done for. KCL may
     * think that it has the lease, or have it again in a moment: it lets go of it for good.
     */
    private void abandon(final List<LogRecord> records, final boolean isHeld) {
        state = State.ABANDONED;
        LOG.info(
                "shard {}: abandoned at record {}, stopping={}, leaseHeld={}",
                shardId,
                records.getFirst().sequenceNumber(),
                stop.isRaised(),
                isHeld);
        final ShardLease held = lease;
        if (held != null && !stop.isRaised()) {
            held.giveUp();
        }
    }

    private void halt(final HaltReason reason, final Throwable why) {
        state = State.HALTED;
        status.halted(shardId, reason, String.valueOf(why.getMessage()));
    }

    private void checkpointIfDue(final RecordProcessorCheckpointer checkpointer) {
        final String last = committed;
        final long nowNs = System.nanoTime();
        final long intervalNs = TimeUnit.MILLISECONDS.toNanos(pace.checkpointIntervalMs());
        if (last == null || nowNs - checkpointedAtNs < intervalNs) {
            return;
        }
        // Once an interval, whether it works or not: the next one is as good.
        checkpointedAtNs = nowNs;
        attempt(() -> checkpointer.checkpoint(last), last);
    }

    private void persistently(final CheckpointWriter.Call checkpoint) {
        for (int i = 0; i < CHECKPOINT_ATTEMPTS; i++) {
            if (attempt(checkpoint, committed) || !stop.pauseMs(CHECKPOINT_PAUSE_MS)) {
                return;
            }
        }
    }

    /** False if it is worth another try. */
    private boolean attempt(
            final CheckpointWriter.Call checkpoint, final @Nullable String sequenceNumber) {
        final CheckpointWriter.Result result = CheckpointWriter.write(shardId, checkpoint);
        if (result == CheckpointWriter.Result.WRITTEN) {
            checkpointed = sequenceNumber;
        }
        return result != CheckpointWriter.Result.FAILED;
    }

    private void end() {
        status.ended(shardId);
        final ShardProjection open = projection;
        projection = null;
        if (open != null) {
            open.close();
        }
    }

    /** Whatever happens here that was not foreseen is a defect: the shard halts, nothing is skipped. */
    private void guarded(final String what, final Runnable work) {
        try {
            work.run();
        } catch (final Throwable e) {
            LOG.error("shard {}: {} failed", shardId, what, e);
            state = State.HALTED;
            status.halted(shardId, HaltReason.DEFECT, what + " failed: " + e);
        }
    }

    static List<LogRecord> copy(final List<KinesisClientRecord> records) {
        final List<LogRecord> copies = new ArrayList<>(records.size());
        for (final KinesisClientRecord record : records) {
            final ByteBuffer data = record.data().duplicate();
            final byte[] bytes = new byte[data.remaining()];
            data.get(bytes);
            copies.add(new LogRecord(bytes, record.sequenceNumber()));
        }
        return copies;
    }
}
