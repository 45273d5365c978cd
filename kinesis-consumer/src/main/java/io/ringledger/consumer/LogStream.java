package io.ringledger.consumer;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.ListShardsResponse;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.StreamDescriptionSummary;
import software.amazon.awssdk.services.kinesis.model.StreamStatus;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;

/** The Kinesis stream that holds the log. Stateless; calls block. */
final class LogStream {
    private static final Logger LOG = LoggerFactory.getLogger(LogStream.class);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final long PROGRESS_MS = 2_000;

    private final KinesisAsyncClient kinesis;
    private final String name;

    LogStream(final KinesisAsyncClient kinesis, final String name) {
        this.kinesis = kinesis;
        this.name = name;
    }

    /**
     * Waits for the stream, which the write side creates, and says so while it waits.
     *
     * @return how long it keeps a record, as of now
     * @throws IllegalStateException if it is not there before the deadline
     */
    Duration await(final Deadline deadline) {
        long saidAtMs = 0;
        String state = "unknown";
        do {
            try {
                final StreamDescriptionSummary stream = kinesis.describeStreamSummary(
                                s -> s.streamName(name))
                        .join()
                        .streamDescriptionSummary();
                final StreamStatus status = stream.streamStatus();
                // A stream that is being resharded is UPDATING: it can be read.
                if (status == StreamStatus.ACTIVE || status == StreamStatus.UPDATING) {
                    LOG.info("stream {}: there, waited={} ms", name, deadline.elapsedMs());
                    return Duration.ofHours(stream.retentionPeriodHours());
                }
                state = status.toString();
            } catch (final CompletionException e) {
                state = e.getCause() instanceof ResourceNotFoundException
                        ? "does not exist yet"
                        : String.valueOf(e.getCause());
            }
            if (deadline.elapsedMs() - saidAtMs >= PROGRESS_MS) {
                saidAtMs = deadline.elapsedMs();
                LOG.info(
                        "stream {}: waiting, state={}, waited={} ms, left={} ms",
                        name,
                        state,
                        saidAtMs,
                        deadline.leftMs());
            }
        } while (deadline.pause(POLL));
        throw new IllegalStateException("stream not there in time: stream=" + name + ", state="
                + state + ", waited=" + deadline.elapsedMs()
                + " ms; are RINGLEDGER_STREAM and RINGLEDGER_KINESIS_ENDPOINT right?");
    }

    /** All shards that still hold records, open and closed. */
    List<Shard> shards() {
        ListShardsResponse page = kinesis.listShards(s -> s.streamName(name)).join();
        List<Shard> shards = page.shards();
        while (page.nextToken() != null) {
            final String token = page.nextToken();
            page = kinesis.listShards(s -> s.nextToken(token)).join();
            shards = java.util.stream.Stream.concat(shards.stream(), page.shards().stream())
                    .toList();
        }
        return shards;
    }
}
