package io.ringledger.ledger.log;

import io.ringledger.model.Partitions;

import org.jspecify.annotations.Nullable;

import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.PutRecordRequest;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A partition's records in a Kinesis stream. Every record goes to the middle of the partition's
 * slice of the hash key space, so the shards that ever cover that key hold them all: an open one,
 * and its ancestors where the stream was resharded. Thread-safe.
 *
 * <p>The client that is handed in must have retries off ({@link KinesisClients}): the SDK would
 * resend on its own, out of sight of the one append in flight.
 */
public final class KinesisPartitionLog implements PartitionLog {
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
    public CompletionStage<LogPosition> append(
            final byte[] record, final @Nullable LogPosition after, final long timeoutMs) {
        final Duration timeout = Duration.ofMillis(timeoutMs);
        final PutRecordRequest request = PutRecordRequest.builder()
                .streamName(stream)
                .partitionKey(Integer.toString(partition))
                .explicitHashKey(hashKey)
                .sequenceNumberForOrdering(after == null ? null : after.sequenceNumber())
                .data(SdkBytes.fromByteArrayUnsafe(record))
                .overrideConfiguration(
                        call -> call.apiCallTimeout(timeout).apiCallAttemptTimeout(timeout))
                .build();
        return kinesis.putRecord(request)
                .thenApply(put -> new LogPosition(put.shardId(), put.sequenceNumber()))
                .exceptionallyCompose(
                        failure -> CompletableFuture.failedFuture(LogErrors.of(stream, failure)));
    }

    @Override
    public LogReader reader(final @Nullable LogPosition from) {
        return new KinesisLogReader(
                kinesis, stream, new ShardLine(kinesis, stream, partition, hashKey), from);
    }
}
