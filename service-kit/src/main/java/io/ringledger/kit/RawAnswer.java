package io.ringledger.kit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.ringledger.kit.trace.Correlation;

import java.nio.charset.StandardCharsets;

/**
 * A problem as it goes over the wire past the codec, after which the connection closes. Made once;
 * each answer only gets a correlation id of its own. Immutable.
 */
final class RawAnswer {
    private final byte[] beforeId;
    private final byte[] afterId;

    RawAnswer(final Problem problem) {
        final byte[] body = problem.toBytes();
        final ProblemCode code = problem.code();
        final String retryAfter = code.status() == 503 ? "retry-after: 1\r\n" : "";
        beforeId = ascii("HTTP/1.1 " + code.status() + ' ' + code.title() + "\r\n"
                + "content-type: " + Problem.CONTENT_TYPE + "\r\n" + retryAfter
                + SecurityHeaders.LINES + Correlation.HEADER + ": ");
        final byte[] end =
                ascii("\r\nconnection: close\r\ncontent-length: " + body.length + "\r\n\r\n");
        afterId = new byte[end.length + body.length];
        System.arraycopy(end, 0, afterId, 0, end.length);
        System.arraycopy(body, 0, afterId, end.length, body.length);
    }

    /** The bytes of one answer. */
    ByteBuf with(final CharSequence correlationId) {
        final ByteBuf answer =
                Unpooled.buffer(beforeId.length + correlationId.length() + afterId.length);
        answer.writeBytes(beforeId);
        answer.writeCharSequence(correlationId, StandardCharsets.US_ASCII);
        return answer.writeBytes(afterId);
    }

    private static byte[] ascii(final String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
