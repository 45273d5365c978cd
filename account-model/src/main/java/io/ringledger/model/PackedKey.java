package io.ringledger.model;

import io.ringledger.model.event.KeyFormat;

import java.util.Arrays;

/**
 * An idempotency key in its shortest form: a UUID in sixteen bytes, other hexadecimal text in half
 * its length, anything else as it is. The form follows from the text alone, so two keys are equal
 * exactly when their packed forms are. Mutable and reused; not thread-safe.
 */
final class PackedKey {
    private static final int UUID_LENGTH = 36;
    private static final int[] UUID_DASHES = {8, 13, 18, 23};
    private static final byte[] HEX_DIGITS = {
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'
    };
    private static final byte[] HEX_VALUES = hexValues();

    private final byte[] bytes = new byte[LedgerLimits.MAX_KEY_LENGTH];
    private int length;
    private KeyFormat format = KeyFormat.TEXT;

    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    KeyFormat format() {
        return format;
    }

    /** Packs the text of a key, which is ASCII and not too long. */
    void pack(final String text) {
        final int textLength = text.length();
        if (textLength == UUID_LENGTH && packUuid(text)) {
            format = KeyFormat.UUID;
            length = 16;
        } else if ((textLength & 1) == 0 && packHex(text, 0, textLength, 0)) {
            format = KeyFormat.HEX;
            length = textLength >> 1;
        } else {
            for (int i = 0; i < textLength; i++) {
                bytes[i] = (byte) text.charAt(i);
            }
            format = KeyFormat.TEXT;
            length = textLength;
        }
    }

    /** Makes this key equal to another one. */
    void copyFrom(final PackedKey other) {
        format = other.format;
        length = other.length;
        System.arraycopy(other.bytes, 0, bytes, 0, length);
    }

    boolean isSame(final PackedKey other) {
        return format == other.format
                && Arrays.equals(bytes, 0, length, other.bytes, 0, other.length);
    }

    /** Checks the form of a key in the log; {@link #bytes()} is then filled up to the length. */
    void set(final KeyFormat format, final int length) {
        final boolean hasValidLength = format == KeyFormat.UUID
                ? length == 16
                : length > 0
                        && length
                                <= (format == KeyFormat.HEX
                                        ? LedgerLimits.MAX_KEY_LENGTH / 2
                                        : LedgerLimits.MAX_KEY_LENGTH);
        if (format == KeyFormat.NULL_VAL || !hasValidLength) {
            throw new InvariantViolation(
                    "invalid packed key: format=" + format + ", length=" + length);
        }
        this.format = format;
        this.length = length;
    }

    /** The text again; allocates. */
    byte[] text() {
        return switch (format) {
            case UUID -> uuidText();
            case HEX -> hexText(0, length);
            default -> Arrays.copyOf(bytes, length);
        };
    }

    private boolean packUuid(final String text) {
        for (final int dash : UUID_DASHES) {
            if (text.charAt(dash) != '-') {
                return false;
            }
        }
        return packHex(text, 0, 8, 0)
                && packHex(text, 9, 4, 4)
                && packHex(text, 14, 4, 6)
                && packHex(text, 19, 4, 8)
                && packHex(text, 24, 12, 10);
    }

    private boolean packHex(final String text, final int from, final int digits, final int to) {
        for (int i = 0; i < digits; i += 2) {
            final int high = HEX_VALUES[text.charAt(from + i)];
            final int low = HEX_VALUES[text.charAt(from + i + 1)];
            if ((high | low) < 0) {
                return false;
            }
            bytes[to + (i >> 1)] = (byte) (high << 4 | low);
        }
        return digits > 0;
    }

    private byte[] uuidText() {
        final byte[] hex = hexText(0, 16);
        final byte[] text = new byte[UUID_LENGTH];
        int from = 0;
        for (int i = 0; i < UUID_LENGTH; i++) {
            final boolean isDash = i == 8 || i == 13 || i == 18 || i == 23;
            text[i] = isDash ? (byte) '-' : hex[from++];
        }
        return text;
    }

    private byte[] hexText(final int from, final int count) {
        final byte[] text = new byte[count * 2];
        for (int i = 0; i < count; i++) {
            final int value = bytes[from + i] & 0xFF;
            text[2 * i] = HEX_DIGITS[value >> 4];
            text[2 * i + 1] = HEX_DIGITS[value & 15];
        }
        return text;
    }

    private static byte[] hexValues() {
        final byte[] values = new byte[256];
        Arrays.fill(values, (byte) -1);
        for (int i = 0; i < HEX_DIGITS.length; i++) {
            values[HEX_DIGITS[i]] = (byte) i;
        }
        return values;
    }
}
