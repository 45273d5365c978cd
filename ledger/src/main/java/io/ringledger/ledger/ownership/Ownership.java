package io.ringledger.ledger.ownership;

import java.util.concurrent.CompletionStage;

/** The right to write to a partition. Thread-safe. */
public interface Ownership {
    /** Which ownership this is; it only grows, and stands in every frame. */
    long epoch();

    /**
     * Asked after a frame has been appended and before anybody hears of it: true if this is still
     * the owner, so that no successor can have begun before the frame.
     */
    CompletionStage<Boolean> confirm();
}
