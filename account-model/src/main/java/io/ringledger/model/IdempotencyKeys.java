package io.ringledger.model;

import io.ringledger.model.event.KeyFormat;
import io.ringledger.model.snapshot.StateInput;
import io.ringledger.model.snapshot.StateOutput;

import java.util.Arrays;

/**
 * The outcomes of the commands of the last window of ledger time, by account and idempotency key
 * (design D7). Exact: keys are compared byte by byte, the hash only finds them. Not thread-safe.
 *
 * <p>{@link KeyRecords} has them in the order of the log, so the oldest go first. How many go with
 * each event is bounded: after a quiet day the first command does not pay for all of yesterday's.
 * What is expired but still there counts as absent.
 *
 * <p>The index is random memory: a command, or an event of a replay, costs one read of it for its
 * key and one for the key that expires, and each is a wait that its neighbours do not hide. So they
 * are made in groups, whose slots are touched one right after another before the first is probed:
 * the wait is then one for all.
 *
 * <ul>
 *   <li>Commands that wait in the ring are {@linkplain AccountModel#lookAhead looked ahead} of.
 *   <li>A replay searches for nothing: what it records goes into the index a group at a time, at the
 *       latest in {@link #settle}, which every other use of the index comes after.
 *   <li>The oldest records expire next, one after another.
 * </ul>
 *
 * <p>In each the hashes of all are computed before the first slot is touched. In one loop the
 * hashing kept the loads apart, and nothing was gained.
 */
final class IdempotencyKeys {
    /** Address of no record. */
    static final int NONE = KeyRecords.NONE;

    private static final int EXPIRED_PER_EVENT = 4;
    private static final int GROUP = 16;

    private final KeyRecords records = new KeyRecords();
    private final HashIndex index;
    private final Accounts accounts;
    private final long windowMs;
    private final long seed0;
    private final long seed1;

    // Records that are not in the index yet, oldest first, and their hashes.
    private final int[] unsettledAddresses = new int[GROUP];
    private final int[] unsettledHashes = new int[GROUP];
    private int unsettledCount;
    private final PackedKey unsettledKey = new PackedKey();

    // The oldest records, from the one at nextAhead on, and their hashes.
    private final int[] aheadAddresses = new int[GROUP];
    private final int[] aheadHashes = new int[GROUP];
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
        settle();
        return index.size();
    }

    /** What a key on the account with an id of this hash is found by. */
    int hash(final long idHash, final PackedKey key) {
        return hash(idHash, key.format(), key.bytes(), 0, key.length());
    }

    long hashOfId(final byte[] id, final int length) {
        return accounts.hashOf(id, length);
    }

    /** Loads what searches for keys of these hashes look at first; changes nothing. */
    void touch(final int[] hashes, final int count) {
        index.touch(hashes, count);
    }

    /**
     * The unexpired record of this key on this account, or {@link #NONE}. The id only counts if
     * {@code account} is {@link Accounts#NONE}.
     */
    int find(
            final int hash,
            final byte[] id,
            final int idLength,
            final int account,
            final PackedKey key,
            final long nowMs) {
        settle();
        final int slot = slotOf(hash, id, idLength, account, key);
        if (slot < 0) {
            return NONE;
        }
        final int address = index.value(slot);
        return isExpired(address, nowMs) ? NONE : address;
    }

    /**
     * Records an outcome; {@code account} is {@link Accounts#NONE} if there was none. That it is the
     * first one of its key is checked by the next {@link #settle}.
     */
    void record(
            final int hash,
            final byte[] id,
            final int idLength,
            final int account,
            final PackedKey key,
            final long fingerprint,
            final Outcome outcome) {
        if (unsettledCount == GROUP) {
            settle();
        }
        unsettledAddresses[unsettledCount] =
                records.append(id, idLength, account, key, fingerprint, outcome);
        unsettledHashes[unsettledCount] = hash;
        unsettledCount++;
    }

    /** Puts what has been recorded into the index, and checks that each is the first of its key. */
    void settle() {
        final int count = unsettledCount;
        if (count == 0) {
            return;
        }
        if (count > 1) {
            index.touch(unsettledHashes, count);
        }
        for (int i = 0; i < count; i++) {
            settle(unsettledHashes[i], unsettledAddresses[i]);
        }
        unsettledCount = 0;
    }

    private void settle(final int hash, final int address) {
        int slot = index.start(hash);
        while (!index.isFree(slot)) {
            if (index.hasHash(slot, hash) && isSameKey(index.value(slot), address)) {
                final int first = index.value(slot);
                if (!isExpired(first, records.timeMs(address))) {
                    throw new InvariantViolation("second outcome for one key: sequence="
                            + sequence(address) + ", first=" + sequence(first));
                }
                index.replace(slot, address);
                return;
            }
            slot = index.next(slot);
        }
        index.addAt(slot, hash, address);
    }

    /** True if the older of two records is one of the younger one's key and account. */
    private boolean isSameKey(final int older, final int younger) {
        records.readKey(younger, unsettledKey);
        final int idLength = records.idLength(younger);
        final int idOffset = records.keyOffset(younger) + records.keyLength(younger);
        return isFor(
                older,
                records.bytes(younger),
                idOffset,
                idLength,
                records.account(younger),
                unsettledKey);
    }

    /** True if the next event removes a record. */
    boolean isOldestExpired(final long nowMs) {
        return !records.isEmpty() && isExpired(records.first(), nowMs);
    }

    /** Removes some of the records that the window has left behind. */
    void expire(final long nowMs) {
        for (int i = 0; i < EXPIRED_PER_EVENT && !records.isEmpty(); i++) {
            final int address = records.first();
            if (!isExpired(address, nowMs)) {
                return;
            }
            if (unsettledCount > 0 && unsettledAddresses[0] == address) {
                settle();
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
            records.removeFirst(address);
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
                address != NONE && aheadCount < GROUP;
                address = records.following(address)) {
            aheadAddresses[aheadCount] = address;
            aheadHashes[aheadCount++] = hashOfRecord(address);
        }
        index.touch(aheadHashes, aheadCount);
    }

    long fingerprint(final int address) {
        return records.fingerprint(address);
    }

    long sequence(final int address) {
        return records.sequence(address);
    }

    /** Fills in the first outcome of a key. */
    void readOutcome(final int address, final Outcome outcome) {
        outcome.reset(ResultCode.of(records.code(address)), records.timeMs(address));
        outcome.replayOf(sequence(address));
        final boolean isScopedById = records.isScopedById(address);
        final long balance = records.balance(address);
        final long held = records.nextAmount(address);
        final long creditLimit = records.nextAmount(address);
        final int currency =
                isScopedById ? CurrencyCode.NONE : accounts.currency(records.account(address));
        outcome.account(balance, held, creditLimit, currency);
    }

    /**
     * Feeds what a retry could still find into a hash, oldest first: values and not their layout,
     * nothing that has expired, so that the hash of a log outlives changes of this class.
     */
    void hashInto(final StateHash hash, final long nowMs) {
        long count = 0;
        for (int address = records.first(); address != NONE; address = records.following(address)) {
            if (!isExpired(address, nowMs)) {
                hashInto(hash, address);
                count++;
            }
        }
        hash.addLong(count);
    }

    private void hashInto(final StateHash hash, final int address) {
        final byte[] bytes = records.bytes(address);
        final int from = records.keyOffset(address);
        final int keyLength = records.keyLength(address);
        hash.addLong(records.format(address).value());
        hash.addBytes(bytes, from, keyLength);
        hash.addLong(records.account(address));
        hash.addBytes(bytes, from + keyLength, records.idLength(address));
        hash.addLong(records.code(address));
        hash.addLong(fingerprint(address));
        hash.addLong(sequence(address));
        hash.addLong(records.timeMs(address));
        hash.addLong(records.balance(address));
        hash.addLong(records.nextAmount(address));
        hash.addLong(records.nextAmount(address));
    }

    long windowMs() {
        return windowMs;
    }

    /** Number of keys that a retry could still find. */
    int unexpiredCount(final long nowMs) {
        int count = 0;
        for (int address = records.first(); address != NONE; address = records.following(address)) {
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
        for (int address = records.first(); address != NONE; address = records.following(address)) {
            if (isExpired(address, nowMs)) {
                continue;
            }
            final int keyLength = records.keyLength(address);
            output.row();
            output.putByte(records.formatAndScope(address));
            output.putByte(records.code(address));
            output.putByte(keyLength);
            output.putNumber(records.scope(address));
            output.putBytes(
                    records.bytes(address),
                    records.keyOffset(address),
                    keyLength + records.idLength(address));
            output.putLong(fingerprint(address));
            output.putNumber(sequence(address) - sequence);
            output.putNumber(records.timeMs(address) - timeMs);
            output.putSigned(records.balance(address));
            output.putSigned(records.nextAmount(address));
            output.putSigned(records.nextAmount(address));
            sequence = sequence(address);
            timeMs = records.timeMs(address);
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
            final boolean isScopedById = KeyRecords.isScopedByIdIn(format);
            key.set(KeyRecords.formatIn(format), input.getByte());
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
        final int slot = slotOf(hash, id, idLength, found, key);
        require(slot < 0, "key is there twice", outcome.sequence());
        index.addAt(~slot, hash, records.append(id, idLength, account, key, fingerprint, outcome));
    }

    private static void require(final boolean holds, final String what, final long value) {
        if (!holds) {
            throw new InvariantViolation(what + ": " + value);
        }
    }

    /** The slot of a key, or the complement of the free one at which the search ended. */
    private int slotOf(
            final int hash,
            final byte[] id,
            final int idLength,
            final int account,
            final PackedKey key) {
        int slot = index.start(hash);
        while (!index.isFree(slot)) {
            if (index.hasHash(slot, hash)
                    && isFor(index.value(slot), id, 0, idLength, account, key)) {
                return slot;
            }
            slot = index.next(slot);
        }
        return ~slot;
    }

    private boolean isFor(
            final int address,
            final byte[] id,
            final int idOffset,
            final int idLength,
            final int account,
            final PackedKey key) {
        if (!records.hasKey(address, key)) {
            return false;
        }
        if (!records.isScopedById(address)) {
            return records.account(address) == account;
        }
        // A refusal of an account that was not there keeps its id; the account may be there now.
        final byte[] bytes = records.bytes(address);
        final int scopeOffset = records.keyOffset(address) + records.keyLength(address);
        final int scopeLength = records.idLength(address);
        return account == Accounts.NONE
                ? Arrays.equals(
                        bytes,
                        scopeOffset,
                        scopeOffset + scopeLength,
                        id,
                        idOffset,
                        idOffset + idLength)
                : accounts.hasId(account, bytes, scopeOffset, scopeLength);
    }

    private boolean isExpired(final int address, final long nowMs) {
        return records.timeMs(address) <= nowMs - windowMs;
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
        final byte[] bytes = records.bytes(address);
        final int from = records.keyOffset(address);
        final int keyLength = records.keyLength(address);
        final long idHash = records.isScopedById(address)
                ? accounts.hashOf(bytes, from + keyLength, records.idLength(address))
                : accounts.idHash(records.account(address));
        return hash(idHash, records.format(address), bytes, from, keyLength);
    }
}
