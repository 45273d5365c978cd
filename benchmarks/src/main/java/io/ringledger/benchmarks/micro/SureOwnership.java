package io.ringledger.benchmarks.micro;

import io.ringledger.ledger.ownership.Ownership;
import io.ringledger.model.frame.EpochMarker;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Owns partition 0 of 1 for good, and says so at once. Thread-safe.
 *
 * @param marker with the epoch
 */
record SureOwnership(EpochMarker marker) implements Ownership {
    /** The ownership of an epoch. */
    SureOwnership(final long epoch) {
        this(new EpochMarker(1, 0, epoch, epoch, 0));
    }

    @Override
    public CompletionStage<Boolean> confirm() {
        return CompletableFuture.completedFuture(true);
    }

    @Override
    public long requiredSequence() {
        return 0;
    }

    @Override
    public void appended(final long sequence) {
        // Nobody comes after.
    }
}
