package io.ringledger.benchmarks.stub;

/**
 * What a {@link LogStub} is like.
 *
 * @param stream name of its only stream
 * @param shards which cover the hash keys in equal parts
 * @param delayMs from a whole PutRecord to its answer; 0: at once
 * @param hasShardLimits true: a shard takes 1 MB/s and 1,000 records/s, as on AWS; more is throttled
 */
public record StubOptions(String stream, int shards, int delayMs, boolean hasShardLimits) {
    /** The delay that the targets are stated with: AWS publishes none. */
    public static final int DEFAULT_DELAY_MS = 15;

    /** Refuses what cannot be. */
    public StubOptions {
        if (shards < 1 || delayMs < 0) {
            throw new IllegalArgumentException("shards=" + shards + ", delayMs=" + delayMs);
        }
    }

    /** With the usual delay and without limits. */
    public static StubOptions of(final String stream, final int shards) {
        return new StubOptions(stream, shards, DEFAULT_DELAY_MS, false);
    }
}
