package io.ringledger.ledger.partition;

import io.ringledger.model.ModelContext;
import io.ringledger.model.frame.EventBatch;

/**
 * The sizes of a partition.
 *
 * @param partitions of the ledger
 * @param ringSize slots of the ring, a power of two; beyond them commands are refused
 * @param frames that can be on their way at once: one grows, one is appended, the others are
 *     being answered
 * @param frameEventBytes most bytes of events in one frame before compression; a record is never
 *     larger than that plus its header
 * @param frameReplies most outcomes that wait for one frame
 * @param appendTimeoutMs after which the first try of an append is taken to have failed
 * @param model the model's sizes and window
 */
public record PartitionContext(
        int partitions,
        int ringSize,
        int frames,
        int frameEventBytes,
        int frameReplies,
        long appendTimeoutMs,
        ModelContext model) {
    /** Refuses sizes that cannot work. */
    public PartitionContext {
        if (Integer.bitCount(ringSize) != 1) {
            throw new IllegalArgumentException("not a power of two: ringSize=" + ringSize);
        }
        if (frames < 2
                || frameReplies < 1
                || appendTimeoutMs < 1
                || frameEventBytes < EventBatch.MAX_EVENT_LENGTH) {
            throw new IllegalArgumentException("invalid sizes: frames=" + frames + ", frameReplies="
                    + frameReplies + ", frameEventBytes=" + frameEventBytes + ", appendTimeoutMs="
                    + appendTimeoutMs);
        }
    }
}
