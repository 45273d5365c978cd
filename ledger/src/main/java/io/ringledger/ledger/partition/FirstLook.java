package io.ringledger.ledger.partition;

import io.ringledger.ledger.log.LogRecord;
import io.ringledger.model.frame.EpochMarker;
import io.ringledger.model.frame.FrameException;
import io.ringledger.model.frame.FrameReader;

import java.util.List;

/**
 * What a process may know before it writes its first record: whether the log that it was pointed to
 * is a ledger's, and of as many partitions. Stateless.
 */
final class FirstLook {
    private FirstLook() {}

    /**
     * Refuses records that are not of a ledger of so many partitions, before anything is written
     * beside them.
     *
     * @throws FrameException at the first one
     */
    static void requireOurs(final List<LogRecord> records, final int partitions) {
        try (FrameReader reader = new FrameReader()) {
            for (final LogRecord record : records) {
                final Object opened;
                final int found;
                if (EpochMarker.isMarker(record.data())) {
                    final EpochMarker marker = EpochMarker.read(record.data());
                    opened = marker;
                    found = marker.partitions();
                } else {
                    final var header = reader.open(record.data());
                    opened = header;
                    found = header.partitions();
                }
                if (found != partitions) {
                    throw new FrameException(
                            FrameException.Reason.OUT_OF_ORDER,
                            "record of a ledger of another number of partitions: " + opened
                                    + ", configured " + partitions);
                }
            }
        }
    }
}
