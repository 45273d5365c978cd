package io.ringledger.consumer;

import io.ringledger.model.Partitions;

import org.jspecify.annotations.Nullable;

import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.GetShardIteratorRequest;
import software.amazon.awssdk.services.kinesis.model.HashKeyRange;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** {@link ShardHistory} by the API of Kinesis. Stateless; calls block. */
final class KinesisShardHistory implements ShardHistory {
    /** AWS allows five reads a second and shard, which KCL takes its part of. */
    private static final long PAUSE_MS = 250;

    private final KinesisAsyncClient kinesis;
    private final LogStream stream;
    private final String streamName;
    private final int partitions;
    private final StopSignal stop;

    KinesisShardHistory(
            final KinesisAsyncClient kinesis,
            final String streamName,
            final int partitions,
            final StopSignal stop) {
        this.kinesis = kinesis;
        this.stream = new LogStream(kinesis, streamName);
        this.streamName = streamName;
        this.partitions = partitions;
        this.stop = stop;
    }

    @Override
    public List<Integer> partitionsOf(final String shardId) {
        final Shard shard = shards().get(shardId);
        if (shard == null) {
            throw new LogUnavailableException("shard is not listed: shardId=" + shardId, null);
        }
        final List<Integer> held = new ArrayList<>();
        for (int partition = 0; partition < partitions; partition++) {
            if (holds(shard, partition)) {
                held.add(partition);
            }
        }
        return held;
    }

    @Override
    public void read(
            final int partition,
            final String fromShard,
            final String fromRecord,
            final String toShard,
            final @Nullable String toRecord,
            final BooleanSupplier goOn,
            final Consumer<byte[]> records) {
        final List<Shard> way = way(partition, toShard);
        final int first = (int) way.stream()
                .takeWhile(shard -> !shard.shardId().equals(fromShard))
                .count();
        final boolean isKnown = first < way.size();
        for (int i = isKnown ? first : 0; i < way.size(); i++) {
            final boolean isLast = i == way.size() - 1;
            if (isLast && toRecord == null) {
                return;
            }
            final String after = isKnown && i == first ? fromRecord : null;
            readShard(way.get(i).shardId(), after, isLast ? toRecord : null, goOn, records);
        }
    }

    private void readShard(
            final String shardId,
            final @Nullable String after,
            final @Nullable String last,
            final BooleanSupplier goOn,
            final Consumer<byte[]> records) {
        final BigInteger end = last == null ? null : new BigInteger(last);
        String iterator = await(kinesis.getShardIterator(GetShardIteratorRequest.builder()
                        .streamName(streamName)
                        .shardId(shardId)
                        .shardIteratorType(
                                after == null
                                        ? ShardIteratorType.TRIM_HORIZON
                                        : ShardIteratorType.AFTER_SEQUENCE_NUMBER)
                        .startingSequenceNumber(after)
                        .build()))
                .shardIterator();
        while (iterator != null) {
            if (!goOn.getAsBoolean()) {
                throw new LogUnavailableException("no longer asked for: " + shardId, null);
            }
            final String from = iterator;
            final GetRecordsResponse page =
                    await(kinesis.getRecords(get -> get.shardIterator(from)));
            for (final Record record : page.records()) {
                if (end != null && new BigInteger(record.sequenceNumber()).compareTo(end) > 0) {
                    return;
                }
                records.accept(record.data().asByteArray());
            }
            final boolean isAtEnd = page.records().isEmpty()
                    && page.millisBehindLatest() != null
                    && page.millisBehindLatest() == 0;
            if (end != null && isAtEnd) {
                return;
            }
            iterator = page.nextShardIterator();
            if (iterator != null && !stop.pauseMs(PAUSE_MS)) {
                throw new LogUnavailableException("stopping", null);
            }
        }
    }

    /** The shards that hold the partition's records, from the oldest that is left to this one. */
    private List<Shard> way(final int partition, final String toShard) {
        final Map<String, Shard> shards = shards();
        final List<Shard> way = new ArrayList<>();
        Shard shard = shards.get(toShard);
        while (shard != null) {
            way.addFirst(shard);
            final Shard parent = parent(shards, shard.parentShardId(), partition);
            shard = parent != null
                    ? parent
                    : parent(shards, shard.adjacentParentShardId(), partition);
        }
        return way;
    }

    private @Nullable Shard parent(
            final Map<String, Shard> shards, final @Nullable String id, final int partition) {
        final Shard parent = id == null ? null : shards.get(id);
        return parent != null && holds(parent, partition) ? parent : null;
    }

    private boolean holds(final Shard shard, final int partition) {
        final BigInteger key = new BigInteger(Partitions.explicitHashKey(partition, partitions));
        final HashKeyRange range = shard.hashKeyRange();
        return key.compareTo(new BigInteger(range.startingHashKey())) >= 0
                && key.compareTo(new BigInteger(range.endingHashKey())) <= 0;
    }

    private Map<String, Shard> shards() {
        final Map<String, Shard> shards = new HashMap<>();
        try {
            stream.shards().forEach(shard -> shards.put(shard.shardId(), shard));
        } catch (final CompletionException e) {
            throw unavailable(e);
        }
        return shards;
    }

    private static <T> T await(final CompletableFuture<T> call) {
        try {
            return call.join();
        } catch (final CompletionException e) {
            throw unavailable(e);
        }
    }

    private static LogUnavailableException unavailable(final CompletionException e) {
        return new LogUnavailableException("Kinesis cannot be read: " + e.getCause(), e.getCause());
    }
}
