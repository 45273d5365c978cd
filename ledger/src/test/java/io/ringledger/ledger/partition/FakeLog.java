package io.ringledger.ledger.partition;

import io.ringledger.ledger.log.PartitionLog;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A log in memory whose appends end when, and how, a test says. Thread-safe. */
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
    private int attempts;

    /** Appends from now on end only on {@link #release}. */
    synchronized void hold() {
        isHolding = true;
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

    synchronized void add(final byte[] record) {
        records.add(record);
    }

    @Override
    public CompletionStage<String> append(
            final byte[] record, final @Nullable String after, final long timeoutMs) {
        final CompletableFuture<String> appended = new CompletableFuture<>();
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

    private void end(final byte[] record, final CompletableFuture<String> appended) {
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
            appended.complete(Integer.toString(position));
        } else {
            appended.completeExceptionally(new IllegalStateException("scripted: " + ending));
        }
    }

    @Override
    public void readAll(final RecordHandler handler) {
        int position = 0;
        for (final byte[] record : records()) {
            handler.onRecord(record, Integer.toString(++position));
        }
    }
}
