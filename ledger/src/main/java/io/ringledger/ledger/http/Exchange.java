package io.ringledger.ledger.http;

import io.vertx.core.Context;
import io.vertx.core.http.HttpServerRequest;

import org.jspecify.annotations.Nullable;

/**
 * One request that waits for outcomes, as a link of its event loop's list of those. Used by that
 * event loop only.
 */
abstract class Exchange implements CommandReply {
    final EventLoop loop;
    final HttpServerRequest request;

    // The list of the event loop.
    @Nullable Exchange previous;

    @Nullable Exchange next;

    boolean isWaiting;

    /** When the wait began, as {@link System#nanoTime} has it. */
    long sinceNs;

    Exchange(final EventLoop loop, final HttpServerRequest request) {
        this.loop = loop;
        this.request = request;
    }

    @Override
    public final Context context() {
        return loop.context();
    }

    /** The time to wait is over; the exchange has left the list. */
    abstract void onDeadline();

    /** True if nobody reads an answer any more. */
    final boolean isAbandoned() {
        return request.response().closed();
    }
}
