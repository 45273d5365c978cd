package io.ringledger.consumer;

import java.util.Arrays;
import java.util.HexFormat;

/**
 * How far the views of one partition have got: a row of the table {@code progress}. Immutable.
 */
public final class Progress {
    /** Length of a frame's SHA-256. */
    static final int HASH_BYTES = 32;

    private final int partition;
    private final long frame;
    private final long sequence;
    private final long epoch;
    private final long recordedAtMs;
    private final byte[] frameHash;

    /**
     * @param partition the partition, from 0
     * @param frame the number of the last frame in the views; 0: none yet
     * @param sequence the number of the last event in the views; 0: none yet
     * @param epoch the highest epoch that was announced by a marker or wrote a frame
     * @param recordedAtMs the ledger time of the last event, in ms since 1970
     * @param frameHash the SHA-256 of the last frame, all zero before the first
     */
    public Progress(
            final int partition,
            final long frame,
            final long sequence,
            final long epoch,
            final long recordedAtMs,
            final byte[] frameHash) {
        if (partition < 0 || frame < 0 || sequence < 0 || epoch < 0 || recordedAtMs < 0) {
            throw new IllegalArgumentException("invalid progress: partition=" + partition
                    + ", frame=" + frame + ", sequence=" + sequence + ", epoch=" + epoch
                    + ", recordedAtMs=" + recordedAtMs);
        }
        if (frameHash.length != HASH_BYTES) {
            throw new IllegalArgumentException("invalid frame hash: lengthBytes=" + frameHash.length
                    + ", expected=" + HASH_BYTES);
        }
        this.partition = partition;
        this.frame = frame;
        this.sequence = sequence;
        this.epoch = epoch;
        this.recordedAtMs = recordedAtMs;
        this.frameHash = frameHash.clone();
    }

    /** Where a partition stands before its first frame. */
    public static Progress start(final int partition) {
        return new Progress(partition, 0, 0, 0, 0, new byte[HASH_BYTES]);
    }

    /** The same place, with a higher fence. */
    Progress withEpoch(final long raised) {
        return new Progress(partition, frame, sequence, raised, recordedAtMs, frameHash);
    }

    /** The partition, from 0. */
    public int partition() {
        return partition;
    }

    /** The number of the last frame in the views; 0: none yet. */
    public long frame() {
        return frame;
    }

    /** The number of the last event in the views; 0: none yet. */
    public long sequence() {
        return sequence;
    }

    /** The fence: frames of a lower epoch that come later are dropped. */
    public long epoch() {
        return epoch;
    }

    /** The ledger time of the last event, in ms since 1970. */
    public long recordedAtMs() {
        return recordedAtMs;
    }

    /** A copy of the SHA-256 of the last frame. */
    public byte[] frameHash() {
        return frameHash.clone();
    }

    /** Whether {@code hash} is the SHA-256 of the last frame. */
    boolean hasFrameHash(final byte[] hash) {
        return Arrays.equals(frameHash, hash);
    }

    @Override
    public String toString() {
        return "partition=" + partition + ", frame=" + frame + ", sequence=" + sequence + ", epoch="
                + epoch + ", recordedAtMs=" + recordedAtMs + ", frameHash="
                + HexFormat.of().formatHex(frameHash, 0, 8) + "…";
    }
}
