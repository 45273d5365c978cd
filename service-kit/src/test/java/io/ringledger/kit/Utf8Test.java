package io.ringledger.kit;

import static org.assertj.core.api.Assertions.fail;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;

/** The check of UTF-8 against the JDK's decoder. */
final class Utf8Test {
    private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();

    @Test
    void shouldAgreeWithTheJdkOnEveryCodePoint() {
        for (int codePoint = 0; codePoint <= Character.MAX_CODE_POINT; codePoint++) {
            if (codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE) {
                continue;
            }
            final byte[] bytes = Character.toString(codePoint).getBytes(StandardCharsets.UTF_8);
            if (!Utf8.isValid(bytes, 0, bytes.length)
                    || Utf8.isValid(bytes, 0, bytes.length - 1) != (bytes.length == 1)) {
                fail("code point " + codePoint);
            }
        }
    }

    @Test
    void shouldAgreeWithTheJdkOnEveryThreeBytes() {
        final byte[] bytes = new byte[3];
        for (int value = 0x800000; value < 0x1000000; value += 7) {
            bytes[0] = (byte) (value >>> 16);
            bytes[1] = (byte) (value >>> 8);
            bytes[2] = (byte) value;
            if (Utf8.isValid(bytes, 0, 3) != isUtf8(bytes)) {
                fail("bytes " + Integer.toHexString(value));
            }
        }
    }

    @Test
    void shouldAgreeWithTheJdkOnRandomBytes() {
        final Random random = new Random(20_261_120);
        for (int i = 0; i < 300_000; i++) {
            final byte[] bytes = new byte[random.nextInt(24)];
            for (int j = 0; j < bytes.length; j++) {
                // Bytes at the borders of the table are the interesting ones.
                final int[] borders = {
                    'a', 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC2, 0xE0, 0xED, 0xEF, 0xF0, 0xF4,
                    0xF5
                };
                bytes[j] = (byte) borders[random.nextInt(borders.length)];
            }
            if (Utf8.isValid(bytes, 0, bytes.length) != isUtf8(bytes)) {
                fail("bytes " + HexFormat.of().formatHex(bytes));
            }
        }
    }

    private boolean isUtf8(final byte[] bytes) {
        decoder.reset();
        final CharBuffer out = CharBuffer.allocate(bytes.length);
        return !decoder.decode(ByteBuffer.wrap(bytes), out, true).isError();
    }
}
