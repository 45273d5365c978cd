package io.ringledger.model;

import io.ringledger.model.event.KeyFormat;
import io.ringledger.model.snapshot.StateInput;
import io.ringledger.model.snapshot.StateOutput;

import java.util.Arrays;

/**
 * The outcomes of the commands of the last window of ledger time, by account and idempotency key
 * (design D7). Exact: keys are compared byte by byte, the hash only finds them. Not thread-safe.
 *
 * <p>A record lies in a {@link KeyArena} in the order of the log, so the oldest go first. How many
 * go with each event is bounded: after a quiet day the first command does not pay for all of
 * yesterday's. What is expired but still there counts as absent.
 *
 * <p>Record: words (1), format and scope (1), result code (1), key length (1), account number or
 * length of the account id (4), fingerprint (8), sequence (8), time (8), the packed key, the
 * account id if there was no such account, then balance, held and credit limit as variable-length
 * integers.
 */
final class IdempotencyKeys {
    /** Address of no record. */
    static final int NONE = -1;

    private static final int WORDS = 0;
    private static final int FORMAT = 1;
    private static final int CODE = 2;
    private static final int KEY_LENGTH = 3;
    private static final int ACCOUNT = 4;
    private static final int FINGERPRINT = 8;
    private static final int SEQUENCE = 16;
    private static final int TIME = 24;
    private static final int KEY = 32;

    private static final int SCOPED_BY_ID = 1 << 7;
    private static final int MAX_VARINT = 10;
    private static final int EXPIRED_PER_EVENT = 4;
    private static final int LOOK_AHEAD = 16;
    private static final KeyFormat[] FORMATS = {KeyFormat.TEXT, KeyFormat.UUID, KeyFormat.HEX};

    private final KeyArena arena = new KeyArena();
    private final HashIndex index;
    private final Accounts accounts;
    private final long windowMs;
    private final long seed0;
    private final long seed1;
    private int varintOffset;

    // The oldest records, from the one at nextAhead on, and their hashes.
    private final int[] aheadAddresses = new int[LOOK_AHEAD];
    private final int[] aheadHashes = new int[LOOK_AHEAD];
    private int aheadCount;
    private int nextAhead;

    IdempotencyKeys(
            final Accounts accounts,
            final long windowMs,
            final int expectedKeys,
            final long seed0,
            final long seed1) {
        if (windowMs < 1) {
            throw new IllegalArgumentException("window too short: windowMs=" + windowMs);
        }
        this.accounts = accounts;
        this.windowMs = windowMs;
        this.seed0 = seed0;
        this.seed1 = seed1;
        index = new HashIndex(expectedKeys);
    }

    /** Number of keys that can still be found or have not been removed yet. */
    int size() {
        return index.size();
    }

    /**
     * The unexpired record of this key on this account, or {@link #NONE}. The id only counts if
     * {@code account} is {@link Accounts#NONE}.
     */
    int find(
            final long idHash,
            final byte[] id,
            final int idLength,
            final int account,
            final PackedKey key,
            final long nowMs) {
        final int slot = slotOf(hash(idHash, key), id, idLength, account, key);
        if (slot == HashIndex.MISSING) {
            return NONE;
        }
        final int address = index.value(slot);
        return isExpired(address, nowMs) ? NONE : address;
    }

    /** Records an outcome; {@code account} is {@link Accounts#NONE} if there was none. */
    void record(
            final long idHash,
            final byte[] id,
            final int idLength,
            final int account,
            final PackedKey key,
            final long fingerprint,
            final Outcome outcome) {
        final int hash = hash(idHash, key);
        final int slot = slotOf(hash, id, idLength, account, key);
        if (slot != HashIndex.MISSING && !isExpired(index.value(slot), outcome.timeMs())) {
            throw new InvariantViolation("second outcome for one key: sequence="
                    + outcome.sequence() + ", first=" + sequence(index.value(slot)));
        }
        final int address = append(id, idLength, account, key, fingerprint, outcome);
        if (slot == HashIndex.MISSING) {
            index.add(hash, address);
        } else {
            index.replace(slot, address);
        }
    }

    /** True if the next event removes a record. */
    boolean isOldestExpired(final long nowMs) {
        return !arena.isEmpty() && isExpired(arena.head(), nowMs);
    }

    /** Removes some of the records that the window has left behind. */
    void expire(final long nowMs) {
        for (int i = 0; i < EXPIRED_PER_EVENT && !arena.isEmpty(); i++) {
            final int address = arena.head();
            if (!isExpired(address, nowMs)) {
                return;
            }
            if (nextAhead == aheadCount) {
                lookAhead(address);
            }
            require(
                    aheadAddresses[nextAhead] == address,
                    "another record is the oldest",
                    aheadAddresses[nextAhead]);
            // False where a younger record of the same key has taken the slot.
            index.remove(aheadHashes[nextAhead++], address);
            arena.removeHead(arena.getByte(address, WORDS));
        }
    }

    /**
     * Hashes the oldest records, of which this is the first, and touches their slots: they expire
     * next, one after another. A record never changes, and nothing else removes records.
     */
    private void lookAhead(final int head) {
        nextAhead = 0;
        aheadCount = 0;
        for (int address = head;
                address != NONE && aheadCount < LOOK_AHEAD;
                address = following(address)) {
            final int hash = hashOfRecord(address);
            index.touch(hash);
            aheadAddresses[aheadCount] = address;
            aheadHashes[aheadCount++] = hash;
        }
    }

    long fingerprint(final int address) {
        return arena.getLong(address, FINGERPRINT);
    }

    long sequence(final int address) {
        return arena.getLong(address, SEQUENCE);
    }

    /** Fills in the first outcome of a key. */
    void readOutcome(final int address, final Outcome outcome) {
        outcome.reset(ResultCode.of(arena.getByte(address, CODE)), arena.getLong(address, TIME));
        outcome.replayOf(sequence(address));
        final boolean isScopedById = isScopedById(address);
        varintOffset = KEY + arena.getByte(address, KEY_LENGTH) + idLength(address);
        final long balance = getVarint(address);
        final long held = getVarint(address);
        final long creditLimit = getVarint(address);
        final int currency = isScopedById
                ? CurrencyCode.NONE
                : accounts.currency(arena.getInt(address, ACCOUNT));
        outcome.account(balance, held, creditLimit, currency);
    }

    /**
     * Feeds what a retry could still find into a hash, oldest first: values and not their layout,
     * nothing that has expired, so that the hash of a log outlives changes of this class.
     */
    void hashInto(final StateHash hash, final long nowMs) {
        long count = 0;
        for (int address = first(); address != NONE; address = following(address)) {
            if (!isExpired(address, nowMs)) {
                hashInto(hash, address);
                count++;
            }
        }
        hash.addLong(count);
    }

    private void hashInto(final StateHash hash, final int address) {
        final byte[] chunk = arena.chunk(address);
        final int from = KeyArena.byteOf(address) + KEY;
        final int keyLength = arena.getByte(address, KEY_LENGTH);
        hash.addLong(arena.getByte(address, FORMAT) & ~SCOPED_BY_ID);
        hash.addBytes(chunk, from, keyLength);
        hash.addLong(isScopedById(address) ? Accounts.NONE : arena.getInt(address, ACCOUNT));
        hash.addBytes(chunk, from + keyLength, idLength(address));
        hash.addLong(arena.getByte(address, CODE));
        hash.addLong(fingerprint(address));
        hash.addLong(sequence(address));
        hash.addLong(arena.getLong(address, TIME));
        varintOffset = KEY + keyLength + idLength(address);
        hash.addLong(getVarint(address));
        hash.addLong(getVarint(address));
        hash.addLong(getVarint(address));
    }

    long windowMs() {
        return windowMs;
    }

    /** Number of keys that a retry could still find. */
    int unexpiredCount(final long nowMs) {
        int count = 0;
        for (int address = first(); address != NONE; address = following(address)) {
            if (!isExpired(address, nowMs)) {
                count++;
            }
        }
        return count;
    }

    /**
     * Writes what a retry could still find, oldest first. What has expired decides nothing, so a
     * state without it is the same state.
     */
    void write(final StateOutput output, final long nowMs) {
        long sequence = 0;
        long timeMs = 0;
        for (int address = first(); address != NONE; address = following(address)) {
            if (isExpired(address, nowMs)) {
                continue;
            }
            final int keyLength = arena.getByte(address, KEY_LENGTH);
            output.row();
            output.putByte(arena.getByte(address, FORMAT));
            output.putByte(arena.getByte(address, CODE));
            output.putByte(keyLength);
            output.putNumber(arena.getInt(address, ACCOUNT));
            output.putBytes(
                    arena.chunk(address),
                    KeyArena.byteOf(address) + KEY,
                    keyLength + idLength(address));
            output.putLong(fingerprint(address));
            output.putNumber(sequence(address) - sequence);
            output.putNumber(arena.getLong(address, TIME) - timeMs);
            varintOffset = KEY + keyLength + idLength(address);
            output.putSigned(getVarint(address));
            output.putSigned(getVarint(address));
            output.putSigned(getVarint(address));
            sequence = sequence(address);
            timeMs = arena.getLong(address, TIME);
        }
    }

    /**
     * Reads keys into this, which is empty; each has to be one that events up to that sequence and
     * time could have made.
     */
    void read(
            final StateInput input,
            final int expectedCount,
            final long lastSequence,
            final long lastTimeMs) {
        final PackedKey key = new PackedKey();
        final byte[] id = new byte[LedgerLimits.MAX_ACCOUNT_ID_LENGTH];
        final Outcome outcome = new Outcome();
        long sequence = 0;
        long timeMs = 0;
        for (int i = 0; i < expectedCount; i++) {
            input.row();
            final int format = input.getByte();
            final ResultCode code = ResultCode.of(input.getByte());
            final boolean isScopedById = (format & SCOPED_BY_ID) != 0;
            final int keyFormat = format & ~SCOPED_BY_ID;
            require(keyFormat < FORMATS.length, "unknown format of a key", keyFormat);
            key.set(FORMATS[keyFormat], input.getByte());
            final int scope = (int) Math.min(input.getCount(), Integer.MAX_VALUE);
            input.getBytes(key.bytes(), key.length());
            require(
                    isScopedById == (code == ResultCode.ACCOUNT_NOT_FOUND)
                            && code != ResultCode.IDEMPOTENCY_KEY_REUSED,
                    "result code does not fit its key",
                    code.number());
            require(
                    isScopedById
                            ? scope >= 1 && scope <= id.length
                            : accounts.exists(scope) && !accounts.isWorld(scope),
                    "key of no account",
                    scope);
            if (isScopedById) {
                input.getBytes(id, scope);
            }
            final long fingerprint = input.getLong();
            final long step = input.getCount();
            sequence += step;
            timeMs += input.getCount();
            require(step >= 1, "two keys of one event", sequence);
            require(sequence >= 1 && sequence <= lastSequence, "key from elsewhere", sequence);
            require(timeMs >= 0 && timeMs <= lastTimeMs, "key from another time", timeMs);
            require(timeMs > lastTimeMs - windowMs, "key has expired", timeMs);
            outcome.reset(code, timeMs).recorded(sequence);
            outcome.account(
                    input.getSigned(), input.getSigned(), input.getSigned(), CurrencyCode.NONE);
            add(isScopedById ? Accounts.NONE : scope, id, scope, key, fingerprint, outcome);
        }
    }

    private void add(
            final int account,
            final byte[] id,
            final int idLength,
            final PackedKey key,
            final long fingerprint,
            final Outcome outcome) {
        final boolean isScopedById = account == Accounts.NONE;
        final long idHash = isScopedById ? accounts.hashOf(id, idLength) : accounts.idHash(account);
        final int hash = hash(idHash, key);
        // The account that was not there may be there now, with the same key.
        final int found = isScopedById ? accounts.find(idHash, id, idLength) : account;
        require(
                slotOf(hash, id, idLength, found, key) == HashIndex.MISSING,
                "key is there twice",
                outcome.sequence());
        index.add(hash, append(id, idLength, account, key, fingerprint, outcome));
    }

    private int first() {
        return arena.isEmpty() ? NONE : arena.head();
    }

    private int following(final int address) {
        return arena.following(address, arena.getByte(address, WORDS));
    }

    private static void require(final boolean holds, final String what, final long value) {
        if (!holds) {
            throw new InvariantViolation(what + ": " + value);
        }
    }

    private int slotOf(
            final int hash,
            final byte[] id,
            final int idLength,
            final int account,
            final PackedKey key) {
        for (int slot = index.start(hash); !index.isFree(slot); slot = index.next(slot)) {
            if (index.hasHash(slot, hash) && isFor(index.value(slot), id, idLength, account, key)) {
                return slot;
            }
        }
        return HashIndex.MISSING;
    }

    private boolean isFor(
            final int address,
            final byte[] id,
            final int idLength,
            final int account,
            final PackedKey key) {
        final int keyLength = key.length();
        if (arena.getByte(address, KEY_LENGTH) != keyLength
                || (arena.getByte(address, FORMAT) & ~SCOPED_BY_ID)
                        != key.format().value()) {
            return false;
        }
        final byte[] chunk = arena.chunk(address);
        final int from = KeyArena.byteOf(address) + KEY;
        if (!Arrays.equals(chunk, from, from + keyLength, key.bytes(), 0, keyLength)) {
            return false;
        }
        if (!isScopedById(address)) {
            return arena.getInt(address, ACCOUNT) == account;
        }
        // A refusal of an account that was not there keeps its id; the account may be there now.
        final int scopeOffset = from + keyLength;
        final int scopeLength = idLength(address);
        return account == Accounts.NONE
                ? Arrays.equals(chunk, scopeOffset, scopeOffset + scopeLength, id, 0, idLength)
                : accounts.hasId(account, chunk, scopeOffset, scopeLength);
    }

    private int append(
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
        final int address = arena.append(words);
        arena.putByte(address, WORDS, words);
        arena.putByte(address, FORMAT, key.format().value() | (isScopedById ? SCOPED_BY_ID : 0));
        arena.putByte(address, CODE, outcome.code().number());
        arena.putByte(address, KEY_LENGTH, keyLength);
        arena.putInt(address, ACCOUNT, isScopedById ? idLength : account);
        arena.putLong(address, FINGERPRINT, fingerprint);
        arena.putLong(address, SEQUENCE, outcome.sequence());
        arena.putLong(address, TIME, outcome.timeMs());
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

    private boolean isExpired(final int address, final long nowMs) {
        return arena.getLong(address, TIME) <= nowMs - windowMs;
    }

    private boolean isScopedById(final int address) {
        return (arena.getByte(address, FORMAT) & SCOPED_BY_ID) != 0;
    }

    private int idLength(final int address) {
        return isScopedById(address) ? arena.getInt(address, ACCOUNT) : 0;
    }

    private int hash(final long idHash, final PackedKey key) {
        return hash(idHash, key.format(), key.bytes(), 0, key.length());
    }

    private int hash(
            final long idHash,
            final KeyFormat format,
            final byte[] bytes,
            final int offset,
            final int length) {
        return (int) SipHash.hash(seed0 ^ idHash, seed1 + format.value(), bytes, offset, length);
    }

    private int hashOfRecord(final int address) {
        final byte[] chunk = arena.chunk(address);
        final int from = KeyArena.byteOf(address) + KEY;
        final int keyLength = arena.getByte(address, KEY_LENGTH);
        final long idHash;
        if (isScopedById(address)) {
            idHash = accounts.hashOf(chunk, from + keyLength, idLength(address));
        } else {
            idHash = accounts.idHash(arena.getInt(address, ACCOUNT));
        }
        final KeyFormat format = FORMATS[arena.getByte(address, FORMAT) & ~SCOPED_BY_ID];
        return hash(idHash, format, chunk, from, keyLength);
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

    private long getVarint(final int address) {
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
}
