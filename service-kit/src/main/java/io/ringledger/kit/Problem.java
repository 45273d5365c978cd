package io.ringledger.kit;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;

import io.netty.util.AsciiString;
import io.ringledger.kit.log.RequestLog;
import io.ringledger.kit.trace.TraceSpan;
import io.ringledger.kit.trace.Tracing;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * One error answer: problem details of RFC 9457 with the members of ours. Immutable. Texts may hold
 * what a client sent: they are shortened and made well-formed when they are written.
 *
 * @param code what went wrong
 * @param detail what would help this client, without internals
 * @param retry what a client does to try again; usually the code's own
 * @param errors which members of the body are wrong, the first one named by {@code code}
 * @param position where a recorded refusal stands in the log, or null
 * @param allow the methods of this path for 405, or null
 */
public record Problem(
        ProblemCode code,
        String detail,
        ProblemCode.Retry retry,
        List<InvalidMember> errors,
        @Nullable String position,
        @Nullable String allow) {
    /** The content type of every error answer. */
    public static final CharSequence CONTENT_TYPE = AsciiString.cached("application/problem+json");

    /** How long a client waits before it tries again after a 503, in seconds. */
    private static final CharSequence RETRY_AFTER_S = AsciiString.cached("1");

    private static final CharSequence RETRY_AFTER = HttpHeaders.createOptimized("retry-after");
    private static final JsonFactory JSON = new JsonFactory();
    private static final int MAX_TEXT_CHARS = 512;

    /**
     * A member of the body that is wrong.
     *
     * @param pointer where it stands, a JSON Pointer
     * @param detail what is wrong with it
     */
    public record InvalidMember(String pointer, String detail) {}

    /** A problem without further members. */
    public static Problem of(final ProblemCode code, final String detail) {
        return new Problem(code, detail, code.retry(), List.of(), null, null);
    }

    /** A problem with one member of the body. */
    public static Problem ofMember(
            final ProblemCode code, final String pointer, final String detail) {
        final String full = pointer.isEmpty() ? detail : pointer + ": " + detail;
        return new Problem(
                code, full, code.retry(), List.of(new InvalidMember(pointer, detail)), null, null);
    }

    /** The path exists; {@code allow} lists its methods. */
    public static Problem methodNotAllowed(final String allow) {
        final ProblemCode code = ProblemCode.METHOD_NOT_ALLOWED;
        return new Problem(code, "allowed methods: " + allow, code.retry(), List.of(), null, allow);
    }

    /** The same with the position of the refusal's event. */
    public Problem withPosition(final String position) {
        return new Problem(code, detail, retry, errors, position, allow);
    }

    /** The same with another advice; reads answer {@code never} where writes say {@code new_key}. */
    public Problem withRetry(final ProblemCode.Retry retry) {
        return new Problem(code, detail, retry, errors, position, allow);
    }

    /** The body. */
    public byte[] toBytes() {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream(320);
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            writeTo(json);
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** Writes the problem as an object, for example into the result of a batch. */
    public void writeTo(final JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("type", "/problems/" + code.wireName());
        json.writeStringField("title", code.title());
        json.writeNumberField("status", code.status());
        json.writeStringField("detail", Texts.presentable(detail, MAX_TEXT_CHARS));
        json.writeStringField("code", code.wireName());
        json.writeStringField("outcome", code.outcome().wireName());
        json.writeStringField("retry", retry.wireName());
        if (position != null) {
            json.writeStringField("position", position);
        }
        if (!errors.isEmpty()) {
            json.writeArrayFieldStart("errors");
            for (final InvalidMember error : errors) {
                json.writeStartObject();
                json.writeStringField(
                        "pointer", Texts.presentable(error.pointer(), MAX_TEXT_CHARS));
                json.writeStringField("detail", Texts.presentable(error.detail(), MAX_TEXT_CHARS));
                json.writeEndObject();
            }
            json.writeEndArray();
        }
        json.writeEndObject();
    }

    /**
     * Answers a request with this problem; on the request's event loop. If more of the request is to
     * come, the connection closes after the answer.
     */
    public void send(final HttpServerRequest request) {
        send(request, RequestLog.NOT_TIMED, RequestLog.NO_PARTITION);
    }

    /**
     * The same, with what a line of the log may say about it.
     *
     * @param startNs when the request was taken, as {@link RequestLog} has it
     * @param partition whose command it was, as {@link RequestLog} has it
     */
    public void send(final HttpServerRequest request, final long startNs, final int partition) {
        final HttpServerResponse response = request.response();
        if (response.ended() || response.closed()) {
            return;
        }
        final TraceSpan span = Tracing.ofAny(request);
        if (span != null) {
            span.set("ringledger.problem", code.wireName());
        }
        response.setStatusCode(code.status());
        response.putHeader(HttpHeaders.CONTENT_TYPE, CONTENT_TYPE);
        if (code.status() == 503) {
            response.putHeader(RETRY_AFTER, RETRY_AFTER_S);
        }
        if (allow != null) {
            response.putHeader(HttpHeaders.ALLOW, allow);
        }
        response.end(Buffer.buffer(toBytes()));
        RequestLog.of(request)
                .refused(request, code.status(), code.wireName(), startNs, partition, position);
    }
}
