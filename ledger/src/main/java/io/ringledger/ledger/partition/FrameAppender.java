package io.ringledger.ledger.partition;

import io.ringledger.kit.Failpoint;
import io.ringledger.kit.Failpoints;
import io.ringledger.kit.ProblemCode;
import io.ringledger.ledger.log.LogPosition;
import io.ringledger.ledger.log.PartitionLog;
import io.ringledger.ledger.ownership.Ownership;
import io.ringledger.model.frame.FrameChain;
import io.ringledger.model.frame.FrameEncoder;
import io.ringledger.model.frame.FrameFormat;
import io.ringledger.model.frame.FrameHeader;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * Makes frames durable, one at a time and in order (design D3), and lets their outcomes be told once
 * the ownership is confirmed (D5):
 *
 * <ol>
 *   <li>An append that fails or times out is tried again with the same bytes until the log takes it:
 *       it may have landed already, and then readers drop the second one by its frame number.
 *   <li>When it has returned, the next frame may come, and this one waits for a confirmation that
 *       began after its append had returned. One confirmation runs at a time and covers every frame
 *       that was appended before it began.
 * </ol>
 *
 * <p>Never gives up on its own and never skips; only {@link #close} and the loss of the ownership end
 * it. All its work runs on one executor, which is single-threaded; {@link #isIdle} may be asked and
 * {@link #accept} called by the writer thread.
 */
final class FrameAppender implements PartitionWriter.FrameSink, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FrameAppender.class);

    private static final long FIRST_BACKOFF_MS = 10;
    private static final long MAX_BACKOFF_MS = 1_000;

    /** Between two tries of a confirmation that cannot be had. */
    private static final long CONFIRM_RETRY_MS = 100;

    /**
     * A try that times out gives the next one twice the time, up to this many times the first: a log
     * that has become slower than the time-out would otherwise never be heard.
     */
    private static final int MAX_TIMEOUT_FACTOR = 8;

    /** What becomes of frames. */
    interface Listener {
        /** The log has taken the frame: the next one may come. Nothing of it may be told yet. */
        void onAppended(Frame frame, int recordBytes);

        /** The frame is in the log and will stay: its outcomes may be told. */
        void onDurable(Frame frame);

        /** An append did not succeed and will be tried again. */
        void onRetry(Throwable cause);

        /** The ownership is gone: nothing of the frames on their way may be told. */
        void onOwnershipLost();

        /** Something that cannot be: the process must stop. */
        void onFailure(Throwable cause);
    }

    private final PartitionLog log;
    private final Ownership ownership;
    private final ScheduledExecutorService executor;
    private final LongSupplier nanoTime;
    private final LongSupplier randomness;
    private final Listener listener;
    private final int partition;
    private final int partitions;
    private final long appendTimeoutMs;
    private final FrameEncoder encoder;
    private volatile boolean isBusy;
    private volatile long movedNs;
    private final AtomicInteger framesOnTheirWay = new AtomicInteger();
    private volatile boolean isClosed;

    // Owned by the executor.
    private final FrameChain chain;
    private final Deque<Frame> unconfirmed = new ArrayDeque<>();
    private @Nullable Frame appending;
    private @Nullable LogPosition lastPosition;
    private int confirming;
    private long backoffMs = FIRST_BACKOFF_MS;
    private long timeoutMs;
    private int attempts;

    FrameAppender(
            final PartitionLog log,
            final Ownership ownership,
            final ScheduledExecutorService executor,
            final LongSupplier nanoTime,
            final LongSupplier randomness,
            final RecoveredPartition recovered,
            final PartitionContext context,
            final Listener listener) {
        this.log = log;
        this.ownership = ownership;
        this.executor = executor;
        this.nanoTime = nanoTime;
        this.randomness = randomness;
        this.listener = listener;
        partitions = context.partitions();
        appendTimeoutMs = context.appendTimeoutMs();
        timeoutMs = appendTimeoutMs;
        chain = recovered.chain();
        partition = chain.partition();
        lastPosition = recovered.lastPosition();
        encoder = new FrameEncoder(partition, partitions);
    }

    @Override
    public boolean isIdle() {
        return !isBusy;
    }

    /** True if every frame that was accepted is durable; any thread may ask. */
    boolean isQuiet() {
        return framesOnTheirWay.get() == 0;
    }

    @Override
    public void accept(final Frame frame) {
        if (isBusy) {
            throw new IllegalStateException("two appends in flight: partition=" + partition);
        }
        isBusy = true;
        if (framesOnTheirWay.getAndIncrement() == 0) {
            movedNs = frame.startNs();
        }
        execute(() -> begin(frame));
    }

    /** How long no frame has become a step more durable, in nanoseconds; 0 if none is on its way. */
    long stalledNs() {
        return isQuiet() ? 0 : Math.max(0, nanoTime.getAsLong() - movedNs);
    }

    /** True if the log has not taken the last frame yet; false: what stalls is a confirmation. */
    boolean isAppending() {
        return isBusy;
    }

    /** Ends it at once: what is on its way is neither tried again nor told. */
    @Override
    public void close() {
        isClosed = true;
        execute(encoder::close);
    }

    /** The frames whose outcomes nobody has been told, oldest first; on the executor, once closed. */
    List<Frame> abandon() {
        if (!isClosed) {
            throw new IllegalStateException("appender is not closed: partition=" + partition);
        }
        final List<Frame> abandoned = new ArrayList<>(unconfirmed);
        if (appending != null) {
            abandoned.add(appending);
        }
        unconfirmed.clear();
        appending = null;
        return abandoned;
    }

    private void begin(final Frame frame) {
        if (isClosed) {
            // Handed over in the very moment of the end.
            frame.fail(ProblemCode.OUTCOME_UNKNOWN);
            return;
        }
        appending = frame;
        if (frame.batch().eventCount() == 0) {
            // Only outcomes that were decided before: what they rest on has been appended.
            enqueue(frame, 0);
            return;
        }
        final long frameNumber = chain.frameNumber() + 1;
        final byte[] record =
                encoder.encode(frame.batch(), ownership.epoch(), frameNumber, chain.hash());
        backoffMs = FIRST_BACKOFF_MS;
        timeoutMs = appendTimeoutMs;
        attempts = 0;
        attempt(frame, record);
    }

    private void attempt(final Frame frame, final byte[] record) {
        if (isClosed) {
            return;
        }
        attempts++;
        Failpoints.before(Failpoint.APPEND_SENT);
        log.append(record, lastPosition, timeoutMs)
                .whenComplete((position, failure) -> execute(() -> {
                    if (isClosed) {
                        return;
                    }
                    if (failure == null) {
                        appended(frame, record, position);
                    } else {
                        retry(frame, record, failure);
                    }
                }));
        Failpoints.after(Failpoint.APPEND_SENT);
    }

    private void appended(final Frame frame, final byte[] record, final LogPosition position) {
        Failpoints.before(Failpoint.APPEND_RETURNED);
        if (attempts > 1) {
            LOG.info(
                    "append succeeded: partition={}, frame={}, attempts={}",
                    partition,
                    chain.frameNumber() + 1,
                    attempts);
        }
        lastPosition = position;
        chain.advance(headerOf(frame, record), FrameFormat.hashOf(record));
        frame.number(chain.frameNumber());
        Failpoints.after(Failpoint.APPEND_RETURNED);
        enqueue(frame, record.length);
    }

    private void retry(final Frame frame, final byte[] record, final Throwable failure) {
        final Throwable cause = failure instanceof CompletionException && failure.getCause() != null
                ? failure.getCause()
                : failure;
        LOG.warn(
                "append failed, trying the same frame again: partition={}, frame={}, attempt={},"
                        + " backoffMs={}, cause={}",
                partition,
                chain.frameNumber() + 1,
                attempts,
                backoffMs,
                cause.toString());
        listener.onRetry(cause);
        // Full jitter (Brooker, "Exponential Backoff And Jitter").
        final long delayMs = 1 + Math.floorMod(randomness.getAsLong(), backoffMs);
        backoffMs = Math.min(MAX_BACKOFF_MS, backoffMs * 2);
        timeoutMs = nextTimeoutMs(timeoutMs, appendTimeoutMs);
        schedule(() -> attempt(frame, record), delayMs);
    }

    /** How long the try after one of {@code timeoutMs} may take, where the first had so much. */
    static long nextTimeoutMs(final long timeoutMs, final long firstTimeoutMs) {
        return Math.min(MAX_TIMEOUT_FACTOR * firstTimeoutMs, timeoutMs * 2);
    }

    private void enqueue(final Frame frame, final int recordBytes) {
        unconfirmed.add(frame);
        appending = null;
        isBusy = false;
        movedNs = nanoTime.getAsLong();
        frame.appendedNs(movedNs);
        listener.onAppended(frame, recordBytes);
        if (confirming == 0) {
            confirm();
        }
    }

    /** Only frames whose append returned before this call are covered by its answer. */
    private void confirm() {
        if (isClosed) {
            return;
        }
        confirming = unconfirmed.size();
        ownership
                .confirm()
                .whenComplete((isOwner, failure) -> execute(() -> {
                    if (isClosed) {
                        return;
                    }
                    if (failure != null) {
                        LOG.warn(
                                "cannot confirm the ownership yet: partition={}, cause={}",
                                partition,
                                failure.toString());
                        schedule(this::confirm, CONFIRM_RETRY_MS);
                    } else if (isOwner) {
                        confirmed();
                    } else {
                        listener.onOwnershipLost();
                    }
                }));
    }

    private void confirmed() {
        movedNs = nanoTime.getAsLong();
        for (; confirming > 0; confirming--) {
            listener.onDurable(unconfirmed.remove());
            // Not before the answers are on their way: whoever closes waits for this.
            framesOnTheirWay.decrementAndGet();
        }
        if (!unconfirmed.isEmpty()) {
            confirm();
        }
    }

    private FrameHeader headerOf(final Frame frame, final byte[] record) {
        return new FrameHeader(
                partitions,
                partition,
                ownership.epoch(),
                chain.frameNumber() + 1,
                frame.batch().firstSequence(),
                frame.batch().eventCount(),
                frame.batch().baseTimeMs(),
                frame.batch().length(),
                record.length);
    }

    private void execute(final Runnable work) {
        try {
            executor.execute(() -> runChecked(work));
        } catch (final RejectedExecutionException e) {
            // What the log still answers after the end is told to nobody.
            if (!isClosed) {
                throw e;
            }
        }
    }

    private void schedule(final Runnable work, final long delayMs) {
        try {
            final ScheduledFuture<?> _ =
                    executor.schedule(() -> runChecked(work), delayMs, TimeUnit.MILLISECONDS);
        } catch (final RejectedExecutionException e) {
            if (!isClosed) {
                throw e;
            }
        }
    }

    private void runChecked(final Runnable work) {
        try {
            work.run();
        } catch (final RuntimeException | Error e) {
            listener.onFailure(e);
        }
    }
}
