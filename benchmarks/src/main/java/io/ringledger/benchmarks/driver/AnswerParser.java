package io.ringledger.benchmarks.driver;

import java.nio.charset.StandardCharsets;

/**
 * Finds the end of an HTTP/1.1 answer and what counts of it: the status, the body by its
 * Content-Length, and whether there is a Retry-After; nothing else is understood. Reused from answer to answer; not thread-safe.
 */
final class AnswerParser {
    private static final int STATUS_AT = "HTTP/1.1 ".length();
    private static final byte[] CONTENT_LENGTH =
            "content-length:".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] RETRY_AFTER = "retry-after:".getBytes(StandardCharsets.US_ASCII);

    private int status;
    private boolean hasRetryAfter;
    private int bodyOffset;
    private int bodyLength;

    /**
     * Looks at an answer that begins at {@code from}.
     *
     * @return true if it is there to its end, before {@code to}
     * @throws IllegalStateException if it is none that the driver understands
     */
    boolean parse(final byte[] bytes, final int from, final int to) {
        int line = from;
        int length = -1;
        hasRetryAfter = false;
        while (true) {
            final int end = endOfLine(bytes, line, to);
            if (end < 0) {
                return false;
            }
            if (end == line) {
                break;
            }
            if (line == from) {
                status = number(bytes, from + STATUS_AT, from + STATUS_AT + 3);
            } else if (isField(CONTENT_LENGTH, bytes, line, end)) {
                length = number(bytes, line + CONTENT_LENGTH.length, end);
            } else if (isField(RETRY_AFTER, bytes, line, end)) {
                hasRetryAfter = true;
            }
            line = end + 2;
        }
        if (length < 0) {
            throw new IllegalStateException("answer without Content-Length: status=" + status);
        }
        bodyOffset = line + 2;
        bodyLength = length;
        return to - bodyOffset >= length;
    }

    int status() {
        return status;
    }

    boolean hasRetryAfter() {
        return hasRetryAfter;
    }

    int bodyOffset() {
        return bodyOffset;
    }

    int bodyLength() {
        return bodyLength;
    }

    /** Where the next answer would begin. */
    int end() {
        return bodyOffset + bodyLength;
    }

    private static int endOfLine(final byte[] bytes, final int from, final int to) {
        for (int i = from; i < to - 1; i++) {
            if (bytes[i] == '\r' && bytes[i + 1] == '\n') {
                return i;
            }
        }
        return -1;
    }

    private static boolean isField(
            final byte[] name, final byte[] bytes, final int from, final int to) {
        if (to - from <= name.length) {
            return false;
        }
        for (int i = 0; i < name.length; i++) {
            final byte lower = (byte) (bytes[from + i] | 0x20);
            if (lower != name[i]) {
                return false;
            }
        }
        return true;
    }

    private static int number(final byte[] bytes, final int from, final int to) {
        int number = 0;
        for (int i = from; i < to; i++) {
            if (bytes[i] >= '0' && bytes[i] <= '9') {
                number = number * 10 + bytes[i] - '0';
            } else if (bytes[i] != ' ') {
                throw new IllegalStateException("not a number in an answer: byte=" + bytes[i]);
            }
        }
        return number;
    }
}
