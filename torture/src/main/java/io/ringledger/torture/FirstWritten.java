package io.ringledger.torture;

import java.util.Arrays;

/**
 * For each partition the position of a command that was sent after a moment, and decided after it:
 * whoever has that one has come past the moment. Thread-safe.
 */
final class FirstWritten implements Decided {
    // Guarded by this; 0: none yet.
    private final long[] sequences;
    private long sinceNs = System.nanoTime();

    FirstWritten(final int partitions) {
        sequences = new long[partitions];
    }

    /** Forgets; the moment is now. */
    synchronized void restart() {
        Arrays.fill(sequences, 0);
        sinceNs = System.nanoTime();
    }

    @Override
    public synchronized void onDecided(final Ask ask, final Answer answer, final long sentNs) {
        if (sequences[answer.partition()] == 0 && sentNs - sinceNs > 0 && !answer.isReplayed()) {
            sequences[answer.partition()] = answer.sequence();
        }
    }

    /** Of each partition, once all have one. */
    long[] await() throws InterruptedException {
        Waits.until("every partition has decided a new command", () -> {
            synchronized (this) {
                return Arrays.stream(sequences).allMatch(sequence -> sequence > 0);
            }
        });
        synchronized (this) {
            return sequences.clone();
        }
    }
}
