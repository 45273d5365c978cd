package io.ringledger.benchmarks.micro;

import io.ringledger.ledger.log.LogPosition;
import io.ringledger.ledger.log.LogReader;
import io.ringledger.ledger.log.PartitionLog;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;

/** A log that takes every record at once and keeps none. Thread-safe. */
final class InstantLog implements PartitionLog {
    private final AtomicLong records = new AtomicLong(1);

    static LogPosition positionOf(final long record) {
        return new LogPosition("instant", Long.toString(record));
    }

    @Override
    public CompletionStage<LogPosition> append(
            final byte[] record, final @Nullable LogPosition after, final long timeoutMs) {
        return CompletableFuture.completedFuture(positionOf(records.incrementAndGet()));
    }

    @Override
    public LogReader reader(final @Nullable LogPosition from) {
        throw new UnsupportedOperationException("nothing is kept");
    }
}
