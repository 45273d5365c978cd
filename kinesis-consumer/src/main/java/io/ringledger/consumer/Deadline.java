package io.ringledger.consumer;

import java.time.Duration;

/** A point on the monotonic clock by which something that is polled must have happened. */
final class Deadline {
    private final long startNs = System.nanoTime();
    private final long lengthNs;

    private Deadline(final long lengthMs) {
        lengthNs = Duration.ofMillis(lengthMs).toNanos();
    }

    /** So many milliseconds from now. */
    static Deadline afterMs(final long lengthMs) {
        return new Deadline(lengthMs);
    }

    /** Milliseconds since the deadline was set. */
    long elapsedMs() {
        return Duration.ofNanos(System.nanoTime() - startNs).toMillis();
    }

    /** Milliseconds left; 0: it has passed. */
    long leftMs() {
        return Math.max(
                0, Duration.ofNanos(lengthNs - (System.nanoTime() - startNs)).toMillis());
    }

    /**
     * Blocks the thread before the next look.
     *
     * @return false if the deadline has passed, or the thread was interrupted
     */
    boolean pause(final Duration time) {
        if (leftMs() == 0) {
            return false;
        }
        try {
            Thread.sleep(Math.min(time.toMillis(), leftMs()));
            return true;
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
