package io.ringledger.emulators;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for a condition, with a deadline. */
final class Await {
    private static final long POLL_NS = 10_000_000;

    private Await() {}

    static void until(final String what, final Duration timeout, final BooleanSupplier condition) {
        final long deadlineNs = System.nanoTime() + timeout.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadlineNs > 0) {
                throw new AssertionError("not within " + timeout + ": " + what);
            }
            LockSupport.parkNanos(POLL_NS);
        }
    }

    /** Until no process has this id. */
    static void gone(final long pid, final Duration timeout) {
        until("end of pid " + pid, timeout, () -> !isAlive(pid));
    }

    static boolean isAlive(final long pid) {
        return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }
}
