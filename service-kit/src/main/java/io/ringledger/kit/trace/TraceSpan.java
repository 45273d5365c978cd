package io.ringledger.kit.trace;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;

import java.util.concurrent.TimeUnit;

/**
 * One step of a traced request. Carries no account, amount, key or reference: those are customer
 * data. Thread-safe; ended once, and what comes after that is ignored.
 */
public final class TraceSpan {
    /** What part a span plays towards other processes. */
    public enum Kind {
        /** Answers a request. */
        SERVER,
        /** Sends a request and waits for its answer. */
        CLIENT,
        /** Puts something into the log. */
        PRODUCER,
        /** Takes something from the log. */
        CONSUMER
    }

    private final Tracing tracing;
    private final Span span;
    private final TraceParent context;

    TraceSpan(final Tracing tracing, final Span span, final TraceParent context) {
        this.tracing = tracing;
        this.span = span;
        this.context = context;
    }

    /** The trace, and this span as the parent of whatever is done for it. */
    public TraceParent context() {
        return context;
    }

    /** A step of this one, which begins now. */
    public TraceSpan child(final String name, final Kind kind) {
        return tracing.start(name, kind, context, 0);
    }

    /** Gives it another name than it began with. */
    public TraceSpan name(final String name) {
        span.updateName(name);
        return this;
    }

    /** Says something about it. */
    public TraceSpan set(final String key, final long value) {
        span.setAttribute(key, value);
        return this;
    }

    /** Says something about it, in words of ours: never what a client sent. */
    public TraceSpan set(final String key, final String value) {
        span.setAttribute(key, value);
        return this;
    }

    /** Says something about it. */
    public TraceSpan set(final String key, final boolean value) {
        span.setAttribute(key, value);
        return this;
    }

    /** It did not do what it should. */
    public TraceSpan failed(final String why) {
        span.setStatus(StatusCode.ERROR, why);
        return this;
    }

    /** It is over. */
    public void end() {
        span.end();
    }

    /** It was over at this time, in nanoseconds since 1970 UTC. */
    public void endAt(final long epochNs) {
        span.end(epochNs, TimeUnit.NANOSECONDS);
    }
}
