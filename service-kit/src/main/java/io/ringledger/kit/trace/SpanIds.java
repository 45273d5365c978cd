package io.ringledger.kit.trace;

import io.opentelemetry.sdk.trace.IdGenerator;

import org.jspecify.annotations.Nullable;

/**
 * Ids of spans, and of traces that begin here: then the trace id is the request's correlation id,
 * which the caller of {@link #nextTraceId} has. Thread-safe.
 */
final class SpanIds implements IdGenerator {
    private static final ThreadLocal<@Nullable TraceParent> NEXT = new ThreadLocal<>();

    /** The next trace that this thread begins has the id of this one; null: a new id. */
    void nextTraceId(final @Nullable TraceParent trace) {
        NEXT.set(trace);
    }

    @Override
    public String generateSpanId() {
        return TraceParent.spanId(TraceParent.freshSpanId());
    }

    @Override
    public String generateTraceId() {
        final TraceParent given = NEXT.get();
        return given == null ? TraceParent.fresh(true).traceId() : given.traceId();
    }
}
