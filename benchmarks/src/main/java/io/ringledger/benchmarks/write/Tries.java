package io.ringledger.benchmarks.write;

import io.ringledger.benchmarks.driver.Measured;

import java.util.concurrent.Callable;

/** Measures until there is something to measure. Stateless. */
final class Tries {
    private static final int MOST = 30;

    /** In so much time something is done, or the stall is the finding. */
    private static final long LONG_MS = 1_000;

    private Tries() {}

    /**
     * Measures again while not one request was done in the measured time, if that is short: a machine
     * that is busy with other things does that to a smoke run.
     *
     * @param measuredMs how long each try measures
     * @throws IllegalStateException if nothing is ever done, or nothing in a long time
     */
    static Measured untilDone(final long measuredMs, final Callable<Measured> measure)
            throws Exception {
        for (int i = 0; i < MOST; i++) {
            final Measured measured = measure.call();
            if (measured.done() > 0) {
                return measured;
            }
            if (measuredMs >= LONG_MS) {
                throw new IllegalStateException("nothing was done in " + measuredMs + " ms");
            }
        }
        throw new IllegalStateException("nothing was done, in " + MOST + " tries");
    }
}
