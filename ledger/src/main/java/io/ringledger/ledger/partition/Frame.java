package io.ringledger.ledger.partition;

import io.ringledger.kit.ProblemCode;
import io.ringledger.ledger.http.CommandReply;
import io.ringledger.model.Outcome;
import io.ringledger.model.frame.EventBatch;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One group commit on its way: the events that go into the log, and the outcomes that wait for it.
 * It has one owner at a time, handed on in this order: the writer fills it, the appender makes it
 * durable, the event loops answer from it, and the last of them gives it back. A frame without
 * events carries only outcomes that were decided before, such as replays.
 */
final class Frame {
    private static final Logger LOG = LoggerFactory.getLogger(Frame.class);

    private final EventBatch batch;
    private final @Nullable CommandReply[] replies;
    private final int[] indexes;
    private final Outcome[] outcomes;
    private final AtomicInteger eventLoopsLeft = new AtomicInteger();
    private int replyCount;
    private long startNs;
    private long number;
    private long appendedNs;

    Frame(final int eventBytes, final int maxReplies) {
        batch = new EventBatch(eventBytes);
        replies = new CommandReply[maxReplies];
        indexes = new int[maxReplies];
        outcomes = new Outcome[maxReplies];
        for (int i = 0; i < maxReplies; i++) {
            outcomes[i] = new Outcome();
        }
    }

    EventBatch batch() {
        return batch;
    }

    boolean isEmpty() {
        return replyCount == 0;
    }

    int replyCount() {
        return replyCount;
    }

    boolean hasRoomFor(final long timeMs) {
        return replyCount < replies.length && batch.hasRoomFor(timeMs);
    }

    /** When it was handed over to the appender, on the partition's monotonic clock. */
    long startNs() {
        return startNs;
    }

    void startNs(final long nowNs) {
        startNs = nowNs;
    }

    /** The number that it has in the log, once the log has it. */
    void number(final long frameNumber) {
        number = frameNumber;
    }

    /** When the log had it, on the same clock. */
    void appendedNs(final long nowNs) {
        appendedNs = nowNs;
    }

    /** The outcome to fill in for the next reply. */
    Outcome nextOutcome() {
        return outcomes[replyCount];
    }

    /** Adds who waits for the outcome that was just filled in. */
    void addReply(final CommandReply reply, final int index) {
        replies[replyCount] = reply;
        indexes[replyCount] = index;
        replyCount++;
    }

    /**
     * Answers everybody, each on its own event loop, with one wake-up per loop.
     *
     * @param whenDone called once by the last event loop
     */
    void answer(final Runnable whenDone) {
        final List<Executor> eventLoops = eventLoops();
        eventLoopsLeft.set(eventLoops.size());
        for (final Executor eventLoop : eventLoops) {
            eventLoop.execute(() -> answerOn(eventLoop, whenDone));
        }
    }

    /** Tells everybody that there is no outcome to tell; the frame is not used again. */
    void fail(final ProblemCode code) {
        for (final Executor eventLoop : eventLoops()) {
            eventLoop.execute(() -> failOn(eventLoop, code));
        }
    }

    private List<Executor> eventLoops() {
        final List<Executor> eventLoops = new ArrayList<>(4);
        for (int i = 0; i < replyCount; i++) {
            final Executor eventLoop = reply(i).eventLoop();
            if (!eventLoops.contains(eventLoop)) {
                eventLoops.add(eventLoop);
            }
        }
        return eventLoops;
    }

    private void answerOn(final Executor eventLoop, final Runnable whenDone) {
        for (int i = 0; i < replyCount; i++) {
            final CommandReply reply = reply(i);
            if (reply.eventLoop() == eventLoop) {
                try {
                    reply.onFrame(indexes[i], number, batch.eventCount(), startNs, appendedNs);
                    reply.onOutcome(indexes[i], outcomes[i]);
                } catch (final RuntimeException | Error e) {
                    // The money has moved and is recorded; one client's broken answer must not
                    // keep the others from theirs. It may retry with the same key.
                    LOG.error("cannot answer: sequence={}", outcomes[i].sequence(), e);
                }
            }
        }
        if (eventLoopsLeft.decrementAndGet() == 0) {
            clear();
            whenDone.run();
        }
    }

    private void failOn(final Executor eventLoop, final ProblemCode code) {
        for (int i = 0; i < replyCount; i++) {
            final CommandReply reply = reply(i);
            if (reply.eventLoop() == eventLoop) {
                try {
                    reply.onFailed(indexes[i], code);
                } catch (final RuntimeException | Error e) {
                    LOG.error("cannot answer: code={}", code.wireName(), e);
                }
            }
        }
    }

    private CommandReply reply(final int i) {
        final CommandReply reply = replies[i];
        if (reply == null) {
            throw new IllegalStateException("no reply: i=" + i + ", replyCount=" + replyCount);
        }
        return reply;
    }

    private void clear() {
        for (int i = 0; i < replyCount; i++) {
            replies[i] = null;
        }
        replyCount = 0;
        number = 0;
        batch.clear();
    }
}
