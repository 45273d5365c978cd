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
     * @return what the next append is ordered after
     */
    CompletionStage<String> append(byte[] record, @Nullable String after, long timeoutMs);

    /**
     * Reads every record from the oldest that the log keeps to the end that it had during the call.
     * Blocks; retries what is transient.
     *
     * @throws LogException if the log cannot be read
     * @throws InterruptedException if the thread is interrupted
     */
    void readAll(RecordHandler handler) throws InterruptedException;

    /** Receives records in order. */
    @FunctionalInterface
    interface RecordHandler {
        /**
         * Called for each record of the shard, those of other partitions included.
         *
         * @param sequenceNumber the log's own name of the record, which an append may be ordered
         *     after
         */
        void onRecord(byte[] record, String sequenceNumber);
    }
}
