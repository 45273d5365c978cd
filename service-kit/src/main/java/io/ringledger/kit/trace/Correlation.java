package io.ringledger.kit.trace;

import io.netty.util.AsciiString;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * The correlation id of a request: its trace id, from a valid {@code traceparent}, else a new one.
 * It is a header of the answer from the first moment on, so that every answer has it, whoever gives
 * it, and it is kept nowhere else: whoever needs it, which few requests do, reads it there. Stateless.
 *
 * <p>Not in the body: a retry is answered with the bytes of the first answer.
 */
public final class Correlation {
    /** The header of every answer, in lower case. */
    public static final CharSequence HEADER = AsciiString.cached("correlation-id");

    private static final CharSequence TRACEPARENT = HttpHeaders.createOptimized(TraceParent.HEADER);

    private Correlation() {}

    /** Gives the request its id; before anything else looks at it. */
    public static void begin(final HttpServerRequest request, final TraceIds ids) {
        final TraceParent sent = sent(request.headers());
        request.response()
                .headers()
                .add(HEADER, sent == null ? text(ids.next(), ids.next()) : text(sent));
    }

    /** The id for an answer that is given past the HTTP server, to what the client sent so far. */
    public static CharSequence idFor(
            final io.netty.handler.codec.http.@Nullable HttpHeaders head, final TraceIds ids) {
        final TraceParent sent = head == null ? null : sent(head.getAll(TRACEPARENT));
        return sent == null ? text(ids.next(), ids.next()) : text(sent);
    }

    /** The correlation id of a request that has begun, 32 lower-case hex digits; else empty. */
    public static String idOf(final HttpServerRequest request) {
        final String id = request.response().headers().get(HEADER);
        return id == null ? "" : id;
    }

    /** What the client sent if its trace is sampled, else null; any event loop's cheap question. */
    public static @Nullable TraceParent sampled(final HttpServerRequest request) {
        final TraceParent sent = sent(request.headers());
        return sent != null && sent.isSampled() ? sent : null;
    }

    /**
     * The {@code traceparent} under which the request is handed to another process: the client's own,
     * or one that has the correlation id as its trace and is not sampled.
     */
    public static String onwards(final HttpServerRequest request) {
        final TraceParent sent = sent(request.headers());
        if (sent != null) {
            return sent.header();
        }
        final TraceParent begun = TraceParent.ofTraceId(idOf(request), TraceParent.freshSpanId());
        return begun == null ? "" : begun.header();
    }

    /** What several values mean nobody knows: then there is none. */
    private static @Nullable TraceParent sent(final MultiMap headers) {
        // Nearly always there is none, and the list of none is not made.
        return headers.contains(TRACEPARENT) ? sent(headers.getAll(TRACEPARENT)) : null;
    }

    private static @Nullable TraceParent sent(final List<String> values) {
        return values.size() == 1 ? TraceParent.parse(values.getFirst()) : null;
    }

    private static AsciiString text(final long high, final long low) {
        final byte[] digits = new byte[TraceParent.TRACE_ID_LENGTH];
        TraceParent.putTraceId(high, low, digits, 0);
        return new AsciiString(digits, false);
    }

    private static AsciiString text(final TraceParent parent) {
        return text(parent.traceIdHigh(), parent.traceIdLow());
    }
}
