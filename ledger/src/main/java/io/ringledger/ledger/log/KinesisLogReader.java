package io.ringledger.ledger.log;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.ExpiredIteratorException;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.GetShardIteratorRequest;
import software.amazon.awssdk.services.kinesis.model.InvalidArgumentException;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Reads the shards of one hash key, one after another. A shard that has been closed ends; what
 * follows it is looked up then, so a reshard during the reading is followed too. One call at a time;
 * the stages end on threads of the SDK.
 */
final class KinesisLogReader implements LogReader {
    private static final int RECORDS_PER_READ = 10_000;
    private static final Logger LOG = LoggerFactory.getLogger(KinesisLogReader.class);

    private final KinesisAsyncClient kinesis;
    private final String stream;
    private final ShardLine line;
    private @Nullable LogPosition from;
    private @Nullable String shardId;
    private @Nullable String lastRead;
    private @Nullable String iterator;
    private boolean isShardEnded;

    KinesisLogReader(
            final KinesisAsyncClient kinesis,
            final String stream,
            final ShardLine line,
            final @Nullable LogPosition from) {
        this.kinesis = kinesis;
        this.stream = stream;
        this.line = line;
        this.from = from;
    }

    @Override
    public CompletionStage<LogPage> next() {
        final CompletableFuture<LogPage> page;
        if (shardId == null || isShardEnded) {
            page = line.list().thenCompose(this::enterShard);
        } else if (iterator == null) {
            page = openIterator(shardId).thenCompose(this::read);
        } else {
            page = read(iterator);
        }
        return page.exceptionallyCompose(this::failed);
    }

    private CompletableFuture<LogPage> enterShard(final List<String> shards) {
        final LogPosition start = from;
        final int at;
        if (shardId != null) {
            at = shards.indexOf(shardId) + 1;
        } else {
            // Not there any more: its records are beyond the retention, and the oldest shard is
            // next.
            at = start == null ? 0 : Math.max(0, shards.indexOf(start.shardId()));
        }
        if (at == shards.size()) {
            // The child of a shard that has just been closed does not show yet.
            return CompletableFuture.completedFuture(new LogPage(List.of(), false));
        }
        final String entered = shards.get(at);
        if (start != null && !start.shardId().equals(entered)) {
            from = null;
        }
        shardId = entered;
        isShardEnded = false;
        iterator = null;
        lastRead = null;
        return openIterator(entered).thenCompose(this::read);
    }

    private CompletableFuture<String> openIterator(final String shard) {
        final GetShardIteratorRequest.Builder request =
                GetShardIteratorRequest.builder().streamName(stream).shardId(shard);
        if (lastRead != null) {
            request.shardIteratorType(ShardIteratorType.AFTER_SEQUENCE_NUMBER)
                    .startingSequenceNumber(lastRead);
        } else if (from != null) {
            request.shardIteratorType(ShardIteratorType.AT_SEQUENCE_NUMBER)
                    .startingSequenceNumber(from.sequenceNumber());
        } else {
            request.shardIteratorType(ShardIteratorType.TRIM_HORIZON);
        }
        return kinesis.getShardIterator(request.build())
                .thenApply(response -> response.shardIterator());
    }

    private CompletableFuture<LogPage> read(final String at) {
        iterator = at;
        return kinesis.getRecords(request -> request.shardIterator(at).limit(RECORDS_PER_READ))
                .thenApply(this::taken);
    }

    private LogPage taken(final GetRecordsResponse read) {
        final String shard = shardId;
        if (shard == null) {
            throw new IllegalStateException("no shard is being read: stream=" + stream);
        }
        final List<LogRecord> records = new ArrayList<>(read.records().size());
        for (final Record record : read.records()) {
            final Instant arrived = record.approximateArrivalTimestamp();
            records.add(new LogRecord(
                    record.data().asByteArrayUnsafe(),
                    new LogPosition(shard, record.sequenceNumber()),
                    arrived == null ? LogRecord.UNKNOWN : arrived.toEpochMilli()));
        }
        if (!records.isEmpty()) {
            lastRead = records.getLast().position().sequenceNumber();
        }
        iterator = read.nextShardIterator();
        isShardEnded = iterator == null;
        final Long behindMs = read.millisBehindLatest();
        // An empty answer alone proves nothing: a shard may answer empty before its end.
        final boolean isAtEnd =
                !isShardEnded && records.isEmpty() && behindMs != null && behindMs == 0;
        return new LogPage(records, isAtEnd);
    }

    private CompletableFuture<LogPage> failed(final Throwable failure) {
        final Throwable cause = LogErrors.of(stream, failure);
        final boolean isGone =
                cause instanceof InvalidArgumentException || cause instanceof LogException;
        if (isGone && shardId != null && lastRead == null && from != null) {
            // Beyond the retention, or of another stream: what the chain of hashes makes of the
            // oldest records will tell. If it is the stream that has gone, the next call says so.
            LOG.info("stream {} does not have {} any more: {}", stream, from, cause.toString());
            from = null;
            shardId = null;
            return next().toCompletableFuture();
        }
        if (cause instanceof ExpiredIteratorException) {
            // The next call opens a new one behind the last record that was read.
            iterator = null;
        }
        return CompletableFuture.failedFuture(cause);
    }
}
