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
    private final byte[] word = new byte[Long.BYTES];

    void addLong(final long value) {
        LONGS.set(word, 0, value);
        digest.update(word);
    }

    void addBytes(final byte[] bytes, final int offset, final int length) {
        addLong(length);
        digest.update(bytes, offset, length);
    }

    /** The hash in hexadecimal; nothing can be added after. */
    String hex() {
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (final NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
