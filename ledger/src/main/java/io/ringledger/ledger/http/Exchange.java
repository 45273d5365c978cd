package io.ringledger.ledger.http;

import io.ringledger.kit.ProblemCode;
import io.ringledger.model.Outcome;
import io.vertx.core.http.HttpServerRequest;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.concurrent.Executor;

/**
 * One request that waits for outcomes, as a link of its event loop's list of those. Used by that
 * event loop only.
 */
abstract class Exchange implements CommandReply {
    private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

    final EventLoop loop;
    final HttpServerRequest request;

    // The list of the event loop.
    @Nullable Exchange previous;

    @Nullable Exchange next;

    boolean isWaiting;

    /** When the wait began, as {@link System#nanoTime} has it. */
    long sinceNs;

    /** When the request was taken, by the same clock. */
    final long startNs = System.nanoTime();

    Exchange(final EventLoop loop, final HttpServerRequest request) {
        this.loop = loop;
        this.request = request;
    }

    @Override
    public final Executor eventLoop() {
        return loop;
    }

    /**
     * Answers. A fault closes the client's connection: what it asked for may be recorded, and with
     * the same key it learns that from a new connection.
     */
    @Override
    public final void onOutcome(final int index, final Outcome outcome) {
        try {
            decided(index, outcome);
        } catch (final RuntimeException e) {
            LOG.error("cannot answer: index={}, sequence={}", index, outcome.sequence(), e);
            cannotAnswer();
            request.connection()
                    .close()
                    .onFailure(failure -> LOG.debug("connection failed", failure));
        }
    }

    @Override
    public final void onFailed(final int index, final ProblemCode code) {
        failed(index, code);
    }

    /** There is no outcome: the code says whether the command may have been applied. */
    abstract void failed(int index, ProblemCode code);

    /** Takes one outcome, which is only valid during the call. */
    abstract void decided(int index, Outcome outcome);

    /** Counts an outcome whose answer met an exception nobody foresaw. */
    abstract void cannotAnswer();

    /** The time to wait is over; the exchange has left the list. */
    abstract void onDeadline();

    /** True if nobody reads an answer any more. */
    final boolean isAbandoned() {
        return request.response().closed();
    }
}
