package io.ringledger.kit.trace;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;

/**
 * The header {@code traceparent} of W3C Trace Context: which trace a request belongs to, which span
 * of it sent it, and whether it is recorded. Immutable, and made of numbers, so that what is kept of
 * a request costs one small object.
 *
 * <p>The trace id, as 32 lower-case hex digits, is the correlation id of a request.
 *
 * @param traceIdHigh the first 16 digits of the trace id
 * @param traceIdLow the last 16 digits of the trace id; not both are 0
 * @param spanId the span that is the parent of what is to come; not 0
 * @param isSampled true if whoever sent it records the trace
 */
public record TraceParent(long traceIdHigh, long traceIdLow, long spanId, boolean isSampled) {
    /** The name of the header field. */
    public static final String HEADER = "traceparent";

    /** Length of a trace id as hex digits. */
    public static final int TRACE_ID_LENGTH = 32;

    /** Length of the header's value in version 00, which is the one that is written. */
    public static final int LENGTH = 55;

    private static final int SPAN_ID_LENGTH = 16;
    private static final int VERSION_AT = 0;
    private static final int TRACE_ID_AT = 3;
    private static final int SPAN_ID_AT = 36;
    private static final int FLAGS_AT = 53;
    private static final int NO_VERSION = 0xff;
    private static final int SAMPLED = 1;
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    /** Refuses ids of zeros, which stand for none. */
    public TraceParent {
        if ((traceIdHigh | traceIdLow) == 0 || spanId == 0) {
            throw new IllegalArgumentException("an id of zeros: traceIdHigh=" + traceIdHigh
                    + ", traceIdLow=" + traceIdLow + ", spanId=" + spanId);
        }
    }

    /**
     * Reads a header's value as strictly as the standard asks: lower-case digits, ids that are not
     * zeros, no version ff, and nothing behind the flags in version 00. Of a later version what 00
     * knows is taken.
     *
     * @return null if there is none, or it is not one: then a new trace begins
     */
    public static @Nullable TraceParent parse(final @Nullable CharSequence value) {
        if (value == null || value.length() < LENGTH || !hasDashes(value)) {
            return null;
        }
        final int version = hexByte(value, VERSION_AT);
        final int flags = hexByte(value, FLAGS_AT);
        if (version < 0 || version == NO_VERSION || flags < 0) {
            return null;
        }
        if (value.length() > LENGTH && (version == 0 || value.charAt(LENGTH) != '-')) {
            return null;
        }
        if (!isHex(value, TRACE_ID_AT, TRACE_ID_LENGTH)
                || !isHex(value, SPAN_ID_AT, SPAN_ID_LENGTH)) {
            return null;
        }
        final long high = hexLong(value, TRACE_ID_AT);
        final long low = hexLong(value, TRACE_ID_AT + SPAN_ID_LENGTH);
        final long spanId = hexLong(value, SPAN_ID_AT);
        if ((high | low) == 0 || spanId == 0) {
            return null;
        }
        return new TraceParent(high, low, spanId, (flags & SAMPLED) != 0);
    }

    /** One that is not sampled, of a trace whose id is known as its digits; null if it is none. */
    static @Nullable TraceParent ofTraceId(final CharSequence traceId, final long spanId) {
        if (traceId.length() != TRACE_ID_LENGTH || !isHex(traceId, 0, TRACE_ID_LENGTH)) {
            return null;
        }
        return new TraceParent(
                hexLong(traceId, 0), hexLong(traceId, SPAN_ID_LENGTH), spanId, false);
    }

    /** A trace that begins here, with ids that nobody has had; they are no secrets. */
    public static TraceParent fresh(final boolean isSampled) {
        return begin(TraceIds.ofThisThread(), isSampled);
    }

    /** The same with the ids of an event loop. */
    public static TraceParent begin(final TraceIds ids, final boolean isSampled) {
        return new TraceParent(ids.next(), ids.next(), ids.next(), isSampled);
    }

    /** A span id that nobody has had. */
    public static long freshSpanId() {
        return TraceIds.ofThisThread().next();
    }

    /** The same trace, as another span of it passes it on. */
    public TraceParent withSpan(final long otherSpanId, final boolean sampled) {
        return new TraceParent(traceIdHigh, traceIdLow, otherSpanId, sampled);
    }

    /** The trace id as 32 lower-case hex digits: the correlation id of the request. */
    public String traceId() {
        return traceId(traceIdHigh, traceIdLow);
    }

    /** A trace id as 32 digits. */
    public static String traceId(final long traceIdHigh, final long traceIdLow) {
        final byte[] digits = new byte[TRACE_ID_LENGTH];
        putTraceId(traceIdHigh, traceIdLow, digits, 0);
        return ascii(digits);
    }

    /** A span id as 16 digits. */
    public static String spanId(final long spanId) {
        final byte[] digits = new byte[SPAN_ID_LENGTH];
        putHex(digits, 0, spanId);
        return ascii(digits);
    }

    /** Writes the trace id's {@value #TRACE_ID_LENGTH} digits in ASCII from {@code offset} on. */
    public void putTraceId(final byte[] target, final int offset) {
        putTraceId(traceIdHigh, traceIdLow, target, offset);
    }

    /** The same for the two halves of a trace id. */
    static void putTraceId(final long high, final long low, final byte[] target, final int offset) {
        putHex(target, offset, high);
        putHex(target, offset + SPAN_ID_LENGTH, low);
    }

    /** The header's value, in version 00 and with no flag but whether it is sampled. */
    public String header() {
        final byte[] text = new byte[LENGTH];
        text[0] = '0';
        text[1] = '0';
        text[TRACE_ID_AT - 1] = '-';
        putTraceId(text, TRACE_ID_AT);
        text[SPAN_ID_AT - 1] = '-';
        putHex(text, SPAN_ID_AT, spanId);
        text[FLAGS_AT - 1] = '-';
        text[FLAGS_AT] = '0';
        text[FLAGS_AT + 1] = (byte) (isSampled ? '1' : '0');
        return ascii(text);
    }

    @Override
    public String toString() {
        return header();
    }

    private static boolean hasDashes(final CharSequence value) {
        return value.charAt(TRACE_ID_AT - 1) == '-'
                && value.charAt(SPAN_ID_AT - 1) == '-'
                && value.charAt(FLAGS_AT - 1) == '-';
    }

    private static boolean isHex(final CharSequence value, final int offset, final int length) {
        for (int i = offset; i < offset + length; i++) {
            if (digit(value.charAt(i)) < 0) {
                return false;
            }
        }
        return true;
    }

    /** The number of two digits, negative if they are none. */
    private static int hexByte(final CharSequence value, final int offset) {
        final int high = digit(value.charAt(offset));
        final int low = digit(value.charAt(offset + 1));
        return (high | low) < 0 ? -1 : high << 4 | low;
    }

    private static long hexLong(final CharSequence value, final int offset) {
        long number = 0;
        for (int i = offset; i < offset + SPAN_ID_LENGTH; i++) {
            number = number << 4 | digit(value.charAt(i));
        }
        return number;
    }

    /** Negative if it is no lower-case hex digit. */
    private static int digit(final char c) {
        if (c >= '0' && c <= '9') {
            return c - '0';
        }
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    }

    private static void putHex(final byte[] target, final int offset, final long value) {
        long rest = value;
        for (int i = offset + SPAN_ID_LENGTH - 1; i >= offset; i--) {
            target[i] = HEX[(int) (rest & 0xf)];
            rest >>>= 4;
        }
    }

    private static String ascii(final byte[] digits) {
        return new String(digits, StandardCharsets.ISO_8859_1);
    }
}
