package io.ringledger.torture;

/** Hears of every outcome that a client is told; called by any thread. */
@FunctionalInterface
interface Decided {
    /**
     * A command has an outcome.
     *
     * @param sentNs when the attempt that brought it was sent, of {@link System#nanoTime}
     */
    void onDecided(Ask ask, Answer answer, long sentNs);
}
