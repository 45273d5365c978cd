package io.ringledger.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;

class PartitionsTest {
    private static final BigInteger HASH_KEYS = BigInteger.TWO.pow(128);

    /**
     * Never to be changed: with another partition for an account, ledgers that exist are lost.
     * Computed apart from this code, by a SipHash-1-3 written in Python.
     */
    @ParameterizedTest
    @CsvSource({
        "A, 0, 1, 1, 1, 5, 21, 101, 149",
        "acc-1, 0, 1, 1, 3, 3, 19, 771, 339",
        "customer:42.main, 0, 0, 2, 2, 2, 50, 202, 818",
        "0f8fad5b-d9cb-469f-a165-70867728950e, 0, 0, 2, 0, 0, 48, 384, 176",
        "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz, 0, 1, 1, 1, 9, 41, 401, 361",
        "@, 0, 0, 0, 0, 4, 20, 28, 468"
    })
    void shouldNeverMoveAnAccount(
            final String id,
            final int of1,
            final int of2,
            final int of3,
            final int of4,
            final int of16,
            final int of64,
            final int of1000,
            final int of1024) {
        assertThat(new int[] {
                    partitionOf(id, 1),
                    partitionOf(id, 2),
                    partitionOf(id, 3),
                    partitionOf(id, 4),
                    partitionOf(id, 16),
                    partitionOf(id, 64),
                    partitionOf(id, 1000),
                    partitionOf(id, 1024)
                })
                .containsExactly(of1, of2, of3, of4, of16, of64, of1000, of1024);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 1, 170141183460469231731687303715884105728",
        "0, 2, 85070591730234615865843651857942052864",
        "1, 2, 255211775190703847597530955573826158592",
        "2, 3, 283568639100782052886145506193140176213",
        "1023, 1024, 340116213421465348979261631549233168384"
    })
    void shouldNeverMoveAPartition(final int partition, final int partitions, final String key) {
        assertThat(Partitions.explicitHashKey(partition, partitions)).isEqualTo(key);
    }

    @Test
    void shouldPutTheKeyInTheMiddleOfItsSlice() {
        for (int partitions = 1; partitions <= 64; partitions++) {
            for (int partition = 0; partition < partitions; partition++) {
                final BigInteger key =
                        new BigInteger(Partitions.explicitHashKey(partition, partitions));
                final BigInteger from = border(partition, partitions);
                final BigInteger to = border(partition + 1, partitions);
                assertThat(key).isBetween(from, to.subtract(BigInteger.ONE));
                assertThat(from.add(to).divide(BigInteger.TWO).subtract(key).abs())
                        .isLessThanOrEqualTo(BigInteger.ONE);
            }
        }
    }

    /** Kinesis splits the key space evenly: as many shards as partitions take one each. */
    @Test
    void shouldGiveEveryShardAsManyPartitions() {
        for (int partitions = 1; partitions <= 64; partitions++) {
            for (int shards = 1; shards <= partitions; shards++) {
                final int[] count = new int[shards];
                for (int partition = 0; partition < partitions; partition++) {
                    final BigInteger key =
                            new BigInteger(Partitions.explicitHashKey(partition, partitions));
                    count[
                            key.multiply(BigInteger.valueOf(shards))
                                    .divide(HASH_KEYS)
                                    .intValueExact()]++;
                }
                for (final int each : count) {
                    assertThat(each)
                            .as("%d partitions on %d shards", partitions, shards)
                            .isBetween(partitions / shards, (partitions + shards - 1) / shards);
                }
            }
        }
    }

    @Test
    void shouldSpreadAccountsEvenly() {
        final int partitions = 16;
        final int accounts = 160_000;
        final int[] count = new int[partitions];
        for (int i = 0; i < accounts; i++) {
            count[partitionOf("acc-" + i, partitions)]++;
        }
        // Five standard deviations of a binomial distribution are 484.
        for (final int each : count) {
            assertThat(each).isBetween(accounts / partitions - 500, accounts / partitions + 500);
        }
    }

    @Test
    void shouldRefuseWhatIsOutOfRange() {
        for (final int partitions : new int[] {-1, 0, 1025, Integer.MIN_VALUE}) {
            assertThatThrownBy(() -> partitionOf("A", partitions))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(Integer.toString(partitions));
        }
        for (final int partition : new int[] {-1, 4, 5}) {
            assertThatThrownBy(() -> Partitions.explicitHashKey(partition, 4))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("partition=" + partition);
        }
    }

    private static BigInteger border(final int slice, final int slices) {
        return HASH_KEYS.multiply(BigInteger.valueOf(slice)).divide(BigInteger.valueOf(slices));
    }

    private static int partitionOf(final String id, final int partitions) {
        final byte[] bytes = id.getBytes(StandardCharsets.US_ASCII);
        return Partitions.partitionOf(bytes, bytes.length, partitions);
    }
}
