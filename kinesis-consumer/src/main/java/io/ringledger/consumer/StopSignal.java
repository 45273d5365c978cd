package io.ringledger.consumer;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Tells threads that wait for something outside that the process is to end. Thread-safe. What passes
 * its own time, as the simulation does, overrides the wait.
 */
public class StopSignal {
    private final CountDownLatch stop = new CountDownLatch(1);

    /** From now on every wait ends at once. */
    public void raise() {
        stop.countDown();
    }

    /** Whether the process is to end. */
    public boolean isRaised() {
        return stop.getCount() == 0;
    }

    /** Blocks for so long; false if the signal was raised or the thread was interrupted. */
    public boolean pauseMs(final long timeMs) {
        try {
            return !stop.await(timeMs, TimeUnit.MILLISECONDS);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
