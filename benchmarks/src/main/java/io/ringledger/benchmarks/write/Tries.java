package io.ringledger.benchmarks.write;

import io.ringledger.benchmarks.driver.Measured;

import java.util.concurrent.Callable;

/** Measures until there is something to measure. Stateless. */
final class Tries {
    private static final int MOST = 30;

    private Tries() {}

    /**
     * Measures again while not one request was done in the measured time: to a short one, a machine
     * that is busy with other things does that.
     *
     * @throws IllegalStateException if nothing is ever done
     */
    static Measured untilDone(final Callable<Measured> measure) throws Exception {
        for (int i = 0; i < MOST; i++) {
            final Measured measured = measure.call();
            if (measured.done() > 0) {
                return measured;
            }
        }
        throw new IllegalStateException("nothing was done, in " + MOST + " tries");
    }
}
