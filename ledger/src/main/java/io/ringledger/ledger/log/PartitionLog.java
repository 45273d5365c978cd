package io.ringledger.ledger.log;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.CompletionStage;

/**
 * The records of one partition, in order. Implementations are thread-safe and do not retry: what to
 * do about a failure is the caller's decision, who alone knows what must not be reordered.
 */
public interface PartitionLog {
    /**
     * Appends one record. The stage ends once the log has acknowledged it, or with whatever kept it
     * from that; then the record may or may not be in the log, now or later.
     *
     * @param record never changes after
     * @param after what the append before returned, or null at the first one: the record is ordered
     *     after that one
     * @param timeoutMs after which the stage ends with a failure, whatever becomes of the record
     * @return where it stands: what the next append is ordered after
     */
    CompletionStage<LogPosition> append(byte[] record, @Nullable LogPosition after, long timeoutMs);

    /**
     * Begins to read.
     *
     * @param from the first record to give; null: the oldest that the log keeps. If the log does not
     *     keep that record any more it begins with the oldest one after it that it keeps
     */
    LogReader reader(@Nullable LogPosition from);
}
