package io.ringledger.ledger.http;

import io.vertx.core.buffer.Buffer;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;

/**
 * The bytes of a JSON answer, written from numbers and texts without anything in between. Reused
 * from answer to answer, by one event loop.
 */
final class AnswerBuffer {
    private static final DateTimeFormatter SECOND =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss").withZone(ZoneOffset.UTC);

    private static final byte[] HEX = ascii("0123456789abcdef");
    private static final int MAX_DIGITS = 20;

    private final byte[] digits = new byte[MAX_DIGITS];
    private byte[] bytes = new byte[1024];
    private int length;
    private long cachedSecond = Long.MIN_VALUE;
    private byte[] cachedSecondText = {};

    static byte[] ascii(final String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    AnswerBuffer clear() {
        length = 0;
        return this;
    }

    int length() {
        return length;
    }

    /** A copy of what was written. */
    Buffer toBuffer() {
        return Buffer.buffer(length).appendBytes(bytes, 0, length);
    }

    /** Appends what was written to {@code target}. */
    void appendTo(final Buffer target) {
        target.appendBytes(bytes, 0, length);
    }

    AnswerBuffer raw(final byte[] part) {
        reserve(part.length);
        System.arraycopy(part, 0, bytes, length, part.length);
        length += part.length;
        return this;
    }

    /** A text of ASCII characters that need no escape, without quotes. */
    AnswerBuffer plain(final String text) {
        final int count = text.length();
        reserve(count);
        for (int i = 0; i < count; i++) {
            bytes[length++] = (byte) text.charAt(i);
        }
        return this;
    }

    /** Three letters of a packed currency, see {@link io.ringledger.model.CurrencyCode}. */
    AnswerBuffer currency(final int packed) {
        reserve(3);
        bytes[length++] = (byte) packed;
        bytes[length++] = (byte) (packed >>> 8);
        bytes[length++] = (byte) (packed >>> 16);
        return this;
    }

    AnswerBuffer number(final long value) {
        int start = MAX_DIGITS;
        long rest = value;
        do {
            // The remainder of a negative number is negative.
            digits[--start] = (byte) ('0' + Math.abs(rest % 10));
            rest /= 10;
        } while (rest != 0);
        if (value < 0) {
            digits[--start] = '-';
        }
        reserve(MAX_DIGITS);
        System.arraycopy(digits, start, bytes, length, MAX_DIGITS - start);
        length += MAX_DIGITS - start;
        return this;
    }

    /** A JSON string of a well-formed text, with its quotes. */
    AnswerBuffer string(final String text) {
        final byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        reserve(6 * utf8.length + 2);
        bytes[length++] = '"';
        for (final byte b : utf8) {
            if (b == '"' || b == '\\') {
                bytes[length++] = '\\';
                bytes[length++] = b;
            } else if (b >= 0 && b < ' ') {
                raw(ascii("\\u00"));
                bytes[length++] = HEX[b >>> 4];
                bytes[length++] = HEX[b & 0xF];
            } else {
                bytes[length++] = b;
            }
        }
        bytes[length++] = '"';
        return this;
    }

    /** A time as RFC 3339 in UTC with milliseconds, without quotes. */
    AnswerBuffer time(final long epochMs) {
        final long second = Math.floorDiv(epochMs, 1_000L);
        if (second != cachedSecond) {
            cachedSecond = second;
            cachedSecondText = ascii(SECOND.format(Instant.ofEpochSecond(second)));
        }
        raw(cachedSecondText);
        final int ms = Math.floorMod(epochMs, 1_000);
        reserve(5);
        bytes[length++] = '.';
        bytes[length++] = (byte) ('0' + ms / 100);
        bytes[length++] = (byte) ('0' + ms / 10 % 10);
        bytes[length++] = (byte) ('0' + ms % 10);
        bytes[length++] = 'Z';
        return this;
    }

    private void reserve(final int count) {
        if (bytes.length - length < count) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + count));
        }
    }
}
