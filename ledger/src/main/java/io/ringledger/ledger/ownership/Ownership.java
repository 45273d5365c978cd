package io.ringledger.ledger.ownership;

import java.util.concurrent.CompletionStage;

/** The right to write to a partition. Thread-safe. */
public interface Ownership {
    /** Which ownership this is; it only grows, and stands in every frame. */
    long epoch();

    /**
     * Asked after a frame has been appended and before anybody hears of it: true if this is still
     * the owner, so that no successor can have begun before the frame. Fails while that is not known.
     */
    CompletionStage<Boolean> confirm();

    /**
     * The sequence that the log of a partition must at least reach, as far as the last owner could
     * say; a log that ends before has been cut, or does not show its end yet.
     */
    long requiredSequence(int partition);

    /** Remembers that the log of a partition has reached a sequence; never blocks. */
    void appended(int partition, long sequence);
}
