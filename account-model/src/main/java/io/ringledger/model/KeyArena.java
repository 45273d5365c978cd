package io.ringledger.model;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * First-in-first-out memory for records of varying size: chunks of a quarter of a mebibyte,
 * recycled as the oldest records go; a few are kept in reserve. A record is named by an
 * {@code int} address, in words of eight bytes, that stays valid until the record is removed. Not
 * thread-safe.
 *
 * <p>A chunk begins with the sequence and the time of its first record, to which those of all its
 * records are within 32 bits: so a record needs half as much for them. What is farther away begins
 * the next chunk, for which it takes forty-nine days without a record.
 */
final class KeyArena {
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private static final int WORD = 8;
    /**
     * A quarter of a mebibyte. An array of a whole one is humongous to G1 with the regions of a small
     * heap and takes two of them: ten million keys then took 1,264 MB of heap.
     */
    private static final int CHUNK_WORD_BITS = 15;

    private static final int CHUNK_WORDS = 1 << CHUNK_WORD_BITS;
    private static final int CHUNKS = 1 << 16;

    // Of a chunk, not of a record.
    private static final int SEQUENCE = 0;
    private static final int TIME = 8;
    private static final int HEADER_WORDS = 2;

    /**
     * Several keys expire with each event that brings one, so after a burst more chunks come free than
     * are needed at once. With one spare chunk the writer allocated 17 bytes a command in the steady
     * state; with these, none.
     */
    private static final int MAX_SPARE_CHUNKS = 32;

    private final byte[] @Nullable [] chunks = new byte[CHUNKS][];
    private final byte[] @Nullable [] spares = new byte[MAX_SPARE_CHUNKS][];
    private int spareCount;
    private long headWord;
    private long tailWord;

    boolean isEmpty() {
        return headWord == tailWord;
    }

    /** Room for a record of so many words, after all others. */
    int append(final int words, final long sequence, final long timeMs) {
        final int wordsLeft = CHUNK_WORDS - (int) (tailWord & (CHUNK_WORDS - 1));
        if (wordsLeft < CHUNK_WORDS) {
            final int address = addressOf(tailWord);
            if (words > wordsLeft
                    || isFar(sequence - sequenceBase(address))
                    || isFar(timeMs - timeBaseMs(address))) {
                // A record never straddles chunks; a zero length says where the chunk ends early.
                putByte(address, 0, 0);
                tailWord += wordsLeft;
            }
        }
        if (isChunkStart(tailWord)) {
            beginChunk(sequence, timeMs);
        }
        final long start = tailWord;
        tailWord += words;
        if (tailWord - headWord > (long) (CHUNKS - 1) * CHUNK_WORDS) {
            throw new InvariantViolation("key arena is full: words=" + (tailWord - headWord));
        }
        return addressOf(start);
    }

    /** Address of the oldest record; the arena is not empty. */
    int head() {
        skipToRecord();
        return addressOf(headWord);
    }

    /** Removes the oldest record, which has so many words. */
    void removeHead(final int words) {
        skipToRecord();
        headWord += words;
        if (headWord > tailWord || words < 1) {
            throw new InvariantViolation("removed past the end: head=" + headWord + ", tail="
                    + tailWord + ", words=" + words);
        }
        if ((headWord & (CHUNK_WORDS - 1)) == 0) {
            recycle(headWord - 1);
        }
        if (headWord != tailWord) {
            skipToRecord();
        }
    }

    /** Address of the record after one of so many words, or -1 after the last. */
    int following(final int address, final int words) {
        final int chunk = address >>> CHUNK_WORD_BITS;
        final int headChunk = chunkOf(headWord);
        final long chunkNumber =
                (headWord >>> CHUNK_WORD_BITS) + ((chunk - headChunk) & (CHUNKS - 1));
        long word = (chunkNumber << CHUNK_WORD_BITS) + (address & (CHUNK_WORDS - 1)) + words;
        if (word < tailWord && isChunkEnd(word)) {
            word = (word | (CHUNK_WORDS - 1)) + 1;
        }
        if (word >= tailWord) {
            return -1;
        }
        return addressOf(isChunkStart(word) ? word + HEADER_WORDS : word);
    }

    /** Sequence of the first record of the chunk that a record lies in. */
    long sequenceBase(final int address) {
        return (long) LONGS.get(chunk(address), SEQUENCE);
    }

    /** Time of the first record of the chunk that a record lies in, in milliseconds. */
    long timeBaseMs(final int address) {
        return (long) LONGS.get(chunk(address), TIME);
    }

    int getByte(final int address, final int offset) {
        return chunk(address)[byteOf(address) + offset] & 0xFF;
    }

    void putByte(final int address, final int offset, final int value) {
        chunk(address)[byteOf(address) + offset] = (byte) value;
    }

    int getInt(final int address, final int offset) {
        return (int) INTS.get(chunk(address), byteOf(address) + offset);
    }

    void putInt(final int address, final int offset, final int value) {
        INTS.set(chunk(address), byteOf(address) + offset, value);
    }

    long getLong(final int address, final int offset) {
        return (long) LONGS.get(chunk(address), byteOf(address) + offset);
    }

    void putLong(final int address, final int offset, final long value) {
        LONGS.set(chunk(address), byteOf(address) + offset, value);
    }

    /** The chunk that holds a record; its first byte is at {@link #byteOf}. */
    byte[] chunk(final int address) {
        final byte[] chunk = chunks[address >>> CHUNK_WORD_BITS];
        if (chunk == null) {
            throw new InvariantViolation("no record at address " + address);
        }
        return chunk;
    }

    static int byteOf(final int address) {
        return (address & (CHUNK_WORDS - 1)) * WORD;
    }

    private void beginChunk(final long sequence, final long timeMs) {
        final int chunk = chunkOf(tailWord);
        byte[] bytes = chunks[chunk];
        if (bytes == null) {
            bytes = spareCount == 0 ? new byte[CHUNK_WORDS * WORD] : takeSpare();
            chunks[chunk] = bytes;
        }
        LONGS.set(bytes, SEQUENCE, sequence);
        LONGS.set(bytes, TIME, timeMs);
        tailWord += HEADER_WORDS;
    }

    private void skipToRecord() {
        if (isChunkEnd(headWord)) {
            final long last = headWord | (CHUNK_WORDS - 1);
            recycle(last);
            headWord = last + 1;
        }
        if (isChunkStart(headWord)) {
            headWord += HEADER_WORDS;
        }
    }

    private static boolean isFar(final long delta) {
        return delta >>> Integer.SIZE != 0;
    }

    private static boolean isChunkStart(final long word) {
        return (word & (CHUNK_WORDS - 1)) == 0;
    }

    private boolean isChunkEnd(final long word) {
        return !isChunkStart(word) && getByte(addressOf(word), 0) == 0;
    }

    private void recycle(final long word) {
        final int chunk = chunkOf(word);
        if (spareCount < MAX_SPARE_CHUNKS) {
            spares[spareCount] = chunks[chunk];
            spareCount++;
        }
        chunks[chunk] = null;
    }

    private byte[] takeSpare() {
        spareCount--;
        final byte[] spare = spares[spareCount];
        spares[spareCount] = null;
        return Objects.requireNonNull(spare);
    }

    private static int addressOf(final long word) {
        return (int) (word & ((long) CHUNKS * CHUNK_WORDS - 1));
    }

    private static int chunkOf(final long word) {
        return (int) (word >>> CHUNK_WORD_BITS) & (CHUNKS - 1);
    }
}
