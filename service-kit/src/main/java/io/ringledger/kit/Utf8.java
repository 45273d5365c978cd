package io.ringledger.kit;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Strict check of UTF-8 (Unicode 16, table 3-7): no overlong forms, no surrogates, nothing above
 * U+10FFFF, nothing cut off. Jackson's byte parser lets all of these pass. Stateless.
 */
final class Utf8 {
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private static final long NOT_ASCII = 0x8080808080808080L;

    private Utf8() {}

    /** True if the bytes from {@code offset} to before {@code end} are UTF-8. */
    static boolean isValid(final byte[] bytes, final int offset, final int end) {
        int i = offset;
        while (i < end) {
            while (i + 8 <= end && ((long) LONGS.get(bytes, i) & NOT_ASCII) == 0) {
                i += 8;
            }
            if (i == end) {
                return true;
            }
            final int length = lengthOfSequence(bytes, i, end);
            if (length == 0) {
                return false;
            }
            i += length;
        }
        return true;
    }

    /** Length of the well-formed sequence at {@code i}, or 0 if it is none. */
    private static int lengthOfSequence(final byte[] bytes, final int i, final int end) {
        final int b0 = bytes[i];
        if (b0 >= 0) {
            return 1;
        }
        if (i + 1 >= end) {
            return 0;
        }
        final int lead = b0 & 0xFF;
        final int second = bytes[i + 1] & 0xFF;
        if (lead < 0xE0) {
            return lead >= 0xC2 && isContinuation(second) ? 2 : 0;
        }
        if (lead < 0xF0) {
            final int min = lead == 0xE0 ? 0xA0 : 0x80;
            final int max = lead == 0xED ? 0x9F : 0xBF;
            final boolean ok = i + 2 < end
                    && second >= min
                    && second <= max
                    && isContinuation(bytes[i + 2] & 0xFF);
            return ok ? 3 : 0;
        }
        final int min = lead == 0xF0 ? 0x90 : 0x80;
        final int max = lead == 0xF4 ? 0x8F : 0xBF;
        final boolean ok = lead <= 0xF4
                && i + 3 < end
                && second >= min
                && second <= max
                && isContinuation(bytes[i + 2] & 0xFF)
                && isContinuation(bytes[i + 3] & 0xFF);
        return ok ? 4 : 0;
    }

    private static boolean isContinuation(final int value) {
        return (value & 0xC0) == 0x80;
    }
}
