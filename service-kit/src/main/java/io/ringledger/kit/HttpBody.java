package io.ringledger.kit;

import io.ringledger.kit.log.RequestLog;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;

import org.jspecify.annotations.Nullable;

import java.util.function.IntPredicate;

/**
 * Collects the body of a request up to a limit, and never holds more than that. Used by the
 * request's event loop.
 */
public final class HttpBody implements Handler<Buffer> {
    private static final Buffer EMPTY = Buffer.buffer(0);
    private static final Problem NO_ROOM =
            Problem.of(ProblemCode.OVERLOADED, "too many bytes of bodies are being received");

    private final HttpServerRequest request;
    private final int limitBytes;
    private final @Nullable Problem refusal;
    private final @Nullable IntPredicate room;
    private final Handler<Buffer> whole;
    private @Nullable Buffer body;
    private boolean owned;
    private int lengthBytes;
    private boolean done;

    private HttpBody(
            final HttpServerRequest request,
            final int limitBytes,
            final @Nullable Problem refusal,
            final @Nullable IntPredicate room,
            final Handler<Buffer> whole) {
        this.request = request;
        this.limitBytes = limitBytes;
        this.refusal = refusal;
        this.room = room;
        this.whole = whole;
    }

    /**
     * Hands on the whole body once it is there. A body that is longer than the limit is answered 413
     * as soon as that is known, from Content-Length or from the bytes, and the connection closes.
     *
     * <p>With a refusal the body is thrown away and the refusal is the answer, once the request has
     * come to its end, so that the connection stays usable; if the body is longer than the limit, at
     * once, and the connection closes. A client that waits for {@code 100 Continue} gets the refusal
     * instead of it.
     *
     * @param refusal what the head of the request is refused with, or null to take the body
     */
    public static void collect(
            final HttpServerRequest request,
            final int limitBytes,
            final @Nullable Problem refusal,
            final Handler<Buffer> whole) {
        begin(request, limitBytes, refusal, null, whole);
    }

    /**
     * The same for a body that shares its room with others.
     *
     * @param room asked for the length of every piece before it is kept; if it says no, the answer is
     *     503 and the connection closes. What it gave is the caller's to give back, once the body is
     *     of no more use or the response has come to its end.
     */
    public static void collectWithin(
            final HttpServerRequest request,
            final int limitBytes,
            final IntPredicate room,
            final Handler<Buffer> whole) {
        begin(request, limitBytes, null, room, whole);
    }

    private static void begin(
            final HttpServerRequest request,
            final int limitBytes,
            final @Nullable Problem refusal,
            final @Nullable IntPredicate room,
            final Handler<Buffer> whole) {
        final String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        if (length != null && isMoreThan(length, limitBytes)) {
            (refusal == null ? tooLarge(limitBytes) : refusal).send(request);
            return;
        }
        if (request.headers().contains(HttpHeaders.EXPECT, HttpHeaders.CONTINUE, true)
                && request.version() == HttpVersion.HTTP_1_1) {
            if (refusal != null) {
                refusal.send(request);
                return;
            }
            request.response().writeContinue();
        }
        final HttpBody collector = new HttpBody(request, limitBytes, refusal, room, whole);
        request.handler(collector);
        request.endHandler(end -> collector.end());
    }

    /** Throws the body away and answers. */
    public static void refuse(
            final HttpServerRequest request, final int limitBytes, final Problem refusal) {
        collect(request, limitBytes, refusal, body -> {});
    }

    /** Called by Vert.x for every piece of the body. */
    @Override
    public void handle(final Buffer piece) {
        if (done) {
            return;
        }
        lengthBytes += piece.length();
        if (lengthBytes > limitBytes) {
            done = true;
            body = null;
            (refusal == null ? tooLarge(limitBytes) : refusal).send(request);
            return;
        }
        if (refusal != null) {
            return;
        }
        if (room != null && !room.test(piece.length())) {
            done = true;
            body = null;
            NO_ROOM.send(request);
            return;
        }
        final Buffer before = body;
        if (before == null) {
            // Nearly always the whole body.
            body = piece;
        } else if (owned) {
            before.appendBuffer(piece);
        } else {
            owned = true;
            body = Buffer.buffer(2 * lengthBytes).appendBuffer(before).appendBuffer(piece);
        }
    }

    private void end() {
        if (done) {
            return;
        }
        done = true;
        if (refusal != null) {
            refusal.send(request);
            return;
        }
        final Buffer collected = body;
        // The request holds this object until its answer.
        body = null;
        try {
            whole.handle(collected == null ? EMPTY : collected);
        } catch (final RuntimeException e) {
            RequestLog.of(request).failed(request, e);
            Problem.of(ProblemCode.INTERNAL_ERROR, "an internal error").send(request);
        }
    }

    private static Problem tooLarge(final int limitBytes) {
        return Problem.of(
                ProblemCode.BODY_TOO_LARGE, "the body may have at most " + limitBytes + " bytes");
    }

    private static boolean isMoreThan(final String length, final int limit) {
        // Netty has refused a Content-Length that is not a number.
        return length.length() > 9 || Integer.parseInt(length) > limit;
    }
}
