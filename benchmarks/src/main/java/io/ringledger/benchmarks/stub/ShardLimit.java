package io.ringledger.benchmarks.stub;

import java.util.concurrent.TimeUnit;

/**
 * What one shard takes: so much a second of bytes and of records, each by a bucket that holds one
 * second's worth. Not thread-safe.
 */
final class ShardLimit {
    static final int RECORDS_PER_SECOND = 1_000;

    private static final double SECOND_NS = TimeUnit.SECONDS.toNanos(1);

    private final double bytesPerSecond;
    private double bytesLeft;
    private double recordsLeft = RECORDS_PER_SECOND;
    private long filledNs;

    /** With full buckets. */
    ShardLimit(final int bytesPerSecond, final long nowNs) {
        this.bytesPerSecond = bytesPerSecond;
        bytesLeft = bytesPerSecond;
        filledNs = nowNs;
    }

    /** Takes a record in, or nothing of it. */
    boolean tryTake(final int bytes, final long nowNs) {
        final double seconds = (nowNs - filledNs) / SECOND_NS;
        filledNs = nowNs;
        bytesLeft = Math.min(bytesPerSecond, bytesLeft + seconds * bytesPerSecond);
        recordsLeft = Math.min(RECORDS_PER_SECOND, recordsLeft + seconds * RECORDS_PER_SECOND);
        if (bytesLeft < bytes || recordsLeft < 1) {
            return false;
        }
        bytesLeft -= bytes;
        recordsLeft--;
        return true;
    }
}
