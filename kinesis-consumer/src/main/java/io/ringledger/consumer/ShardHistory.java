package io.ringledger.consumer;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * What lies before the place where KCL goes on: the way of one partition through the shards, parents
 * first. For a follower whose snapshot lies behind its checkpoint. Calls may block and throw {@link
 * LogUnavailableException} where the log does not answer.
 */
public interface ShardHistory {
    /** The partitions whose records go into this shard. */
    List<Integer> partitionsOf(String shardId);

    /**
     * Hands over the records of all partitions in the shards of one, from after a place up to the
     * checkpoint of the last shard.
     *
     * @param fromShard shard of the place; one that is not on the way of the partition means from
     *     the oldest record that the log still has
     * @param fromRecord sequence number of the place
     * @param toShard the shard that KCL reads
     * @param toRecord its checkpoint, or null: nothing of that shard
     * @param goOn asked before each read
     */
    void read(
            int partition,
            String fromShard,
            String fromRecord,
            String toShard,
            @Nullable String toRecord,
            BooleanSupplier goOn,
            Consumer<byte[]> records);
}
