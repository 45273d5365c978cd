package io.ringledger.model.frame;

/**
 * What a frame says of itself.
 *
 * @param partitions partitions of the ledger
 * @param partition whose frame it is
 * @param epoch the ownership that wrote it
 * @param frameNumber from 1 without gaps, per partition
 * @param firstSequence sequence of its first event
 * @param eventCount number of events, at least 1
 * @param baseTimeMs ledger time of its first event, in milliseconds since 1970 UTC
 * @param eventLength bytes of its events, uncompressed
 * @param recordLength bytes of the whole record
 */
public record FrameHeader(
        int partitions,
        int partition,
        long epoch,
        long frameNumber,
        long firstSequence,
        int eventCount,
        long baseTimeMs,
        int eventLength,
        int recordLength) {
    /** Sequence of the last event. */
    public long lastSequence() {
        return firstSequence + eventCount - 1;
    }
}
