package io.ringledger.consumer;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What this worker's shards are up to, for health and metrics: which are projected, which wait for
 * Postgres, which have halted and why. Thread-safe.
 */
public final class ProjectorStatus {
    private static final Logger LOG = LoggerFactory.getLogger(ProjectorStatus.class);

    private final Map<String, String> haltedShards = new ConcurrentHashMap<>();
    private final Map<String, String> waitingShards = new ConcurrentHashMap<>();
    private final Map<String, Boolean> shards = new ConcurrentHashMap<>();

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

    /** The views of the shard cannot be reached; they are tried again. */
    void waiting(final String shardId, final String why) {
        waitingShards.put(shardId, why);
    }

    /** The views of the shard move. */
    void moving(final String shardId) {
        if (!waitingShards.isEmpty()) {
            waitingShards.remove(shardId);
        }
    }

    /** The views of the shard have stopped for good. */
    void halted(final String shardId, final HaltReason reason, final String why) {
        haltedShards.put(shardId, reason + ": " + why);
        LOG.error("VIEW HALTED: shard={}, reason={}, {}", shardId, reason, why);
    }

    /** How many shards this worker has. */
    int shardCount() {
        return shards.size();
    }

    /** How many of them have halted. */
    public int haltedCount() {
        return haltedShards.size();
    }

    /** How many of them wait for Postgres. */
    int waitingCount() {
        return waitingShards.size();
    }

    /** Null if every shard moves, else which do not and why. */
    public @Nullable String trouble() {
        if (!haltedShards.isEmpty()) {
            return "halted " + new TreeMap<>(haltedShards);
        }
        if (!waitingShards.isEmpty()) {
            return "waiting for the views " + new TreeMap<>(waitingShards);
        }
        return null;
    }
}
