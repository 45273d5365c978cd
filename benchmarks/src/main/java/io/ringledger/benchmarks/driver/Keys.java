package io.ringledger.benchmarks.driver;

import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

/** Writes random idempotency keys of 128 bits as 32 hexadecimal digits. Not thread-safe. */
final class Keys {
    static final int LENGTH = 32;

    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final int DIGITS_OF_LONG = 16;

    private final SplittableRandom random;

    Keys(final SplittableRandom random) {
        this.random = random;
    }

    void write(final byte[] out, final int offset) {
        write(random.nextLong(), out, offset);
        write(random.nextLong(), out, offset + DIGITS_OF_LONG);
    }

    private static void write(final long bits, final byte[] out, final int offset) {
        long rest = bits;
        for (int i = 0; i < DIGITS_OF_LONG; i++) {
            out[offset + i] = HEX[(int) (rest & 0xF)];
            rest >>>= 4;
        }
    }
}
