package io.ringledger.model;

import java.nio.charset.StandardCharsets;

/** An ISO 4217 code as an {@code int}: three ASCII letters, the first in the lowest byte. */
public final class CurrencyCode {
    /** No currency. */
    public static final int NONE = 0;

    private CurrencyCode() {}

    /** Packs three upper-case letters; anything else is refused. */
    public static int pack(final CharSequence code) {
        if (code.length() != 3) {
            throw new IllegalArgumentException("not a currency code: length=" + code.length());
        }
        int packed = 0;
        for (int i = 0; i < 3; i++) {
            final char letter = code.charAt(i);
            if (letter < 'A' || letter > 'Z') {
                throw new IllegalArgumentException("not a currency code: " + code);
            }
            packed |= letter << (8 * i);
        }
        return packed;
    }

    /** The three letters of a packed code. */
    public static String unpack(final int packed) {
        final byte[] letters = {(byte) packed, (byte) (packed >>> 8), (byte) (packed >>> 16)};
        return new String(letters, StandardCharsets.US_ASCII);
    }

    /** True for three upper-case letters. */
    static boolean isValid(final int packed) {
        return isLetter(packed)
                && isLetter(packed >>> 8)
                && isLetter(packed >>> 16)
                && packed >>> 24 == 0;
    }

    private static boolean isLetter(final int shifted) {
        final int letter = shifted & 0xFF;
        return letter >= 'A' && letter <= 'Z';
    }
}
