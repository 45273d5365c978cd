package io.ringledger.ledger.log;

import io.ringledger.model.Partitions;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.ListShardsRequest;
import software.amazon.awssdk.services.kinesis.model.ListShardsResponse;
import software.amazon.awssdk.services.kinesis.model.PutRecordRequest;
import software.amazon.awssdk.services.kinesis.model.PutRecordResponse;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * A partition's records in a Kinesis stream. Every record goes to the middle of the partition's
 * slice of the hash key space, so the shards that ever cover that key hold them all: an open one,
 * and its ancestors where the stream was resharded. Thread-safe.
 *
 * <p>The client that is handed in must have retries off ({@link KinesisClients}): the SDK would
 * resend on its own, out of sight of the one append in flight.
 */
public final class KinesisPartitionLog implements PartitionLog {
    private static final Logger LOG = LoggerFactory.getLogger(KinesisPartitionLog.class);

    /** A shard gives 5 reads a second: the pause after a refused or failed read. */
    private static final long READ_RETRY_MS = 250;

    private static final int MAX_READ_FAILURES = 60;
    private static final int RECORDS_PER_READ = 10_000;

    private final KinesisAsyncClient kinesis;
    private final String stream;
    private final int partition;
    private final String hashKey;

    /** The records of one partition of the ledger that a stream holds. */
    public KinesisPartitionLog(
            final KinesisAsyncClient kinesis,
            final String stream,
            final int partition,
            final int partitions) {
        this.kinesis = kinesis;
        this.stream = stream;
        this.partition = partition;
        this.hashKey = Partitions.explicitHashKey(partition, partitions);
    }

    @Override
    public CompletionStage<String> append(
            final byte[] record, final @Nullable String after, final long timeoutMs) {
        final Duration timeout = Duration.ofMillis(timeoutMs);
        final PutRecordRequest request = PutRecordRequest.builder()
                .streamName(stream)
                .partitionKey(Integer.toString(partition))
                .explicitHashKey(hashKey)
                .sequenceNumberForOrdering(after)
                .data(SdkBytes.fromByteArrayUnsafe(record))
                .overrideConfiguration(
                        call -> call.apiCallTimeout(timeout).apiCallAttemptTimeout(timeout))
                .build();
        return kinesis.putRecord(request).thenApply(PutRecordResponse::sequenceNumber);
    }

    @Override
    public void readAll(final RecordHandler handler) throws InterruptedException {
        final List<Shard> shards = shardsOfPartition();
        for (final Shard shard : shards) {
            readShard(shard.shardId(), handler);
        }
    }

    /** The shards that cover the hash key, oldest first. */
    private List<Shard> shardsOfPartition() throws InterruptedException {
        final BigInteger key = new BigInteger(hashKey);
        final Map<String, Shard> covering = new HashMap<>();
        @Nullable String next = null;
        do {
            final ListShardsRequest request = next == null
                    ? ListShardsRequest.builder().streamName(stream).build()
                    : ListShardsRequest.builder().nextToken(next).build();
            final ListShardsResponse page =
                    retry("list the shards", () -> kinesis.listShards(request).join());
            for (final Shard shard : page.shards()) {
                if (covers(shard, key)) {
                    covering.put(shard.shardId(), shard);
                }
            }
            next = page.nextToken();
        } while (next != null);
        final List<Shard> ordered = new ArrayList<>();
        @Nullable Shard shard = covering.values().stream()
                .filter(candidate -> !hasParentIn(candidate, covering))
                .findFirst()
                .orElse(null);
        while (shard != null) {
            ordered.add(shard);
            shard = childOf(shard, covering);
        }
        if (ordered.size() != covering.size() || ordered.isEmpty()) {
            throw new LogException(
                    "shards of partition " + partition + " do not form one line: stream=" + stream
                            + ", covering=" + covering.keySet());
        }
        return ordered;
    }

    private static boolean covers(final Shard shard, final BigInteger key) {
        final BigInteger start = new BigInteger(shard.hashKeyRange().startingHashKey());
        final BigInteger end = new BigInteger(shard.hashKeyRange().endingHashKey());
        return start.compareTo(key) <= 0 && key.compareTo(end) <= 0;
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

    private void readShard(final String shardId, final RecordHandler handler)
            throws InterruptedException {
        @Nullable String iterator = retry(
                "get an iterator",
                () -> kinesis.getShardIterator(request -> request.streamName(stream)
                                .shardId(shardId)
                                .shardIteratorType(ShardIteratorType.TRIM_HORIZON))
                        .join()
                        .shardIterator());
        boolean isAtEnd = false;
        while (iterator != null && !isAtEnd) {
            final String from = iterator;
            final GetRecordsResponse read = retry(
                    "read records",
                    () -> kinesis.getRecords(
                                    request -> request.shardIterator(from).limit(RECORDS_PER_READ))
                            .join());
            for (final Record record : read.records()) {
                handler.onRecord(record.data().asByteArrayUnsafe(), record.sequenceNumber());
            }
            // An empty answer alone proves nothing: a shard may answer empty before its end.
            final Long behindMs = read.millisBehindLatest();
            isAtEnd = read.records().isEmpty() && behindMs != null && behindMs == 0;
            iterator = read.nextShardIterator();
        }
    }

    private <T> T retry(final String what, final Call<T> call) throws InterruptedException {
        for (int failures = 1; ; failures++) {
            try {
                return call.run();
            } catch (final CompletionException e) {
                final Throwable cause = e.getCause() == null ? e : e.getCause();
                if (cause instanceof ResourceNotFoundException) {
                    throw new LogException(
                            "there is no stream '" + stream
                                    + "': create it, or set RINGLEDGER_STREAM to the right name",
                            cause);
                }
                if (failures == MAX_READ_FAILURES) {
                    throw new LogException(
                            "cannot " + what + " of stream '" + stream + "' after " + failures
                                    + " tries: is Kinesis reachable, and is the role allowed to read?",
                            cause);
                }
                LOG.warn(
                        "cannot {} of stream {} yet, try {}: {}",
                        what,
                        stream,
                        failures,
                        cause.toString());
                TimeUnit.MILLISECONDS.sleep(READ_RETRY_MS);
            }
        }
    }

    /** One call to Kinesis. */
    @FunctionalInterface
    private interface Call<T> {
        T run();
    }
}
