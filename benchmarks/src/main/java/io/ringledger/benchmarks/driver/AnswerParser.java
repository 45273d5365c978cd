package io.ringledger.benchmarks.driver;

/**
 * Finds the end of an HTTP/1.1 answer and what counts of it: the status and the body, by
 * Content-Length; nothing else is understood. Reused from answer to answer; not thread-safe.
 */
final class AnswerParser {
    private static final int STATUS_AT = "HTTP/1.1 ".length();
    private static final byte[] CONTENT_LENGTH = {
        'c', 'o', 'n', 't', 'e', 'n', 't', '-', 'l', 'e', 'n', 'g', 't', 'h', ':'
    };

    private int status;
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
            } else if (isContentLength(bytes, line, end)) {
                length = number(bytes, line + CONTENT_LENGTH.length, end);
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

    private static boolean isContentLength(final byte[] bytes, final int from, final int to) {
        if (to - from <= CONTENT_LENGTH.length) {
            return false;
        }
        for (int i = 0; i < CONTENT_LENGTH.length; i++) {
            final byte lower = (byte) (bytes[from + i] | 0x20);
            if (lower != CONTENT_LENGTH[i]) {
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
