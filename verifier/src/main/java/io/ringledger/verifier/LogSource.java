package io.ringledger.verifier;

import io.ringledger.ledger.log.LogPosition;
import io.ringledger.ledger.log.LogRecord;

import org.jspecify.annotations.Nullable;

/** Where records come from: a stream, or an export of one. Calls block. */
interface LogSource {
    /** Takes records, in their order. */
    @FunctionalInterface
    interface Sink {
        void record(LogRecord record);
    }

    /**
     * Hands over the records of the shards that a partition's records are in, those of other
     * partitions maybe among them, up to the end as it is now.
     *
     * @param from the first record to give, or null: the oldest there is
     */
    void read(int partition, @Nullable LogPosition from, Sink sink);

    /** What it is called in messages. */
    @Override
    String toString();
}
