package io.ringledger.model.frame;

import io.ringledger.model.frame.FrameException.Reason;

import java.util.Arrays;
import java.util.HexFormat;

/**
 * Where a reader of one partition stands, and whether a frame is the next one: frame numbers and
 * sequences without gaps, each frame naming the hash of the one before. A frame that was seen is
 * dropped, since a retried append may land twice; anything else that does not follow stops the
 * reader. Not thread-safe.
 */
public final class FrameChain {
    /** What to do with a frame. */
    public enum Verdict {
        /** It follows: read it, then {@link FrameChain#advance}. */
        NEXT,
        /** It was seen before: drop it. */
        SEEN
    }

    private final int partition;
    private final int partitions;
    private long frameNumber;
    private long sequence;
    private long epoch;
    private byte[] hash;

    /** A reader that has seen nothing. */
    public FrameChain(final int partition, final int partitions) {
        this(partition, partitions, 0, 0, 0, FrameFormat.noHash());
    }

    /** A reader that has seen everything up to a frame. */
    public FrameChain(
            final int partition,
            final int partitions,
            final long frameNumber,
            final long sequence,
            final long epoch,
            final byte[] hash) {
        this.partition = partition;
        this.partitions = partitions;
        this.frameNumber = frameNumber;
        this.sequence = sequence;
        this.epoch = epoch;
        this.hash = hash.clone();
    }

    /**
     * Judges the frame that the reader has open; changes nothing.
     *
     * @throws FrameException if it neither follows nor was seen
     */
    public Verdict judge(final FrameReader reader, final FrameHeader header) {
        if (header.partition() != partition || header.partitions() != partitions) {
            throw outOfOrder("frame of another partition", header, partition + " of " + partitions);
        }
        if (header.frameNumber() <= frameNumber) {
            return Verdict.SEEN;
        }
        if (header.frameNumber() != frameNumber + 1) {
            throw outOfOrder("gap in the frames", header, "expected " + (frameNumber + 1));
        }
        if (!Arrays.equals(reader.previousHash(), hash)) {
            throw outOfOrder(
                    "chain is broken",
                    header,
                    "names " + HexFormat.of().formatHex(reader.previousHash()) + ", expected "
                            + HexFormat.of().formatHex(hash));
        }
        if (header.firstSequence() != sequence + 1) {
            throw outOfOrder("gap in the sequences", header, "expected " + (sequence + 1));
        }
        if (header.epoch() < epoch) {
            throw outOfOrder("epoch went back", header, "was " + epoch);
        }
        return Verdict.NEXT;
    }

    /** Steps over the frame that the reader has open and that {@link #judge} called the next. */
    public void advance(final FrameReader reader, final FrameHeader header) {
        advance(header, reader.hash());
    }

    /** The same for a writer, who knows the hash of what it has just made. */
    public void advance(final FrameHeader header, final byte[] recordHash) {
        if (header.frameNumber() != frameNumber + 1 || header.firstSequence() != sequence + 1) {
            throw outOfOrder("advanced over a gap", header, "expected " + (frameNumber + 1));
        }
        frameNumber = header.frameNumber();
        sequence = header.lastSequence();
        epoch = header.epoch();
        hash = recordHash.clone();
    }

    /** The partition that is read. */
    public int partition() {
        return partition;
    }

    /** Number of the last frame; 0 before the first. */
    public long frameNumber() {
        return frameNumber;
    }

    /** Sequence of the last event; 0 before the first. */
    public long sequence() {
        return sequence;
    }

    /** Epoch of the last frame. */
    public long epoch() {
        return epoch;
    }

    /** Hash of the last frame. */
    public byte[] hash() {
        return hash.clone();
    }

    private static FrameException outOfOrder(
            final String what, final FrameHeader header, final String expected) {
        return new FrameException(Reason.OUT_OF_ORDER, what + ": " + header + ", " + expected);
    }
}
