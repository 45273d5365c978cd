package io.ringledger.verifier;

import io.ringledger.ledger.log.KinesisPartitionLog;
import io.ringledger.ledger.log.LogException;
import io.ringledger.ledger.log.LogPage;
import io.ringledger.ledger.log.LogPosition;
import io.ringledger.ledger.log.LogReader;

import org.jspecify.annotations.Nullable;

import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/** A stream of Kinesis. Reads slowly enough for others to read beside it. */
final class KinesisSource implements LogSource {
    private static final int ATTEMPTS = 10;
    private static final long RETRY_MS = 500;

    private final KinesisAsyncClient kinesis;
    private final String stream;
    private final int partitions;
    private final long pauseMs;

    /**
     * @param pauseMs between two reads: AWS allows five a second and shard, to all readers together
     */
    KinesisSource(
            final KinesisAsyncClient kinesis,
            final String stream,
            final int partitions,
            final long pauseMs) {
        this.kinesis = kinesis;
        this.stream = stream;
        this.partitions = partitions;
        this.pauseMs = pauseMs;
    }

    @Override
    public void read(final int partition, final @Nullable LogPosition from, final Sink sink) {
        final LogReader reader =
                new KinesisPartitionLog(kinesis, stream, partition, partitions).reader(from);
        LogPage page = next(reader);
        while (true) {
            page.records().forEach(sink::record);
            if (page.isAtEnd()) {
                return;
            }
            pause(pauseMs);
            page = next(reader);
        }
    }

    private LogPage next(final LogReader reader) {
        for (int attempt = 1; ; attempt++) {
            try {
                return reader.next().toCompletableFuture().join();
            } catch (final CompletionException e) {
                if (e.getCause() instanceof final LogException hopeless) {
                    throw hopeless;
                }
                if (attempt == ATTEMPTS) {
                    throw new LogException(
                            "stream " + stream + " cannot be read: " + e.getCause(), e);
                }
                pause(RETRY_MS);
            }
        }
    }

    private static void pause(final long timeMs) {
        try {
            TimeUnit.MILLISECONDS.sleep(timeMs);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LogException("interrupted", e);
        }
    }

    @Override
    public String toString() {
        return "stream " + stream;
    }
}
