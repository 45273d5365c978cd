package io.ringledger.ledger.partition;

import io.ringledger.kit.ProblemCode;
import io.ringledger.ledger.http.CommandReply;
import io.ringledger.ledger.log.PartitionLog;
import io.ringledger.ledger.ownership.Ownership;
import io.ringledger.model.AccountModel;
import io.ringledger.model.Command;

import java.util.concurrent.ScheduledExecutorService;
import java.util.function.LongSupplier;

/**
 * What a partition does, without a thread of its own: decides commands, groups them into frames,
 * makes those durable, and has them answered. Whoever drives it brings two threads, or one that plays
 * both: the writer, who calls {@link #hasRoom}, {@link #submit} and {@link #flush}, and the executor
 * of the appends. {@link Partition} drives it with a ring and real threads, the simulation with an
 * event queue.
 */
public final class PartitionCore {
    /** Hears what happens; called on the executor or on event loops, must not block. */
    public interface Listener {
        /** A frame has been appended or answered: the writer should look again. */
        void onRoom();

        /** A frame is in the log. */
        void onFrame(int events, int replies, int recordBytes, long appendNs);

        /** An append will be tried again. */
        void onRetry(Throwable cause);

        /** Another owner has taken over: nothing more is told, {@link PartitionCore#abandon} it. */
        void onOwnershipLost();

        /** Something that cannot be: the process must stop. */
        void onFailure(Throwable cause);
    }

    private final Ownership ownership;
    private final ScheduledExecutorService executor;
    private final LongSupplier nanoTime;
    private final Listener listener;
    private final FrameAppender appender;
    private final PartitionWriter writer;
    private final AccountModel model;

    /**
     * A core that goes on from what was recovered.
     *
     * @param executor single-threaded
     * @param nanoTime a monotonic clock, for what is measured
     * @param randomness for the jitter of retries
     */
    public PartitionCore(
            final PartitionContext context,
            final RecoveredPartition recovered,
            final PartitionLog log,
            final Ownership ownership,
            final ScheduledExecutorService executor,
            final LongSupplier nanoTime,
            final LongSupplier randomness,
            final Listener listener) {
        this.ownership = ownership;
        this.executor = executor;
        this.nanoTime = nanoTime;
        this.listener = listener;
        model = recovered.model();
        appender = new FrameAppender(
                log,
                ownership,
                executor,
                nanoTime,
                randomness,
                recovered,
                context,
                new AppendListener());
        writer = new PartitionWriter(
                recovered.chain().partition(),
                model,
                appender,
                nanoTime,
                context.frames(),
                context.frameEventBytes(),
                context.frameReplies());
    }

    /** True if a command can be submitted now; false: come back after {@link Listener#onRoom}. */
    public boolean hasRoom(final long clockMs) {
        return writer.hasRoom(clockMs);
    }

    /** Prepares for commands that will be submitted next; see {@link AccountModel#lookAhead}. */
    public void lookAhead(final Command[] commands, final int count) {
        model.lookAhead(commands, count);
    }

    /** Decides one command, whose outcome waits until it is durable; the writer, if there is room. */
    public void submit(
            final Command command, final long clockMs, final CommandReply reply, final int index) {
        writer.submit(command, clockMs, reply, index);
    }

    /** Sends what has gathered on its way, if the log is free; the writer, when nothing more waits. */
    public void flush(final long clockMs) {
        writer.flush(clockMs);
    }

    /** True if no more idempotency keys fit into memory; any thread. */
    public boolean isFullOfKeys() {
        return writer.isFullOfKeys();
    }

    /** True if no more accounts fit into memory; any thread. */
    public boolean isFullOfAccounts() {
        return writer.isFullOfAccounts();
    }

    /** Idempotency keys in memory when the writer looked last; any thread. */
    public int keyCount() {
        return writer.keyCount();
    }

    /** Accounts in memory when the writer looked last; any thread. */
    public int accountCount() {
        return writer.accountCount();
    }

    /** True if every outcome of what was submitted is durable and on its way to the client. */
    public boolean isQuiet() {
        return writer.isQuiet() && appender.isQuiet();
    }

    /** How long no frame has become a step more durable, in nanoseconds; 0 if none is on its way. */
    public long stalledNs() {
        return appender.stalledNs();
    }

    /** True if what stalls is the log, false if it is the confirmation of the ownership. */
    public boolean isAppending() {
        return appender.isAppending();
    }

    /** The state; the writer's, for checks. */
    public AccountModel model() {
        return model;
    }

    /**
     * Gives up what is on its way into the log: everybody who waits for it is told that the outcome is
     * unknown. Any thread; the writer's own part is {@link #abandonGrowing}.
     */
    public void abandon() {
        appender.close();
        executor.execute(
                () -> appender.abandon().forEach(frame -> frame.fail(ProblemCode.OUTCOME_UNKNOWN)));
    }

    /** The same for what has been decided and not been handed over yet; the writer, once abandoned. */
    public void abandonGrowing() {
        writer.abandon();
    }

    /** Ends it without a word to anybody: after it was quiet, or with the whole process. */
    public void close() {
        appender.close();
    }

    /** The appender's news. */
    private final class AppendListener implements FrameAppender.Listener {
        @Override
        public void onAppended(final Frame frame, final int recordBytes) {
            if (recordBytes > 0) {
                ownership.appended(frame.batch().firstSequence() + frame.batch().eventCount() - 1);
                listener.onFrame(
                        frame.batch().eventCount(),
                        frame.replyCount(),
                        recordBytes,
                        nanoTime.getAsLong() - frame.startNs());
            }
            listener.onRoom();
        }

        @Override
        public void onDurable(final Frame frame) {
            frame.answer(() -> {
                writer.onAnswered(frame);
                listener.onRoom();
            });
        }

        @Override
        public void onRetry(final Throwable cause) {
            listener.onRetry(cause);
        }

        @Override
        public void onOwnershipLost() {
            listener.onOwnershipLost();
        }

        @Override
        public void onFailure(final Throwable cause) {
            listener.onFailure(cause);
        }
    }
}
