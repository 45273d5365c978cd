package io.ringledger.model;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * SipHash-1-3: a keyed hash that a client who chooses the input cannot make collide without the
 * key (Aumasson and Bernstein, "SipHash: a fast short-input PRF"; the 1-3 variant is what Rust and
 * Python use for their tables). Written here because the writer thread must not allocate and the
 * libraries' versions do. Stateless and thread-safe.
 */
final class SipHash {
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private SipHash() {}

    /** The hash of {@code length} bytes from {@code offset} under the key {@code (k0, k1)}. */
    static long hash(
            final long k0, final long k1, final byte[] bytes, final int offset, final int length) {
        long v0 = k0 ^ 0x736f6d6570736575L;
        long v1 = k1 ^ 0x646f72616e646f6dL;
        long v2 = k0 ^ 0x6c7967656e657261L;
        long v3 = k1 ^ 0x7465646279746573L;

        final int wholeWords = length >>> 3;
        int position = offset;
        for (int i = 0; i <= wholeWords; i++) {
            final long word;
            if (i < wholeWords) {
                word = (long) LONGS.get(bytes, position);
                position += Long.BYTES;
            } else {
                word = lastWord(bytes, position, length);
            }
            v3 ^= word;
            v0 += v1;
            v1 = Long.rotateLeft(v1, 13) ^ v0;
            v0 = Long.rotateLeft(v0, 32);
            v2 += v3;
            v3 = Long.rotateLeft(v3, 16) ^ v2;
            v0 += v3;
            v3 = Long.rotateLeft(v3, 21) ^ v0;
            v2 += v1;
            v1 = Long.rotateLeft(v1, 17) ^ v2;
            v2 = Long.rotateLeft(v2, 32);
            v0 ^= word;
        }

        v2 ^= 0xFF;
        for (int round = 0; round < 3; round++) {
            v0 += v1;
            v1 = Long.rotateLeft(v1, 13) ^ v0;
            v0 = Long.rotateLeft(v0, 32);
            v2 += v3;
            v3 = Long.rotateLeft(v3, 16) ^ v2;
            v0 += v3;
            v3 = Long.rotateLeft(v3, 21) ^ v0;
            v2 += v1;
            v1 = Long.rotateLeft(v1, 17) ^ v2;
            v2 = Long.rotateLeft(v2, 32);
        }
        return v0 ^ v1 ^ v2 ^ v3;
    }

    /** The bytes that are left over, with the length in the highest byte. */
    private static long lastWord(final byte[] bytes, final int position, final int length) {
        long word = (long) length << 56;
        final int rest = length & 7;
        for (int i = 0; i < rest; i++) {
            word |= (bytes[position + i] & 0xFFL) << (8 * i);
        }
        return word;
    }
}
