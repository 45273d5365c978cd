package io.ringledger.model.frame;

import io.ringledger.model.frame.FrameException.Reason;

import java.util.Arrays;
import java.util.HexFormat;

/**
 * Where a reader of one partition stands, and whether a frame is the next one: frame numbers and
 * sequences without gaps, each frame naming the hash of the one before. Two kinds of frames are
 * dropped: one that was seen, since a retried append may land twice, and one that an owner wrote
 * after its successor's {@link EpochMarker} (design D5). Anything else that does not follow stops
 * the reader.
 *
 * <p>The fence, {@link #epoch}, must be kept as durably as the place in the log: a reader that
 * remembers a place after a marker and not its epoch would take a fenced frame for the next one.
 *
 * <p>Not thread-safe.
 */
public final class FrameChain {
    /** What to do with a frame. */
    public enum Verdict {
        /** It follows: read it, then {@link FrameChain#advance}. */
        NEXT,
        /** It was seen before: drop it. */
        SEEN,
        /** Its owner had been replaced when it landed: drop it, it never happened. */
        FENCED
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
        if (header.epoch() < epoch && header.frameNumber() > frameNumber) {
            return Verdict.FENCED;
        }
        if (header.frameNumber() <= frameNumber) {
            requireSameFrame(reader, header);
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
        return Verdict.NEXT;
    }

    /**
     * A retried append lands twice with the same bytes. What an owner of a lower epoch wrote under
     * this number may differ: it landed after the marker and never happened.
     */
    private void requireSameFrame(final FrameReader reader, final FrameHeader header) {
        final boolean isForked = header.epoch() > epoch
                || (header.epoch() == epoch
                        && header.frameNumber() == frameNumber
                        && !Arrays.equals(reader.hash(), hash));
        if (isForked) {
            throw new FrameException(
                    Reason.FORKED,
                    "two owners wrote this frame, and one of them may have answered for it: "
                            + header + ", epoch " + epoch + ", hash "
                            + HexFormat.of().formatHex(reader.hash()) + ", seen "
                            + HexFormat.of().formatHex(hash));
        }
    }

    /**
     * Steps over a marker.
     *
     * @return false if a later or the same ownership had begun before: nothing changes then
     * @throws FrameException if it is of another partition
     */
    public boolean passMarker(final EpochMarker marker) {
        if (marker.partition() != partition || marker.partitions() != partitions) {
            throw new FrameException(
                    Reason.OUT_OF_ORDER,
                    "marker of another partition: " + marker + ", expected " + partition + " of "
                            + partitions);
        }
        if (marker.epoch() <= epoch) {
            return false;
        }
        epoch = marker.epoch();
        return true;
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
        if (header.epoch() < epoch) {
            throw outOfOrder("advanced over a fenced frame", header, "fence " + epoch);
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

    /** The fence: the highest epoch of the markers and frames that were passed. */
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
