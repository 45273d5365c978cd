package io.ringledger.ledger.partition;

import io.ringledger.kit.Failpoint;
import io.ringledger.kit.Failpoints;
import io.ringledger.ledger.log.PartitionLog;
import io.ringledger.ledger.ownership.Ownership;
import io.ringledger.model.frame.FrameChain;
import io.ringledger.model.frame.FrameEncoder;
import io.ringledger.model.frame.FrameFormat;
import io.ringledger.model.frame.FrameHeader;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Makes frames durable, one at a time and in order (design D3). An append that fails or times out
 * is tried again with the same bytes until the log takes it: it may have landed already, and then
 * readers drop the second one by its frame number. Never gives up on its own and never skips; only
 * {@link #close} ends it.
 *
 * <p>All its work runs on one executor, which is single-threaded; {@link #isIdle} may be asked and
 * {@link #accept} called by the writer thread.
 */
final class FrameAppender implements PartitionWriter.FrameSink, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FrameAppender.class);

    private static final long FIRST_BACKOFF_MS = 10;
    private static final long MAX_BACKOFF_MS = 1_000;

    /**
     * A try that times out gives the next one twice the time, up to this many times the first: a log
     * that has become slower than the time-out would otherwise never be heard.
     */
    private static final int MAX_TIMEOUT_FACTOR = 8;

    /** What becomes of frames. */
    interface Listener {
        /** A frame begins its way. */
        void onAppend();

        /**
         * The frame is in the log, and this is still the owner: its outcomes may be told.
         *
         * @param next called once the next frame may come
         */
        void onDurable(Frame frame, int recordBytes, Runnable next);

        /** An append did not succeed and will be tried again. */
        void onRetry(Throwable cause);

        /** The ownership is gone: nothing of the frame may be told. */
        void onOwnershipLost();

        /** Something that cannot be: the process must stop. */
        void onFailure(Throwable cause);
    }

    private final PartitionLog log;
    private final Ownership ownership;
    private final ScheduledExecutorService executor;
    private final LongSupplier randomness;
    private final Listener listener;
    private final FrameEncoder encoder;
    private final int partition;
    private final int partitions;
    private final long appendTimeoutMs;
    private volatile boolean isBusy;
    private volatile boolean isClosed;

    // Owned by the executor.
    private final FrameChain chain;
    private @Nullable String lastLogSequence;
    private long backoffMs = FIRST_BACKOFF_MS;
    private long timeoutMs;
    private int attempts;

    FrameAppender(
            final PartitionLog log,
            final Ownership ownership,
            final ScheduledExecutorService executor,
            final LongSupplier randomness,
            final RecoveredPartition recovered,
            final int partitions,
            final long appendTimeoutMs,
            final Listener listener) {
        this.log = log;
        this.ownership = ownership;
        this.executor = executor;
        this.randomness = randomness;
        this.listener = listener;
        this.partitions = partitions;
        this.appendTimeoutMs = appendTimeoutMs;
        timeoutMs = appendTimeoutMs;
        chain = recovered.chain();
        partition = chain.partition();
        lastLogSequence = recovered.lastLogSequence();
        encoder = new FrameEncoder(partition, partitions);
    }

    @Override
    public boolean isIdle() {
        return !isBusy;
    }

    @Override
    public void accept(final Frame frame) {
        if (isBusy) {
            throw new IllegalStateException("two appends in flight: partition=" + partition);
        }
        isBusy = true;
        execute(() -> begin(frame));
    }

    @Override
    public void close() {
        isClosed = true;
        execute(encoder::close);
    }

    private void begin(final Frame frame) {
        listener.onAppend();
        if (frame.batch().eventCount() == 0) {
            confirm(frame, 0);
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
        log.append(record, lastLogSequence, timeoutMs)
                .whenComplete((logSequence, failure) -> execute(() -> {
                    if (failure == null) {
                        appended(frame, record, logSequence);
                    } else {
                        retry(frame, record, failure);
                    }
                }));
        Failpoints.after(Failpoint.APPEND_SENT);
    }

    private void appended(final Frame frame, final byte[] record, final String logSequence) {
        Failpoints.before(Failpoint.APPEND_RETURNED);
        if (attempts > 1) {
            LOG.info(
                    "append succeeded: partition={}, frame={}, attempts={}",
                    partition,
                    chain.frameNumber() + 1,
                    attempts);
        }
        lastLogSequence = logSequence;
        chain.advance(headerOf(frame, record), FrameFormat.hashOf(record));
        Failpoints.after(Failpoint.APPEND_RETURNED);
        confirm(frame, record.length);
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
        timeoutMs = Math.min(MAX_TIMEOUT_FACTOR * appendTimeoutMs, timeoutMs * 2);
        schedule(() -> attempt(frame, record), delayMs);
    }

    private void confirm(final Frame frame, final int recordBytes) {
        ownership
                .confirm()
                .whenComplete((isOwner, failure) -> execute(() -> {
                    if (failure != null) {
                        LOG.warn(
                                "cannot confirm the ownership yet: partition={}, cause={}",
                                partition,
                                failure.toString());
                        schedule(() -> confirm(frame, recordBytes), MAX_BACKOFF_MS);
                    } else if (isOwner) {
                        listener.onDurable(frame, recordBytes, () -> isBusy = false);
                    } else {
                        listener.onOwnershipLost();
                    }
                }));
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
        final ScheduledFuture<?> _ =
                executor.schedule(() -> runChecked(work), delayMs, TimeUnit.MILLISECONDS);
    }

    private void runChecked(final Runnable work) {
        try {
            work.run();
        } catch (final RuntimeException | Error e) {
            listener.onFailure(e);
        }
    }
}
