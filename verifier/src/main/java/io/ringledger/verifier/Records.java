package io.ringledger.verifier;

import io.ringledger.model.frame.EpochMarker;
import io.ringledger.model.frame.FrameException;
import io.ringledger.model.frame.FrameReader;

/** Whose records are whose. Stateless. */
final class Records {
    private Records() {}

    /** False if the record says, and proves, that it is another partition's. */
    static boolean isOf(final byte[] record, final int partition) {
        try {
            if (EpochMarker.isMarker(record)) {
                return EpochMarker.read(record).partition() == partition;
            }
            try (FrameReader reader = new FrameReader()) {
                return reader.open(record).partition() == partition;
            }
        } catch (final FrameException e) {
            // Damaged, or no record of a ledger at all: it belongs into every export.
            return true;
        }
    }
}
