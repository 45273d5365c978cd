package io.ringledger.ledger.partition;

import io.ringledger.ledger.log.LogPage;
import io.ringledger.ledger.log.LogPosition;
import io.ringledger.ledger.log.LogReader;
import io.ringledger.ledger.log.LogRecord;
import io.ringledger.ledger.log.PartitionLog;
import io.ringledger.model.frame.EpochMarker;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A log in memory whose appends of frames end when, and how, a test says; markers land at once,
 * or not at all for whoever gives them too little time.
 * Thread-safe.
 */
final class FakeLog implements PartitionLog {
    /** How an append ends. */
    enum Ending {
        LANDS,
        FAILS,
        /** The record lands, but the caller hears of a failure. */
        LANDS_UNHEARD
    }

    private final List<byte[]> records = new ArrayList<>();
    private final Deque<Ending> script = new ArrayDeque<>();
    private final Deque<Runnable> held = new ArrayDeque<>();
    private boolean isHolding;
    private long markersNeedMs;
    private int attempts;

    /** Appends from now on end only on {@link #release}. */
    synchronized void hold() {
        isHolding = true;
    }

    /** Markers land only with a time-out of at least that. */
    synchronized void slowMarkers(final long needMs) {
        markersNeedMs = needMs;
    }

    /** Ends what was held, and holds no more. */
    void release() {
        final List<Runnable> endings;
        synchronized (this) {
            isHolding = false;
            endings = new ArrayList<>(held);
            held.clear();
        }
        endings.forEach(Runnable::run);
    }

    /** The endings of the next appends; after them everything lands. */
    synchronized void script(final Ending... endings) {
        script.addAll(List.of(endings));
    }

    synchronized int attempts() {
        return attempts;
    }

    synchronized List<byte[]> records() {
        return List.copyOf(records);
    }

    /** The records that are frames. */
    synchronized List<byte[]> frames() {
        return records.stream().filter(record -> !EpochMarker.isMarker(record)).toList();
    }

    /** Adds a record; returns its number. */
    synchronized int add(final byte[] record) {
        records.add(record.clone());
        return records.size();
    }

    @Override
    public CompletionStage<LogPosition> append(
            final byte[] record, final @Nullable LogPosition after, final long timeoutMs) {
        final CompletableFuture<LogPosition> appended = new CompletableFuture<>();
        if (EpochMarker.isMarker(record)) {
            if (timeoutMs < markersNeedMs()) {
                appended.completeExceptionally(new IllegalStateException("scripted: too slow"));
                return appended;
            }
            appended.complete(positionOf(add(record)));
            return appended;
        }
        final Runnable ending = () -> end(record, appended);
        synchronized (this) {
            attempts++;
            if (isHolding) {
                held.add(ending);
                return appended;
            }
        }
        ending.run();
        return appended;
    }

    private synchronized long markersNeedMs() {
        return markersNeedMs;
    }

    private void end(final byte[] record, final CompletableFuture<LogPosition> appended) {
        final Ending ending;
        final int position;
        synchronized (this) {
            ending = script.isEmpty() ? Ending.LANDS : script.remove();
            if (ending != Ending.FAILS) {
                records.add(record.clone());
            }
            position = records.size();
        }
        if (ending == Ending.LANDS) {
            appended.complete(positionOf(position));
        } else {
            appended.completeExceptionally(new IllegalStateException("scripted: " + ending));
        }
    }

    private static LogPosition positionOf(final int number) {
        return new LogPosition("shard", Integer.toString(number));
    }

    @Override
    public LogReader reader(final @Nullable LogPosition from) {
        final AtomicInteger next =
                new AtomicInteger(from == null ? 1 : Integer.parseInt(from.sequenceNumber()));
        return () -> {
            final List<byte[]> all = records();
            final List<LogRecord> page = new ArrayList<>();
            for (int number = next.get(); number <= all.size(); number++) {
                page.add(new LogRecord(all.get(number - 1), positionOf(number)));
            }
            next.set(all.size() + 1);
            return CompletableFuture.completedFuture(new LogPage(page, page.isEmpty()));
        };
    }
}
