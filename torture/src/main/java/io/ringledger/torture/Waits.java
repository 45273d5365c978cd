package io.ringledger.torture;

import java.util.concurrent.TimeUnit;

/** Waits for what must come, however busy the machine is. Stateless. */
final class Waits {
    /** Longer than anything takes that works. */
    static final long LIMIT_MS = 180_000;

    private static final long POLL_MS = 50;

    private Waits() {}

    /** Something that comes true; may block for a moment. */
    interface Condition {
        boolean holds() throws InterruptedException;
    }

    /**
     * Waits until it is so.
     *
     * @throws IllegalStateException if it does not come
     */
    static void until(final String what, final Condition condition) throws InterruptedException {
        final long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LIMIT_MS);
        while (!condition.holds()) {
            if (System.nanoTime() - deadlineNs > 0) {
                throw new IllegalStateException("not within " + LIMIT_MS + " ms: " + what);
            }
            TimeUnit.MILLISECONDS.sleep(POLL_MS);
        }
    }
}
