package io.ringledger.ledger.partition;

import io.ringledger.kit.Failpoint;
import io.ringledger.kit.Failpoints;
import io.ringledger.kit.ProblemCode;
import io.ringledger.ledger.http.CommandReply;
import io.ringledger.model.AccountModel;
import io.ringledger.model.Command;

import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;
import org.jspecify.annotations.Nullable;

import java.util.Queue;
import java.util.function.LongSupplier;

/**
 * Decides commands one after another and groups them into frames (design D3): while one frame is on
 * its way into the log, the next one grows; when the log has taken it, everything that has gathered
 * goes out together. No timer: under light load a command goes at once, under heavy load frames
 * grow by themselves.
 *
 * <p>Has no thread of its own and never waits: {@link #hasRoom} says whether a command can be taken
 * now. {@link #submit} and {@link #flush} belong to one thread; {@link #onAnswered} may be called
 * by any.
 */
final class PartitionWriter {
    private final AccountModel model;
    private final FrameSink sink;
    private final LongSupplier nanoTime;
    private final Queue<Frame> freeFrames;
    private final int partition;
    private volatile boolean isFullOfKeys;
    private volatile boolean isFullOfAccounts;
    private volatile int keyCount;
    private volatile int accountCount;
    private volatile boolean isQuiet = true;

    // Owned by the writer thread.
    private @Nullable Frame growing;
    private @Nullable Thread owner;

    /** Where full frames go, one at a time. */
    interface FrameSink {
        /** True if a frame can be handed over: none is on its way. */
        boolean isIdle();

        /** Takes over a frame; only when idle. */
        void accept(Frame frame);
    }

    PartitionWriter(
            final int partition,
            final AccountModel model,
            final FrameSink sink,
            final LongSupplier nanoTime,
            final int frames,
            final int frameEventBytes,
            final int frameReplies) {
        this.partition = partition;
        this.model = model;
        this.sink = sink;
        this.nanoTime = nanoTime;
        freeFrames = new ManyToOneConcurrentArrayQueue<>(frames);
        for (int i = 1; i < frames; i++) {
            freeFrames.add(new Frame(frameEventBytes, frameReplies));
        }
        growing = new Frame(frameEventBytes, frameReplies);
    }

    /** True if no more idempotency keys fit into memory; any thread may ask. */
    boolean isFullOfKeys() {
        return isFullOfKeys;
    }

    /** True if no more accounts fit into memory; any thread may ask. */
    boolean isFullOfAccounts() {
        return isFullOfAccounts;
    }

    /** Idempotency keys in memory when the writer looked last; any thread may ask. */
    int keyCount() {
        return keyCount;
    }

    /** Accounts in memory when the writer looked last; any thread may ask. */
    int accountCount() {
        return accountCount;
    }

    /** True if no outcome waits for a frame to be handed over; any thread may ask. */
    boolean isQuiet() {
        return isQuiet;
    }

    /**
     * True if a command can be submitted now; sends the growing frame on its way if it is full and
     * the log is free. False: come back when a frame has been appended or answered.
     */
    boolean hasRoom(final long clockMs) {
        final long timeMs = model.ledgerTimeMs(clockMs);
        if (growing != null && growing.hasRoomFor(timeMs)) {
            return true;
        }
        flush(clockMs);
        return growing != null && growing.hasRoomFor(timeMs);
    }

    /** Decides one command; its outcome waits in the frame until that is durable. */
    void submit(
            final Command command, final long clockMs, final CommandReply reply, final int index) {
        requireOwner();
        final Frame frame = growing;
        if (frame == null || !frame.hasRoomFor(model.ledgerTimeMs(clockMs))) {
            throw new IllegalStateException("no room in the frame: partition=" + partition);
        }
        Failpoints.before(Failpoint.APPLY);
        model.submit(command, clockMs, frame.batch(), frame.nextOutcome());
        Failpoints.after(Failpoint.APPLY);
        frame.addReply(reply, index);
    }

    /** Sends what has gathered on its way, if the log is free. Called when the ring is empty. */
    void flush(final long clockMs) {
        requireOwner();
        // Asked even when nothing has gathered: keys expire while commands are refused.
        isFullOfKeys = model.isFullOfKeys(clockMs);
        isFullOfAccounts = model.isFullOfAccounts();
        keyCount = model.keyCount();
        accountCount = model.accountCount();
        if (growing == null) {
            growing = freeFrames.poll();
        }
        isQuiet = growing == null || growing.isEmpty();
        if (growing == null || isQuiet || !sink.isIdle()) {
            return;
        }
        final Frame full = growing;
        growing = freeFrames.poll();
        full.startNs(nanoTime.getAsLong());
        sink.accept(full);
        isQuiet = true;
    }

    /** Tells everybody whose outcome was never handed over that it is unknown; ends the writer. */
    void abandon() {
        final Frame frame = growing;
        growing = null;
        if (frame != null && !frame.isEmpty()) {
            frame.fail(ProblemCode.OUTCOME_UNKNOWN);
        }
    }

    /** Takes back a frame whose outcomes have all been answered. */
    void onAnswered(final Frame frame) {
        if (!freeFrames.offer(frame)) {
            throw new IllegalStateException("frame given back twice: partition=" + partition);
        }
    }

    private void requireOwner() {
        final Thread current = Thread.currentThread();
        if (owner == null) {
            owner = current;
        } else if (owner != current) {
            throw new IllegalStateException("two writer threads: partition=" + partition
                    + ", owner=" + owner.getName() + ", current=" + current.getName());
        }
    }
}
