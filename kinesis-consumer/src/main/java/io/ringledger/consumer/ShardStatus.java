package io.ringledger.consumer;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * What this worker's shards are up to, for health and metrics: which are worked on, which wait for
 * something outside, which have halted and why. Thread-safe.
 */
public final class ShardStatus {
    private static final Logger LOG = LoggerFactory.getLogger(ShardStatus.class);
    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);

    /**
     * The last records of a shard that were read.
     *
     * @param behindMs how far they were from the end of the shard when they were read
     * @param atNs since when they are worked on
     * @param isUnderWay false: that is done
     */
    private record Reading(long behindMs, long atNs, boolean isUnderWay) {}

    private final String what;
    private final String awaited;
    private final Map<String, String> haltedShards = new ConcurrentHashMap<>();
    private final Map<String, String> waitingShards = new ConcurrentHashMap<>();
    private final Map<String, Boolean> shards = new ConcurrentHashMap<>();
    private final Map<String, Reading> readings = new ConcurrentHashMap<>();
    private final LongSupplier nanoTime;
    private volatile double retentionSeconds = Double.NaN;

    /**
     * @param what is worked on, for the log
     * @param awaited what shards may wait for
     */
    public ShardStatus(final String what, final String awaited) {
        this(what, awaited, System::nanoTime);
    }

    /** The same by another monotonic clock. */
    ShardStatus(final String what, final String awaited, final LongSupplier nanoTime) {
        this.what = what;
        this.awaited = awaited;
        this.nanoTime = nanoTime;
    }

    /** The stream keeps a record for so long. */
    void kept(final Duration retention) {
        retentionSeconds = retention.toSeconds();
    }

    /** This worker got the shard. */
    void started(final String shardId) {
        shards.put(shardId, true);
    }

    /** This worker has the shard no longer; how it ended is the next owner's matter. */
    void ended(final String shardId) {
        shards.remove(shardId);
        waitingShards.remove(shardId);
        haltedShards.remove(shardId);
        readings.remove(shardId);
    }

    /** What the shard needs cannot be reached; it is tried again. */
    void waiting(final String shardId, final String why) {
        waitingShards.put(shardId, why);
    }

    /** The shard is worked on. */
    void moving(final String shardId) {
        if (!waitingShards.isEmpty()) {
            waitingShards.remove(shardId);
        }
    }

    /**
     * Records of the shard are worked on from now on.
     *
     * @param behindMs how far from the end of the shard they are; null: not known
     */
    void reading(final String shardId, final @Nullable Long behindMs) {
        readings.put(
                shardId, new Reading(behindMs == null ? 0 : behindMs, nanoTime.getAsLong(), true));
    }

    /** That is done. Never said of records that are left alone: what is behind them waits too. */
    void read(final String shardId) {
        readings.computeIfPresent(
                shardId, (shard, last) -> new Reading(last.behindMs, last.atNs, false));
    }

    /** The shard has stopped for good. */
    void halted(final String shardId, final HaltReason reason, final String why) {
        haltedShards.put(shardId, reason + ": " + why);
        LOG.error("{} HALTED: shard={}, reason={}, {}", what, shardId, reason, why);
    }

    /** How many shards this worker has. */
    int shardCount() {
        return shards.size();
    }

    /** How many of them have halted. */
    public int haltedCount() {
        return haltedShards.size();
    }

    /** How many of them wait for what they need. */
    int waitingCount() {
        return waitingShards.size();
    }

    /**
     * How far the reader is from the end of its shards, the furthest of them, in seconds; what it works
     * on grows older meanwhile. NaN without a shard that was read.
     */
    double behindSeconds() {
        final long nowNs = nanoTime.getAsLong();
        double most = Double.NaN;
        for (final Reading last : readings.values()) {
            final long workNs = last.isUnderWay ? nowNs - last.atNs : 0;
            final double behind = last.behindMs / 1e3 + workNs / (double) SECOND_NS;
            most = Double.isNaN(most) ? behind : Math.max(most, behind);
        }
        return most;
    }

    /** How long the stream kept a record when this worker started, in seconds; NaN before. */
    double retentionSeconds() {
        return retentionSeconds;
    }

    /** Null if every shard moves, else which do not and why. */
    public @Nullable String trouble() {
        if (!haltedShards.isEmpty()) {
            return "halted " + new TreeMap<>(haltedShards);
        }
        if (!waitingShards.isEmpty()) {
            return "waiting for " + awaited + " " + new TreeMap<>(waitingShards);
        }
        return null;
    }
}
