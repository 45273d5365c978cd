package io.ringledger.ledger.partition;

import io.ringledger.kit.Failpoint;
import io.ringledger.kit.Failpoints;
import io.ringledger.ledger.log.LogException;
import io.ringledger.ledger.log.LogPage;
import io.ringledger.ledger.log.LogPosition;
import io.ringledger.ledger.log.LogReader;
import io.ringledger.ledger.log.PartitionLog;
import io.ringledger.ledger.ownership.Ownership;
import io.ringledger.model.frame.FrameException;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Makes a new owner ready to serve (design D5 and D8), once the ownership is its own:
 *
 * <ol>
 *   <li>the newest valid snapshot is loaded, if there is one: before the marker, so that the marker
 *       cannot be in it, and is always ahead of where the reading begins
 *   <li>its marker is appended, the same bytes until the log takes them: from there on readers drop
 *       what a replaced owner still appends
 *   <li>the log is read from there up to the own marker: everything before it that is not fenced has
 *       happened, and nothing more will ever happen there
 * </ol>
 *
 * <p>What cannot be reached is tried again for as long as the ownership lasts. What contradicts
 * itself ends the recovery; nothing is skipped. All its work runs on one executor, which is
 * single-threaded. Used once.
 */
public final class PartitionRecovery {
    private static final Logger LOG = LoggerFactory.getLogger(PartitionRecovery.class);
    private static final long FIRST_BACKOFF_MS = 10;
    private static final long MAX_BACKOFF_MS = 1_000;

    /** A shard gives five reads a second: the pause where a read brought nothing or failed. */
    private static final long READ_AGAIN_MS = 200;

    /** Five seconds: a record is shown long before. */
    private static final int MAX_READS_WITHOUT_PROOF = 25;

    private static final String READ = "read the log";
    private static final long PROGRESS_INTERVAL_NS = TimeUnit.SECONDS.toNanos(2);

    private final int partition;
    private final PartitionContext context;
    private final PartitionLog log;
    private final SnapshotSource snapshots;
    private final Ownership ownership;
    private final ScheduledExecutorService executor;
    private final LongSupplier nanoTime;
    private final LongSupplier randomness;
    private final CompletableFuture<RecoveredPartition> result = new CompletableFuture<>();
    private volatile @Nullable String trouble;

    // Owned by the executor.
    private final byte[] markerRecord;
    private @Nullable LogPosition markerPosition;
    private @Nullable RecoveryFold fold;
    private long backoffMs = FIRST_BACKOFF_MS;
    private long markerTimeoutMs;
    private long refusedSequence;
    private long startNs;
    private long lastProgressNs;

    /**
     * A recovery that has not begun.
     *
     * @param nanoTime a monotonic clock, for what is said about progress
     * @param randomness for the jitter of retries
     */
    public PartitionRecovery(
            final int partition,
            final PartitionContext context,
            final PartitionLog log,
            final SnapshotSource snapshots,
            final Ownership ownership,
            final ScheduledExecutorService executor,
            final LongSupplier nanoTime,
            final LongSupplier randomness) {
        this.partition = partition;
        this.context = context;
        this.log = log;
        this.snapshots = snapshots;
        this.ownership = ownership;
        this.executor = executor;
        this.nanoTime = nanoTime;
        this.randomness = randomness;
        markerRecord = ownership.marker().toRecord();
        markerTimeoutMs = context.appendTimeoutMs();
    }

    /**
     * Begins, once.
     *
     * @return ends with the partition, or fails: with {@link CancellationException} if it was
     *     cancelled or the ownership is lost, with {@link RecoveryException}, {@link LogException} or
     *     another exception if the log contradicts itself or is not there
     */
    public CompletionStage<RecoveredPartition> start() {
        execute(() -> {
            startNs = nanoTime.getAsLong();
            lastProgressNs = startNs;
            if (ownership.requiredSequence() == 0) {
                lookFirst(log.reader(null), 0);
            } else {
                loadSnapshot(Long.MAX_VALUE);
            }
        });
        return result;
    }

    /** Ends it, whatever it is at; any thread. */
    public void cancel() {
        end();
        // Whatever runs next on the executor gives the native memory back.
        execute(() -> {});
    }

    private void end() {
        result.completeExceptionally(
                new CancellationException("recovery cancelled: partition=" + partition));
    }

    /** What it cannot do at the moment, in words without internals; null: it gets on. */
    public @Nullable String trouble() {
        return trouble;
    }

    /**
     * As far as is known nobody has written to this log. It may be something else's, and is left as it
     * is then.
     */
    private void lookFirst(final LogReader reader, final int emptyReads) {
        reader.next()
                .whenComplete((page, failure) -> execute(() -> {
                    if (failure != null) {
                        if (unwrap(failure) instanceof LogException) {
                            fail(unwrap(failure));
                        } else {
                            again(READ, failure, () -> lookFirst(reader, emptyReads));
                        }
                        return;
                    }
                    gotOn();
                    final boolean isUnsure = page.records().isEmpty() && !page.isAtEnd();
                    if (isUnsure && emptyReads < MAX_READS_WITHOUT_PROOF) {
                        schedule(() -> lookFirst(reader, emptyReads + 1), READ_AGAIN_MS);
                    } else {
                        FirstLook.requireOurs(page.records(), context.partitions());
                        loadSnapshot(Long.MAX_VALUE);
                    }
                }));
    }

    private void appendMarker(final Optional<SnapshotSource.Snapshot> snapshot) {
        Failpoints.before(Failpoint.MARKER_WRITTEN);
        log.append(markerRecord, null, markerTimeoutMs)
                .whenComplete((position, failure) -> execute(() -> {
                    if (failure == null) {
                        Failpoints.after(Failpoint.MARKER_WRITTEN);
                        markerPosition = position;
                        gotOn();
                        beginToRead(snapshot);
                    } else if (unwrap(failure) instanceof LogException) {
                        fail(unwrap(failure));
                    } else {
                        markerTimeoutMs = FrameAppender.nextTimeoutMs(
                                markerTimeoutMs, context.appendTimeoutMs());
                        again("append the epoch marker", failure, () -> appendMarker(snapshot));
                    }
                }));
    }

    private void loadSnapshot(final long below) {
        snapshots
                .newest(partition, below)
                .whenComplete((snapshot, failure) -> execute(() -> {
                    if (failure != null) {
                        again("load a snapshot", failure, () -> loadSnapshot(below));
                    } else if (markerPosition == null) {
                        appendMarker(snapshot);
                    } else {
                        beginToRead(snapshot);
                    }
                }));
    }

    private void beginToRead(final Optional<SnapshotSource.Snapshot> snapshot) {
        snapshot.ifPresent(found -> LOG.info(
                "partition {}: begins with the snapshot at sequence {}, after {} ms",
                partition,
                found.chain().sequence(),
                elapsedMs()));
        final RecoveryFold begun =
                new RecoveryFold(partition, context, ownership.marker(), snapshot.orElse(null));
        closeFold();
        fold = begun;
        readOn(log.reader(snapshot.map(SnapshotSource.Snapshot::lastRecord).orElse(null)), begun);
    }

    private void readOn(final LogReader reader, final RecoveryFold into) {
        reader.next()
                .whenComplete((page, failure) -> execute(() -> {
                    if (failure == null) {
                        gotOn();
                        onPage(reader, into, page);
                    } else if (unwrap(failure) instanceof LogException) {
                        fail(unwrap(failure));
                    } else {
                        again(READ, failure, () -> readOn(reader, into));
                    }
                }));
    }

    private void onPage(final LogReader reader, final RecoveryFold into, final LogPage page) {
        try {
            if (into.addUntilMarker(page.records())) {
                finish(into);
                return;
            }
        } catch (final RecoveryFold.SnapshotRefusedException e) {
            passOver(into, e);
            return;
        } catch (final RecoveryFold.OtherOwnerException e) {
            judgeOtherOwner(e);
            return;
        }
        if (into.isInDoubtAfter(page, MAX_READS_WITHOUT_PROOF)) {
            passOver(
                    into,
                    new RecoveryFold.SnapshotRefusedException(
                            "the log shows neither the snapshot's last frame nor anything after it"));
            return;
        }
        reportProgress(into);
        schedule(() -> readOn(reader, into), page.records().isEmpty() ? READ_AGAIN_MS : 0);
    }

    /** The log does not hold what the snapshot rests on: the one before it may still do. */
    private void passOver(
            final RecoveryFold into, final RecoveryFold.SnapshotRefusedException why) {
        LOG.warn(
                "partition {}: snapshot at sequence {} refused, the one before it is tried: {}",
                partition,
                into.snapshotSequence(),
                String.valueOf(why.getMessage()));
        refusedSequence = Math.max(refusedSequence, into.snapshotSequence());
        loadSnapshot(into.snapshotSequence());
    }

    /** Somebody of this epoch or a later one was there before: a successor, or another ledger's table. */
    private void judgeOtherOwner(final RecoveryFold.OtherOwnerException e) {
        ownership
                .confirm()
                .whenComplete((isOwner, failure) -> execute(() -> {
                    if (failure != null) {
                        again("confirm the ownership", failure, () -> judgeOtherOwner(e));
                    } else if (isOwner) {
                        fail(new RecoveryException(
                                "the log of partition " + partition + " has epoch " + e.epoch()
                                        + " of another owner, this owner's is " + ownership.epoch()
                                        + ": the ledger table is not the one that belongs to this stream;"
                                        + " set RINGLEDGER_LEDGER_TABLE to the right name, no event was"
                                        + " written",
                                e));
                    } else {
                        cancel();
                    }
                }));
    }

    private void finish(final RecoveryFold whole) {
        final LogPosition position = markerPosition;
        if (position == null) {
            throw new IllegalStateException("the marker was read before it was acknowledged");
        }
        try {
            whole.requireWhole(ownership.requiredSequence());
        } catch (final RecoveryFold.SnapshotRefusedException e) {
            passOver(whole, e);
            return;
        }
        if (refusedSequence > whole.chain().sequence()) {
            fail(RecoveryException.snapshotAhead(
                    partition, refusedSequence, whole.chain().sequence()));
            return;
        }
        LOG.info(
                "recovered partition {}: epoch {}, {} frames, {} events of which {} from a snapshot,"
                        + " {} accounts, {} records dropped, in {} ms",
                partition,
                ownership.epoch(),
                whole.chain().frameNumber(),
                whole.model().lastSequence(),
                whole.snapshotSequence(),
                whole.model().accountCount(),
                whole.dropped(),
                elapsedMs());
        closeFold();
        result.complete(new RecoveredPartition(
                whole.model(),
                whole.chain(),
                position,
                whole.snapshotSequence(),
                whole.markerArrivedMs(),
                whole.dropped()));
    }

    private void reportProgress(final RecoveryFold into) {
        final long nowNs = nanoTime.getAsLong();
        if (nowNs - lastProgressNs > PROGRESS_INTERVAL_NS) {
            lastProgressNs = nowNs;
            LOG.info(
                    "recovering partition {}: frame {}, event {}, the own marker has not come yet",
                    partition,
                    into.chain().frameNumber(),
                    into.model().lastSequence());
        }
    }

    private void again(final String what, final Throwable failure, final Runnable work) {
        final Throwable cause = unwrap(failure);
        if (cause instanceof Error) {
            fail(cause);
            return;
        }
        LOG.warn("partition {} cannot {} yet, trying again: {}", partition, what, cause.toString());
        trouble = "cannot " + what;
        final long delayMs = 1 + Math.floorMod(randomness.getAsLong(), backoffMs);
        backoffMs = Math.min(MAX_BACKOFF_MS, 2 * backoffMs);
        schedule(work, delayMs);
    }

    private void gotOn() {
        backoffMs = FIRST_BACKOFF_MS;
        trouble = null;
    }

    private long elapsedMs() {
        return TimeUnit.NANOSECONDS.toMillis(nanoTime.getAsLong() - startNs);
    }

    private void fail(final Throwable cause) {
        closeFold();
        result.completeExceptionally(
                cause instanceof final FrameException e
                        ? RecoveryException.of(partition, e)
                        : cause);
    }

    private void closeFold() {
        final RecoveryFold held = fold;
        fold = null;
        if (held != null) {
            held.close();
        }
    }

    private void schedule(final Runnable work, final long delayMs) {
        try {
            final ScheduledFuture<?> _ =
                    executor.schedule(() -> runChecked(work), delayMs, TimeUnit.MILLISECONDS);
        } catch (final RejectedExecutionException e) {
            end();
        }
    }

    private void execute(final Runnable work) {
        try {
            executor.execute(() -> runChecked(work));
        } catch (final RejectedExecutionException e) {
            // The executor ends after a recovery that was cancelled.
            end();
        }
    }

    private void runChecked(final Runnable work) {
        if (result.isDone()) {
            closeFold();
            return;
        }
        try {
            work.run();
        } catch (final RuntimeException | Error e) {
            fail(e);
        }
    }

    private static Throwable unwrap(final Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null
                ? failure.getCause()
                : failure;
    }
}
