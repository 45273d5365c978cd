package io.ringledger.ledger.log;

import java.util.List;

/**
 * What one read of a log gives.
 *
 * @param records in the order of the log, those of other partitions of the shard included; maybe
 *     none, which says nothing about the end
 * @param isAtEnd true if the log held nothing more when it was read
 */
public record LogPage(List<LogRecord> records, boolean isAtEnd) {
    /** Copies the list. */
    public LogPage {
        records = List.copyOf(records);
    }
}
