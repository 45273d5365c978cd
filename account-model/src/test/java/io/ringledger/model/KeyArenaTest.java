package io.ringledger.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;

class KeyArenaTest {
    private static final long SEED = 20_261_121L;
    private static final int HEADER_WORDS = 2;

    /** For records. */
    private static final int CHUNK_WORDS = (1 << 15) - HEADER_WORDS;

    /** A record as the test remembers it. */
    private record Entry(int address, int words, long stamp) {}

    /** Records of every length over many chunks, the oldest removed, beside a queue. */
    @ParameterizedTest
    @ValueSource(ints = {10, 1000, 60_000})
    void shouldHoldWhatAQueueHolds(final int most) {
        final Random random = new Random(SEED + most);
        final KeyArena arena = new KeyArena();
        final Deque<Entry> queue = new ArrayDeque<>();
        for (int i = 0; i < 200_000; i++) {
            final boolean isDraining = i / 50_000 % 2 == 1;
            if (queue.size() < most && (random.nextInt(3) > 0 || !isDraining)) {
                queue.add(append(arena, 1 + random.nextInt(23), random.nextLong()));
            }
            while (queue.size() >= most || (isDraining && random.nextInt(3) == 0)) {
                if (queue.isEmpty()) {
                    break;
                }
                removeHead(arena, queue.remove());
            }
            assertThat(arena.isEmpty()).isEqualTo(queue.isEmpty());
            if (i % 10_000 == 0) {
                assertSameOrder(arena, queue);
            }
        }
        while (!queue.isEmpty()) {
            removeHead(arena, queue.remove());
        }
        assertThat(arena.isEmpty()).isTrue();
    }

    /** Chunks that end exactly at a record, one word early, and empty in the middle of a chunk. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 7})
    void shouldCrossTheBorderOfAChunk(final int wordsLeft) {
        final KeyArena arena = new KeyArena();
        final Deque<Entry> queue = new ArrayDeque<>();
        for (int chunk = 0; chunk < 4; chunk++) {
            int free = CHUNK_WORDS - wordsLeft;
            while (free > 0) {
                final int words = Math.min(free, 16);
                queue.add(append(arena, words, free));
                free -= words;
            }
            queue.add(append(arena, 8, 42));
            assertSameOrder(arena, queue);
            while (!queue.isEmpty()) {
                removeHead(arena, queue.remove());
            }
            // Fill the rest, so that the next chunk starts at a border again.
            free = CHUNK_WORDS - 8;
            while (free > 0) {
                final int words = Math.min(free, 16);
                queue.add(append(arena, words, free));
                free -= words;
            }
            while (!queue.isEmpty()) {
                removeHead(arena, queue.remove());
            }
        }
        assertThat(arena.isEmpty()).isTrue();
    }

    @Test
    void shouldRecycleAChunk() {
        final KeyArena arena = new KeyArena();
        final Entry first = append(arena, 16, 1);
        final byte[] chunk = arena.chunk(first.address);
        for (int words = 32; words < CHUNK_WORDS; words += 16) {
            append(arena, 16, words);
        }
        final Entry second = append(arena, 16, 2);
        assertThat(arena.chunk(second.address)).isNotSameAs(chunk);
        for (int words = 16; words < CHUNK_WORDS; words += 16) {
            arena.removeHead(16);
        }
        assertThat(arena.head()).isEqualTo(second.address);
        assertThatThrownBy(() -> arena.chunk(first.address))
                .isInstanceOf(InvariantViolation.class)
                .hasMessageContaining("address " + HEADER_WORDS);
        for (int words = 32; words < CHUNK_WORDS; words += 16) {
            append(arena, 16, words);
        }
        assertThat(arena.chunk(append(arena, 16, 3).address)).isSameAs(chunk);
    }

    @Test
    void shouldRefuseToRemovePastTheEnd() {
        final KeyArena arena = new KeyArena();
        append(arena, 4, 1);
        assertThatThrownBy(() -> arena.removeHead(5)).isInstanceOf(InvariantViolation.class);
        final KeyArena other = new KeyArena();
        append(other, 4, 1);
        assertThatThrownBy(() -> other.removeHead(0)).isInstanceOf(InvariantViolation.class);
    }

    @Test
    void shouldReadBackWhatWasPut() {
        final KeyArena arena = new KeyArena();
        append(arena, 3, 0);
        final int address = arena.append(4, 1, 2);
        arena.putByte(address, 0, 0xFE);
        arena.putInt(address, 4, Integer.MIN_VALUE);
        arena.putLong(address, 8, Long.MIN_VALUE + 1);
        arena.putLong(address, 24, -1);
        assertThat(arena.getByte(address, 0)).isEqualTo(0xFE);
        assertThat(arena.getInt(address, 4)).isEqualTo(Integer.MIN_VALUE);
        assertThat(arena.getLong(address, 8)).isEqualTo(Long.MIN_VALUE + 1);
        assertThat(arena.getLong(address, 24)).isEqualTo(-1);
        assertThat(KeyArena.byteOf(address)).isEqualTo((HEADER_WORDS + 3) * Long.BYTES);
    }

    /** What does not fit into 32 bits after the first of a chunk begins another chunk. */
    @ParameterizedTest
    @CsvSource({
        "1, 2, false",
        "4294967295, 4294967295, false",
        "4294967296, 0, true",
        "0, 4294967296, true",
        "9223372036854775000, 0, true"
    })
    void shouldBeginAChunkWithWhatIsFarAway(
            final long sequences, final long timeMs, final boolean begins) {
        final KeyArena arena = new KeyArena();
        final Deque<Entry> queue = new ArrayDeque<>();
        queue.add(append(arena, 6, 1));
        final int address = arena.append(6, 1 + sequences, 2 + timeMs);
        for (int word = 0; word < 6; word++) {
            arena.putLong(address, word * Long.BYTES, (7L + word) << 8 | 6);
        }
        queue.add(new Entry(address, 6, 7));
        final int first = queue.element().address;
        assertThat(arena.chunk(address) != arena.chunk(first)).isEqualTo(begins);
        assertThat(arena.sequenceBase(first)).isEqualTo(1);
        assertThat(arena.timeBaseMs(first)).isEqualTo(2);
        assertThat(arena.sequenceBase(address)).isEqualTo(begins ? 1 + sequences : 1);
        assertThat(arena.timeBaseMs(address)).isEqualTo(begins ? 2 + timeMs : 2);
        assertSameOrder(arena, queue);
        while (!queue.isEmpty()) {
            removeHead(arena, queue.remove());
        }
        assertThat(arena.isEmpty()).isTrue();
    }

    /** Its first byte is its number of words, as the records of the keys have it. */
    private static Entry append(final KeyArena arena, final int words, final long stamp) {
        final int address = arena.append(words, 1, 2);
        for (int word = 0; word < words; word++) {
            arena.putLong(address, word * Long.BYTES, (stamp + word) << 8 | words);
        }
        return new Entry(address, words, stamp);
    }

    private static void removeHead(final KeyArena arena, final Entry entry) {
        assertThat(arena.head()).isEqualTo(entry.address);
        assertWhole(arena, entry);
        arena.removeHead(entry.words);
    }

    private static void assertWhole(final KeyArena arena, final Entry entry) {
        for (int word = 0; word < entry.words; word++) {
            if (arena.getLong(entry.address, word * Long.BYTES)
                    != ((entry.stamp + word) << 8 | entry.words)) {
                throw new AssertionError("seed=" + SEED + ", overwritten: " + entry);
            }
        }
    }

    private static void assertSameOrder(final KeyArena arena, final Deque<Entry> queue) {
        if (queue.isEmpty()) {
            return;
        }
        int address = arena.head();
        for (final Entry entry : queue) {
            assertThat(address).isEqualTo(entry.address);
            assertWhole(arena, entry);
            address = arena.following(address, entry.words);
        }
        assertThat(address).isEqualTo(-1);
    }
}
