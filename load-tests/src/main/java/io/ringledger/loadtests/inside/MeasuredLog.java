package io.ringledger.loadtests.inside;

import io.ringledger.ledger.log.LogPage;
import io.ringledger.ledger.log.LogPosition;
import io.ringledger.ledger.log.LogReader;
import io.ringledger.ledger.log.LogRecord;
import io.ringledger.ledger.log.PartitionLog;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A log in memory, so that what is measured is the work of a recovery and not the speed of a stream.
 * Thread-safe.
 */
final class MeasuredLog implements PartitionLog {
    private static final int PAGE = 100;

    private final List<LogRecord> records = new ArrayList<>();
    private long bytes;

    synchronized LogPosition add(final byte[] record) {
        final LogPosition position = new LogPosition("memory", Integer.toString(records.size()));
        records.add(new LogRecord(record, position));
        bytes += record.length;
        return position;
    }

    synchronized long bytes() {
        return bytes;
    }

    /** The records from a place on, as they were added. */
    synchronized List<LogRecord> from(final int index, final int count) {
        final int start = Math.min(index, records.size());
        return List.copyOf(records.subList(start, Math.min(start + count, records.size())));
    }

    @Override
    public CompletionStage<LogPosition> append(
            final byte[] record, final @Nullable LogPosition after, final long timeoutMs) {
        return CompletableFuture.completedFuture(add(record));
    }

    @Override
    public LogReader reader(final @Nullable LogPosition from) {
        final int[] next = {from == null ? 0 : Integer.parseInt(from.sequenceNumber())};
        return () -> {
            final List<LogRecord> page = from(next[0], PAGE);
            next[0] += page.size();
            return CompletableFuture.completedFuture(new LogPage(page, page.isEmpty()));
        };
    }
}
