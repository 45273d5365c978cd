package io.ringledger.model;

import java.util.Arrays;

/**
 * Open-addressing index from a 32-bit hash to a non-negative {@code int}: linear probing, no
 * boxing, deletion without tombstones. The caller compares what the value stands for. Its order is
 * never observed. Not thread-safe.
 *
 * <p>A slot is {@code hash << 32 | value}. It doubles at three quarters of its capacity; doubling
 * touches only this array, never what the values stand for. Its length is no power of two but what
 * the expected size asks for, of which a power would be up to twice as much: a hash, taken for a
 * fraction of 2^32, says how far into the array its probe begins (Lemire, "Fast random integer
 * generation in an interval").
 */
final class HashIndex {
    private static final long FREE = -1L;
    private static final int MIN_CAPACITY = 16;
    private static final int MAX_CAPACITY = 1 << 29;

    private long[] slots;
    private int size;
    // Nobody reads it: it keeps the compiler from leaving out the loads of touch().
    @SuppressWarnings("UnusedVariable")
    private long touched;

    HashIndex(final int expectedSize) {
        if (expectedSize < 0 || expectedSize > MAX_CAPACITY / 2) {
            throw new IllegalArgumentException(
                    "expected size out of range: expectedSize=" + expectedSize);
        }
        // Above four thirds: the expected size stays under three quarters.
        allocate((int) Math.max(MIN_CAPACITY, expectedSize * 4L / 3 + 2));
    }

    int size() {
        return size;
    }

    /** First slot to look at for a hash. */
    int start(final int hash) {
        return startIn(slots.length, hash);
    }

    /**
     * Loads the first slots of hashes, so that later probes find them in the processor's cache. In a
     * large table that load is most of what a probe costs; one right after another, with nothing in
     * between, they wait for memory together.
     */
    void touch(final int[] hashes, final int count) {
        final long[] loaded = slots;
        long all = 0;
        for (int i = 0; i < count; i++) {
            all ^= loaded[startIn(loaded.length, hashes[i])];
        }
        touched = all;
    }

    /** The slot after one. */
    int next(final int slot) {
        return slot + 1 == slots.length ? 0 : slot + 1;
    }

    /** True where a probe ends. */
    boolean isFree(final int slot) {
        return slots[slot] == FREE;
    }

    /** True if the slot has this hash; the caller then compares what the value stands for. */
    boolean hasHash(final int slot, final int hash) {
        return (int) (slots[slot] >>> 32) == hash;
    }

    int value(final int slot) {
        return (int) slots[slot];
    }

    /**
     * Adds a value at the free slot where the caller's probe of that hash ended, having seen nothing
     * equal; nothing has changed since.
     */
    void addAt(final int freeSlot, final int hash, final int value) {
        require(value >= 0, "negative value", value);
        require(isFree(freeSlot), "adding to a slot that is taken", freeSlot);
        if (size >= slots.length - (slots.length >> 2)) {
            grow();
            add(hash, value);
            return;
        }
        slots[freeSlot] = pack(hash, value);
        size++;
    }

    /** Adds a value; the caller has seen that nothing equal is there. */
    void add(final int hash, final int value) {
        int slot = start(hash);
        while (!isFree(slot)) {
            slot = next(slot);
        }
        addAt(slot, hash, value);
    }

    /** Gives an existing slot another value for the same hash. */
    void replace(final int slot, final int value) {
        require(value >= 0, "negative value", value);
        require(!isFree(slot), "replacing a free slot", slot);
        slots[slot] = pack((int) (slots[slot] >>> 32), value);
    }

    /** Removes this value under this hash; false if it is not there. */
    boolean remove(final int hash, final int value) {
        final long wanted = pack(hash, value);
        int slot = start(hash);
        while (slots[slot] != wanted) {
            if (isFree(slot)) {
                return false;
            }
            slot = next(slot);
        }
        closeGap(slot);
        size--;
        return true;
    }

    /** Moves later slots of the probe into the gap (Knuth, volume 3, 6.4, algorithm R). */
    private void closeGap(final int emptied) {
        int gap = emptied;
        int slot = next(gap);
        while (!isFree(slot)) {
            final int home = start((int) (slots[slot] >>> 32));
            final boolean isHomeBetween =
                    gap <= slot ? gap < home && home <= slot : gap < home || home <= slot;
            if (!isHomeBetween) {
                slots[gap] = slots[slot];
                gap = slot;
            }
            slot = next(slot);
        }
        slots[gap] = FREE;
    }

    private void grow() {
        final long[] old = slots;
        require(old.length < MAX_CAPACITY, "index is full", size);
        allocate(Math.min(old.length << 1, MAX_CAPACITY));
        for (final long packed : old) {
            if (packed != FREE) {
                int slot = start((int) (packed >>> 32));
                while (!isFree(slot)) {
                    slot = next(slot);
                }
                slots[slot] = packed;
            }
        }
    }

    private void allocate(final int capacity) {
        slots = new long[capacity];
        Arrays.fill(slots, FREE);
    }

    private static int startIn(final int length, final int hash) {
        return (int) (((hash & 0xFFFF_FFFFL) * length) >>> Integer.SIZE);
    }

    private static long pack(final int hash, final int value) {
        return (long) hash << 32 | value;
    }

    private static void require(final boolean holds, final String what, final int value) {
        if (!holds) {
            throw new InvariantViolation(what + ": " + value);
        }
    }
}
