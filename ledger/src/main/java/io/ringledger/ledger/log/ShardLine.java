package io.ringledger.ledger.log;

import org.jspecify.annotations.Nullable;

import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.ListShardsRequest;
import software.amazon.awssdk.services.kinesis.model.Shard;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * The shards of a stream that ever covered one hash key: through splits and merges they form a line,
 * parents before children, and hold the records of that key in order. Thread-safe.
 */
final class ShardLine {
    private final KinesisAsyncClient kinesis;
    private final String stream;
    private final int partition;
    private final BigInteger hashKey;

    ShardLine(
            final KinesisAsyncClient kinesis,
            final String stream,
            final int partition,
            final String hashKey) {
        this.kinesis = kinesis;
        this.stream = stream;
        this.partition = partition;
        this.hashKey = new BigInteger(hashKey);
    }

    /** The ids of the shards, oldest first; fails with {@link LogException} if they form no line. */
    CompletableFuture<List<String>> list() {
        return list(ListShardsRequest.builder().streamName(stream).build(), new HashMap<>());
    }

    private CompletableFuture<List<String>> list(
            final ListShardsRequest request, final Map<String, Shard> covering) {
        return kinesis.listShards(request).thenCompose(page -> {
            for (final Shard shard : page.shards()) {
                if (covers(shard)) {
                    covering.put(shard.shardId(), shard);
                }
            }
            final String next = page.nextToken();
            return next == null
                    ? CompletableFuture.completedFuture(inOrder(covering))
                    : list(ListShardsRequest.builder().nextToken(next).build(), covering);
        });
    }

    private List<String> inOrder(final Map<String, Shard> covering) {
        final List<String> ordered = new ArrayList<>();
        @Nullable Shard shard = covering.values().stream()
                .filter(candidate -> !hasParentIn(candidate, covering))
                .findFirst()
                .orElse(null);
        while (shard != null) {
            ordered.add(shard.shardId());
            shard = childOf(shard, covering);
        }
        if (ordered.size() != covering.size() || ordered.isEmpty()) {
            throw new LogException(
                    "shards of partition " + partition + " do not form one line: stream=" + stream
                            + ", covering=" + covering.keySet());
        }
        return List.copyOf(ordered);
    }

    private boolean covers(final Shard shard) {
        final BigInteger start = new BigInteger(shard.hashKeyRange().startingHashKey());
        final BigInteger end = new BigInteger(shard.hashKeyRange().endingHashKey());
        return start.compareTo(hashKey) <= 0 && hashKey.compareTo(end) <= 0;
    }

    private static boolean hasParentIn(final Shard shard, final Map<String, Shard> shards) {
        return isIn(shard.parentShardId(), shards) || isIn(shard.adjacentParentShardId(), shards);
    }

    private static boolean isIn(final @Nullable String shardId, final Map<String, Shard> shards) {
        return shardId != null && shards.containsKey(shardId);
    }

    private static @Nullable Shard childOf(final Shard parent, final Map<String, Shard> shards) {
        return shards.values().stream()
                .filter(shard -> parent.shardId().equals(shard.parentShardId())
                        || parent.shardId().equals(shard.adjacentParentShardId()))
                .findFirst()
                .orElse(null);
    }
}
