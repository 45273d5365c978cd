package io.ringledger.model;

import java.math.BigInteger;

/**
 * Which partition an account belongs to, and where a partition lies in the key space of the stream.
 * Both are part of the ledger's format: they never change. Stateless and thread-safe.
 */
public final class Partitions {
    /** Keys of the partitioning hash; fixed for ever, not a secret. */
    private static final long K0 = 0x52696e676c656467L;

    private static final long K1 = 0x6572203230323621L;

    private static final BigInteger HASH_KEYS = BigInteger.ONE.shiftLeft(128);

    private Partitions() {}

    /** The partition of an account id of {@code length} ASCII bytes. */
    public static int partitionOf(final byte[] accountId, final int length, final int partitions) {
        requirePartitions(partitions);
        final long hash = SipHash.hash(K0, K1, accountId, 0, length);
        return (int) Long.remainderUnsigned(hash, partitions);
    }

    /**
     * The explicit hash key of a partition: the middle of its slice of the 128-bit key space, so
     * that its records stay in one shard at a time however the shards are split and merged.
     */
    public static String explicitHashKey(final int partition, final int partitions) {
        requirePartition(partition, partitions);
        return HASH_KEYS
                .multiply(BigInteger.valueOf(2L * partition + 1))
                .divide(BigInteger.valueOf(2L * partitions))
                .toString();
    }

    private static void requirePartitions(final int partitions) {
        if (partitions < 1 || partitions > LedgerLimits.MAX_PARTITIONS) {
            throw new IllegalArgumentException("partitions out of range: partitions=" + partitions
                    + ", max=" + LedgerLimits.MAX_PARTITIONS);
        }
    }

    private static void requirePartition(final int partition, final int partitions) {
        requirePartitions(partitions);
        if (partition < 0 || partition >= partitions) {
            throw new IllegalArgumentException("partition out of range: partition=" + partition
                    + ", partitions=" + partitions);
        }
    }
}
