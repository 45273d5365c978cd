package io.ringledger.readmodel;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;

/**
 * The text that continues a list of entries: where the next page begins, bound to the account.
 *
 * <p>A page is "what lies below this sequence", so entries that arrive between two pages change
 * nothing about the second one. The text is 24 characters of base64url: a format version, the
 * sequence, and 9 bytes of SHA-256 over both and the account id. The check finds every slip and
 * every cursor of another account. It is no secret: who computes one by hand gets a page of an
 * account that they may read anyway.
 */
final class EntriesCursor {
    /** The length of every cursor, in characters. */
    static final int LENGTH = 24;

    /** What {@link #decode} returns for a text that is no cursor of the account. */
    static final long INVALID = -1;

    private static final byte VERSION = 1;
    private static final int HEAD_BYTES = 1 + Long.BYTES;
    private static final int CHECK_BYTES = 9;

    private EntriesCursor() {}

    /** The cursor of the page below {@code sequence}, which is at least 1. */
    static String encode(final String accountId, final long sequence) {
        if (sequence < 1) {
            throw new IllegalArgumentException("invalid cursor: sequence=" + sequence);
        }
        final ByteBuffer bytes = ByteBuffer.allocate(HEAD_BYTES + CHECK_BYTES);
        bytes.put(VERSION).putLong(sequence).put(check(accountId, sequence));
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.array());
    }

    /** The sequence below which the page begins, or {@link #INVALID}. */
    static long decode(final String accountId, final String cursor) {
        if (cursor.length() != LENGTH) {
            return INVALID;
        }
        final ByteBuffer bytes;
        try {
            bytes = ByteBuffer.wrap(Base64.getUrlDecoder().decode(cursor));
        } catch (final IllegalArgumentException e) {
            return INVALID;
        }
        if (bytes.capacity() != HEAD_BYTES + CHECK_BYTES || bytes.get() != VERSION) {
            return INVALID;
        }
        final long sequence = bytes.getLong();
        final byte[] given = Arrays.copyOfRange(bytes.array(), HEAD_BYTES, bytes.capacity());
        return sequence >= 1 && Arrays.equals(given, check(accountId, sequence))
                ? sequence
                : INVALID;
    }

    private static byte[] check(final String accountId, final long sequence) {
        final MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (final NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
        digest.update(
                ByteBuffer.allocate(HEAD_BYTES).put(VERSION).putLong(sequence).array());
        digest.update(accountId.getBytes(StandardCharsets.UTF_8));
        return Arrays.copyOf(digest.digest(), CHECK_BYTES);
    }
}
