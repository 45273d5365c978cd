package io.ringledger.consumer;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for a condition, with a deadline. */
final class Await {
    private static final long POLL_NS = 20_000_000;

    private Await() {}

    /** Returns how long it took. */
    static Duration until(
            final String what, final Duration timeout, final BooleanSupplier condition) {
        final long startNs = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - startNs > timeout.toNanos()) {
                throw new AssertionError("not within " + timeout + ": " + what);
            }
            LockSupport.parkNanos(POLL_NS);
        }
        return Duration.ofNanos(System.nanoTime() - startNs);
    }
}
