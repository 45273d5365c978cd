package io.ringledger.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;

class HashIndexTest {
    private static final int MISSING = -1;
    private static final long SEED = 20_261_121L;

    /**
     * Random adds, replacements and removals beside a HashMap. The masks leave few hashes, so
     * that probes are long, collide, and, from the highest ones, wrap around the end of the table.
     */
    @ParameterizedTest
    @ValueSource(ints = {0xFFFFFFFF, 0x0000000F, 0x8000000F, 0xFFFF0003, 0xF0000000, 0xE0000001})
    void shouldHoldWhatAHashMapHolds(final int mask) {
        final Random random = new Random(SEED + mask);
        final HashIndex index = new HashIndex(0);
        final Map<Integer, Integer> hashOfValue = new HashMap<>();
        final List<Integer> values = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            final int most = i / 4000 % 2 == 0 ? 60 : 10;
            if (values.size() < most && random.nextInt(3) > 0) {
                final int hash = ~random.nextInt() & mask;
                index.add(hash, i);
                hashOfValue.put(i, hash);
                values.add(i);
            } else if (!values.isEmpty()) {
                final int at = random.nextInt(values.size());
                final int value = values.get(at);
                final int hash = Objects.requireNonNull(hashOfValue.get(value));
                assertThat(index.remove(hash + 1, value)).isFalse();
                if (random.nextInt(3) == 0) {
                    index.replace(slotOf(index, hash, value), i);
                    hashOfValue.remove(value);
                    hashOfValue.put(i, hash);
                    values.set(at, i);
                } else {
                    assertThat(index.remove(hash, value)).isTrue();
                    assertThat(index.remove(hash, value)).isFalse();
                    hashOfValue.remove(value);
                    values.remove(at);
                }
            }
            assertThat(index.size()).isEqualTo(values.size());
            if (i % 7 == 0) {
                for (final Map.Entry<Integer, Integer> entry : hashOfValue.entrySet()) {
                    if (slotOf(index, entry.getValue(), entry.getKey()) == MISSING) {
                        throw new AssertionError("seed=" + SEED + ", step " + i + ", " + entry);
                    }
                }
            }
        }
    }

    @Test
    void shouldGrowAndKeepEverything() {
        final HashIndex index = new HashIndex(0);
        final Random random = new Random(SEED);
        final int[] hashes = random.ints(100_000).toArray();
        for (int i = 0; i < hashes.length; i++) {
            index.add(hashes[i], i);
        }
        for (int i = 0; i < hashes.length; i++) {
            if (slotOf(index, hashes[i], i) == MISSING
                    || slotOf(index, hashes[i], hashes.length + i) != MISSING) {
                throw new AssertionError("seed=" + SEED + ", value " + i);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 11, 12, 13, 1024, 3_000_000})
    void shouldTakeTheExpectedSize(final int expected) {
        final HashIndex index = new HashIndex(expected);
        for (int i = 0; i < expected; i++) {
            index.add(i * 0x9E3779B9, i);
        }
        assertThat(index.size()).isEqualTo(expected);
    }

    /** A free slot has all bits set: so has the hash of all bits, but no value is negative. */
    @Test
    void shouldTellTheHashOfAllBitsFromAFreeSlot() {
        final HashIndex index = new HashIndex(0);
        assertThat(slotOf(index, -1, 0)).isEqualTo(MISSING);
        index.add(-1, Integer.MAX_VALUE);
        assertThat(slotOf(index, -1, Integer.MAX_VALUE)).isNotNegative();
        assertThat(index.remove(-1, Integer.MAX_VALUE)).isTrue();
        assertThat(index.size()).isZero();
    }

    @Test
    void shouldRefuseWhatItCannotHold() {
        final HashIndex index = new HashIndex(0);
        assertThatThrownBy(() -> index.add(1, -1)).isInstanceOf(InvariantViolation.class);
        assertThatThrownBy(() -> index.replace(1, 1)).isInstanceOf(InvariantViolation.class);
        assertThatThrownBy(() -> new HashIndex(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("-1");
        assertThatThrownBy(() -> new HashIndex((1 << 28) + 1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static int slotOf(final HashIndex index, final int hash, final int value) {
        for (int slot = index.start(hash); !index.isFree(slot); slot = index.next(slot)) {
            if (index.hasHash(slot, hash) && index.value(slot) == value) {
                return slot;
            }
        }
        return MISSING;
    }
}
