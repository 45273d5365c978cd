package io.ringledger.model;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * SHA-256 over everything that decides, in an order that the log alone fixes: two models with the
 * same hash answer every command alike. Not for the hot path; not thread-safe.
 */
final class StateHash {
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final MessageDigest digest = sha256();
    // The digest takes thousands of bytes at a time several times faster than eight.
    private final byte[] buffer = new byte[8192];
    private int buffered;

    void addLong(final long value) {
        if (buffered + Long.BYTES > buffer.length) {
            flush();
        }
        LONGS.set(buffer, buffered, value);
        buffered += Long.BYTES;
    }

    void addBytes(final byte[] bytes, final int offset, final int length) {
        addLong(length);
        if (buffered + length > buffer.length) {
            flush();
        }
        if (length > buffer.length) {
            digest.update(bytes, offset, length);
        } else {
            System.arraycopy(bytes, offset, buffer, buffered, length);
            buffered += length;
        }
    }

    /** The hash in hexadecimal; nothing can be added after. */
    String hex() {
        flush();
        return HexFormat.of().formatHex(digest.digest());
    }

    private void flush() {
        digest.update(buffer, 0, buffered);
        buffered = 0;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (final NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
