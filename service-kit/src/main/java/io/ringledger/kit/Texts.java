package io.ringledger.kit;

import org.jspecify.annotations.Nullable;

/** The rules of the texts that clients send. Stateless and thread-safe. */
public final class Texts {
    /** Longest account id and idempotency key, in characters. */
    public static final int MAX_TOKEN_LENGTH = 64;

    /** Longest reference, in code points. */
    public static final int MAX_REFERENCE_CODE_POINTS = 256;

    /** Says what {@link #isToken} allows. */
    public static final String TOKEN_RULE = "1 to 64 characters of A-Za-z0-9._:-";

    private static final long LOW_TOKEN_CHARS;
    private static final long HIGH_TOKEN_CHARS;

    static {
        final String allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-";
        long low = 0;
        long high = 0;
        for (int i = 0; i < allowed.length(); i++) {
            final char c = allowed.charAt(i);
            if (c < 64) {
                low |= 1L << c;
            } else {
                high |= 1L << (c - 64);
            }
        }
        LOW_TOKEN_CHARS = low;
        HIGH_TOKEN_CHARS = high;
    }

    private Texts() {}

    /** True for an account id or idempotency key: 1 to 64 of {@code A-Za-z0-9._:-}. */
    public static boolean isToken(final CharSequence text) {
        return isToken(text, 0, text.length());
    }

    /** The same for the characters from {@code start} to before {@code end}. */
    public static boolean isToken(final CharSequence text, final int start, final int end) {
        if (end <= start || end - start > MAX_TOKEN_LENGTH) {
            return false;
        }
        for (int i = start; i < end; i++) {
            if (!isTokenChar(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    /**
     * Says what is wrong with a reference, or null if it is one: 1 to 256 code points of valid
     * Unicode without control characters.
     */
    public static @Nullable String referenceError(final String text) {
        final int length = text.length();
        if (length == 0) {
            return "must not be empty; leave it out instead";
        }
        int codePoints = 0;
        for (int i = 0; i < length; i++) {
            final char c = text.charAt(i);
            if (Character.isISOControl(c)) {
                return "must not hold control characters";
            }
            if (Character.isSurrogate(c)) {
                if (Character.isLowSurrogate(c)
                        || i + 1 == length
                        || !Character.isLowSurrogate(text.charAt(i + 1))) {
                    return "must be valid Unicode";
                }
                i++;
            }
            codePoints++;
        }
        return codePoints > MAX_REFERENCE_CODE_POINTS
                ? "must have at most " + MAX_REFERENCE_CODE_POINTS + " characters"
                : null;
    }

    /** The text without lone surrogates and control characters, and not longer than {@code max}. */
    static String presentable(final String text, final int max) {
        final int length = Math.min(text.length(), max);
        final StringBuilder out = new StringBuilder(length + 3);
        for (int i = 0; i < length; i++) {
            final char c = text.charAt(i);
            if (Character.isHighSurrogate(c)
                    && i + 1 < length
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                out.append(c).append(text.charAt(++i));
            } else {
                out.append(Character.isSurrogate(c) || Character.isISOControl(c) ? '\uFFFD' : c);
            }
        }
        return length < text.length() ? out.append("...").toString() : out.toString();
    }

    private static boolean isTokenChar(final char c) {
        if (c < 64) {
            return (LOW_TOKEN_CHARS >>> c & 1) != 0;
        }
        return c < 128 && (HIGH_TOKEN_CHARS >>> (c - 64) & 1) != 0;
    }
}
