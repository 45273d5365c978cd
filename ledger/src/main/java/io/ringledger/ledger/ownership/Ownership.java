package io.ringledger.ledger.ownership;

import io.ringledger.model.frame.EpochMarker;

import java.util.concurrent.CompletionStage;

/** The right to write to one partition, for as long as it lasts. Thread-safe. */
public interface Ownership {
    /** What announces this ownership in the log; its epoch stands in every frame. */
    EpochMarker marker();

    /** Which ownership this is; it only grows. */
    default long epoch() {
        return marker().epoch();
    }

    /**
     * Asked after a frame has been appended and before anybody hears of it: true if a read of the
     * ownership that began after this call still shows this one, so that no successor's marker can
     * precede the frame. False for ever once it was false. Fails while that cannot be known.
     */
    CompletionStage<Boolean> confirm();

    /**
     * The sequence that the log must at least reach, as far as the last owner could say: a log that
     * ends before has been cut, or is another one.
     */
    long requiredSequence();

    /** Remembers that the log has reached a sequence, for the next owner; never blocks. */
    void appended(long sequence);
}
