package io.ringledger.ledger.http;

import java.util.concurrent.atomic.AtomicInteger;

/** Lets in so many at a time and no more. Thread-safe; never blocks. */
final class Gate {
    private final int limit;
    private final AtomicInteger inside = new AtomicInteger();

    Gate(final int limit) {
        this.limit = limit;
    }

    /** Lets in {@code count} at once, or none. */
    boolean tryEnter(final int count) {
        if (inside.addAndGet(count) <= limit) {
            return true;
        }
        inside.addAndGet(-count);
        return false;
    }

    void leave(final int count) {
        if (inside.addAndGet(-count) < 0) {
            throw new IllegalStateException("more left than came in: count=" + count);
        }
    }

    /** True if not even one would be let in, just now. */
    boolean isFull() {
        return inside.get() >= limit;
    }

    int inside() {
        return inside.get();
    }

    int limit() {
        return limit;
    }
}
