package io.ringledger.ledger.partition;

/** Hears what happens in a partition; called on the partition's threads, must not block. */
public interface PartitionListener {
    /** A frame is in the log. */
    void onFrame(int partition, int events, int replies, int recordBytes, long appendNs);

    /** An append will be tried again. */
    void onRetry(int partition, Throwable cause);

    /** Another process owns the partition now; it has ended. */
    void onOwnershipLost(int partition);

    /** The partition cannot go on: the process must stop. */
    void onFatal(int partition, Throwable cause);
}
