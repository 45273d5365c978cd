package io.ringledger.consumer;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What this worker's shards are up to, for health and metrics: which are worked on, which wait for
 * something outside, which have halted and why. Thread-safe.
 */
public final class ShardStatus {
    private static final Logger LOG = LoggerFactory.getLogger(ShardStatus.class);

    private final String what;
    private final String awaited;
    private final Map<String, String> haltedShards = new ConcurrentHashMap<>();
    private final Map<String, String> waitingShards = new ConcurrentHashMap<>();
    private final Map<String, Boolean> shards = new ConcurrentHashMap<>();

    /**
     * @param what is worked on, for the log
     * @param awaited what shards may wait for
     */
    public ShardStatus(final String what, final String awaited) {
        this.what = what;
        this.awaited = awaited;
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
