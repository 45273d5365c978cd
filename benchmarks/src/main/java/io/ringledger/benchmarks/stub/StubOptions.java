package io.ringledger.benchmarks.stub;

/**
 * What a {@link LogStub} is like.
 *
 * @param stream name of its only stream
 * @param shards which cover the hash keys in equal parts
 * @param delayMs from a whole PutRecord to its answer; 0: at once
 * @param shardBytesPerSecond what a shard takes, and 1,000 records/s beside it; more is throttled; 0:
 *     everything is taken
 */
public record StubOptions(String stream, int shards, int delayMs, int shardBytesPerSecond) {
    /** The delay that the targets are stated with: AWS publishes none. */
    public static final int DEFAULT_DELAY_MS = 15;

    /** What a shard takes on AWS. */
    public static final int AWS_SHARD_BYTES_PER_SECOND = 1_000_000;

    /** Refuses what cannot be. */
    public StubOptions {
        if (shards < 1 || delayMs < 0 || shardBytesPerSecond < 0) {
            throw new IllegalArgumentException("shards=" + shards + ", delayMs=" + delayMs
                    + ", shardBytesPerSecond=" + shardBytesPerSecond);
        }
    }

    /** With the usual delay and without limits. */
    public static StubOptions of(final String stream, final int shards) {
        return new StubOptions(stream, shards, DEFAULT_DELAY_MS, 0);
    }
}
