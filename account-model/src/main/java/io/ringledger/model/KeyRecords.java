package io.ringledger.model;

import io.ringledger.model.event.KeyFormat;

import java.util.Arrays;

/**
 * The records of {@link IdempotencyKeys} in the order of the log, and how each lies in a {@link
 * KeyArena}. A record is named by its address and never changes. Not thread-safe.
 *
 * <p>Record: words (1), format and scope (1), result code (1), key length (1), account number or
 * length of the account id (4), fingerprint (8), sequence (4) and time (4) since those of the
 * chunk, the packed key, the account id if there was no such account, then balance, held and credit
 * limit as variable-length integers: forty-eight bytes for a random key and balances up to some
 * millions.
 */
final class KeyRecords {
    /** Address of no record. */
    static final int NONE = -1;

    private static final int WORDS = 0;
    private static final int FORMAT = 1;
    private static final int CODE = 2;
    private static final int KEY_LENGTH = 3;
    private static final int ACCOUNT = 4;
    private static final int FINGERPRINT = 8;
    private static final int SEQUENCE = 16;
    private static final int TIME = 20;
    private static final int KEY = 24;

    private static final int SCOPED_BY_ID = 1 << 7;
    private static final int MAX_VARINT = 10;
    private static final KeyFormat[] FORMATS = {KeyFormat.TEXT, KeyFormat.UUID, KeyFormat.HEX};

    private final KeyArena arena = new KeyArena();
    private int varintOffset;

    boolean isEmpty() {
        return arena.isEmpty();
    }

    /** The oldest record, or {@link #NONE}. */
    int first() {
        return arena.isEmpty() ? NONE : arena.head();
    }

    /** The record after one, or {@link #NONE} after the last. */
    int following(final int address) {
        return arena.following(address, arena.getByte(address, WORDS));
    }

    /** Appends a record; {@code account} is {@link Accounts#NONE} if the id is to be kept. */
    int append(
            final byte[] id,
            final int idLength,
            final int account,
            final PackedKey key,
            final long fingerprint,
            final Outcome outcome) {
        final boolean isScopedById = account == Accounts.NONE;
        final int keyLength = key.length();
        final int textLength = keyLength + (isScopedById ? idLength : 0);
        final int length = KEY
                + textLength
                + varintLength(outcome.balance())
                + varintLength(outcome.held())
                + varintLength(outcome.creditLimit());
        final int words = (length + Long.BYTES - 1) / Long.BYTES;
        final int address = arena.append(words, outcome.sequence(), outcome.timeMs());
        arena.putByte(address, WORDS, words);
        arena.putByte(address, FORMAT, key.format().value() | (isScopedById ? SCOPED_BY_ID : 0));
        arena.putByte(address, CODE, outcome.code().number());
        arena.putByte(address, KEY_LENGTH, keyLength);
        arena.putInt(address, ACCOUNT, isScopedById ? idLength : account);
        arena.putLong(address, FINGERPRINT, fingerprint);
        arena.putInt(address, SEQUENCE, (int) (outcome.sequence() - arena.sequenceBase(address)));
        arena.putInt(address, TIME, (int) (outcome.timeMs() - arena.timeBaseMs(address)));
        final byte[] chunk = arena.chunk(address);
        final int from = KeyArena.byteOf(address) + KEY;
        System.arraycopy(key.bytes(), 0, chunk, from, keyLength);
        if (isScopedById) {
            System.arraycopy(id, 0, chunk, from + keyLength, idLength);
        }
        varintOffset = KEY + textLength;
        putVarint(address, outcome.balance());
        putVarint(address, outcome.held());
        putVarint(address, outcome.creditLimit());
        return address;
    }

    /** Removes the oldest record, which is the one at this address. */
    void removeFirst(final int address) {
        arena.removeHead(arena.getByte(address, WORDS));
    }

    int code(final int address) {
        return arena.getByte(address, CODE);
    }

    long fingerprint(final int address) {
        return arena.getLong(address, FINGERPRINT);
    }

    long sequence(final int address) {
        return arena.sequenceBase(address)
                + Integer.toUnsignedLong(arena.getInt(address, SEQUENCE));
    }

    long timeMs(final int address) {
        return arena.timeBaseMs(address) + Integer.toUnsignedLong(arena.getInt(address, TIME));
    }

    /** True if there was no such account: the record has its id, and no number. */
    boolean isScopedById(final int address) {
        return (arena.getByte(address, FORMAT) & SCOPED_BY_ID) != 0;
    }

    /** Number of the account, or {@link Accounts#NONE}. */
    int account(final int address) {
        return isScopedById(address) ? Accounts.NONE : arena.getInt(address, ACCOUNT);
    }

    /** Length of the account id; 0 if the record has the account's number instead. */
    int idLength(final int address) {
        return isScopedById(address) ? arena.getInt(address, ACCOUNT) : 0;
    }

    KeyFormat format(final int address) {
        return FORMATS[arena.getByte(address, FORMAT) & ~SCOPED_BY_ID];
    }

    /** Format of the key and whether the scope is an id, as snapshots have them. */
    int formatAndScope(final int address) {
        return arena.getByte(address, FORMAT);
    }

    static boolean isScopedByIdIn(final int formatAndScope) {
        return (formatAndScope & SCOPED_BY_ID) != 0;
    }

    /** The format of a key in a snapshot. */
    static KeyFormat formatIn(final int formatAndScope) {
        final int format = formatAndScope & ~SCOPED_BY_ID;
        if (format >= FORMATS.length) {
            throw new InvariantViolation("unknown format of a key: " + format);
        }
        return FORMATS[format];
    }

    /** Number of the account, or length of its id. */
    int scope(final int address) {
        return arena.getInt(address, ACCOUNT);
    }

    int keyLength(final int address) {
        return arena.getByte(address, KEY_LENGTH);
    }

    /** The bytes among which the key is, from {@link #keyOffset} on, and the id after it. */
    byte[] bytes(final int address) {
        return arena.chunk(address);
    }

    int keyOffset(final int address) {
        return KeyArena.byteOf(address) + KEY;
    }

    boolean hasKey(final int address, final PackedKey key) {
        final int length = key.length();
        if (keyLength(address) != length || format(address) != key.format()) {
            return false;
        }
        final int from = keyOffset(address);
        return Arrays.equals(bytes(address), from, from + length, key.bytes(), 0, length);
    }

    /** Fills in the key of a record. */
    void readKey(final int address, final PackedKey key) {
        key.set(format(address), keyLength(address));
        System.arraycopy(bytes(address), keyOffset(address), key.bytes(), 0, key.length());
    }

    /** Goes to the balance of a record, after which {@link #nextAmount} has held and limit. */
    long balance(final int address) {
        varintOffset = KEY + keyLength(address) + idLength(address);
        return nextAmount(address);
    }

    /** The amount after the one that was read last. */
    long nextAmount(final int address) {
        long value = 0;
        int part;
        int shift = 0;
        do {
            part = arena.getByte(address, varintOffset++);
            value |= (part & 0x7FL) << shift;
            shift += 7;
        } while ((part & 0x80) != 0);
        return value >>> 1 ^ -(value & 1);
    }

    private static long zigzag(final long value) {
        return value << 1 ^ value >> 63;
    }

    private static int varintLength(final long value) {
        final int bits = Long.SIZE - Long.numberOfLeadingZeros(zigzag(value) | 1);
        return Math.min(MAX_VARINT, (bits + 6) / 7);
    }

    private void putVarint(final int address, final long value) {
        long rest = zigzag(value);
        while ((rest & ~0x7FL) != 0) {
            arena.putByte(address, varintOffset++, (int) (rest & 0x7F) | 0x80);
            rest >>>= 7;
        }
        arena.putByte(address, varintOffset++, (int) rest);
    }
}
