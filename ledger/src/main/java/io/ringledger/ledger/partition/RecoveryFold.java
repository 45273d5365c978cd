package io.ringledger.ledger.partition;

import io.ringledger.ledger.log.LogPage;
import io.ringledger.ledger.log.LogPosition;
import io.ringledger.ledger.log.LogRecord;
import io.ringledger.model.AccountModel;
import io.ringledger.model.frame.EpochMarker;
import io.ringledger.model.frame.FrameChain;
import io.ringledger.model.frame.FrameException;
import io.ringledger.model.frame.FrameHeader;
import io.ringledger.model.frame.FrameReader;

import org.jspecify.annotations.Nullable;

import java.io.Serial;
import java.util.Arrays;
import java.util.List;

/**
 * Folds the records of a log into a partition, up to the own marker. Every frame is checked for its
 * checksum, its place in the chain and its sums. Where it begins with a snapshot, the log must prove
 * that this snapshot is of its past: by the very record that it had come to, or by a next frame that
 * names the hash of its last one. Used by one thread; holds native memory, so close it.
 */
final class RecoveryFold implements AutoCloseable {
    /** What the snapshot rests on is not in the log. */
    static final class SnapshotRefusedException extends RuntimeException {
        @Serial
        private static final long serialVersionUID = 1L;

        SnapshotRefusedException(final String message) {
            super(message);
        }
    }

    /** An ownership of the own epoch or a later one stands in the log before the own marker. */
    static final class OtherOwnerException extends RuntimeException {
        @Serial
        private static final long serialVersionUID = 1L;

        private final long epoch;

        OtherOwnerException(final long epoch, final Object record) {
            super("another owner was there: " + record);
            this.epoch = epoch;
        }

        long epoch() {
            return epoch;
        }
    }

    private final int partition;
    private final int partitions;
    private final EpochMarker ownMarker;
    private final FramesAhead frames;
    private final AccountModel model;
    private final FrameChain chain;
    private final @Nullable LogPosition snapshotEnd;
    private final byte[] snapshotHash;
    private final long snapshotSequence;
    private boolean isAnchored;
    private boolean isFirst = true;
    private long framesSeen;
    private int readsWithoutProof;
    private long dropped;
    private long markerArrivedMs = LogRecord.UNKNOWN;

    RecoveryFold(
            final int partition,
            final PartitionContext context,
            final EpochMarker ownMarker,
            final SnapshotSource.@Nullable Snapshot snapshot) {
        this.partition = partition;
        this.partitions = context.partitions();
        this.ownMarker = ownMarker;
        frames = new FramesAhead(partition);
        if (snapshot == null) {
            model = new AccountModel(context.model());
            chain = new FrameChain(partition, partitions);
            snapshotEnd = null;
        } else {
            model = snapshot.model();
            chain = snapshot.chain();
            snapshotEnd = snapshot.lastRecord();
        }
        if (chain.partition() != partition || chain.sequence() != model.lastSequence()) {
            throw new IllegalStateException("snapshot does not fit: partition=" + partition
                    + ", its=" + chain.partition() + ", sequence=" + chain.sequence() + ", model="
                    + model.lastSequence());
        }
        snapshotSequence = chain.sequence();
        snapshotHash = chain.hash();
        isAnchored = snapshot == null;
    }

    /** Sequence of the last event of the snapshot; 0 without one. */
    long snapshotSequence() {
        return snapshotSequence;
    }

    AccountModel model() {
        return model;
    }

    FrameChain chain() {
        return chain;
    }

    long dropped() {
        return dropped;
    }

    /** When the own marker came, once it was read; see {@link LogRecord#arrivedMs}. */
    long markerArrivedMs() {
        return markerArrivedMs;
    }

    /** Folds records in; true if the own marker was among them, and nothing after it is looked at. */
    boolean addUntilMarker(final List<LogRecord> records) {
        for (int i = 0; i < records.size(); i++) {
            final LogRecord record = records.get(i);
            if (isFirst) {
                isFirst = false;
                requireLastRecord(record);
            }
            if (EpochMarker.isMarker(record.data())) {
                if (passMarker(EpochMarker.read(record.data()))) {
                    markerArrivedMs = record.arrivedMs();
                    return true;
                }
            } else {
                final boolean isLast = i + 1 == records.size();
                addFrame(record.data(), isLast ? null : records.get(i + 1).data());
            }
        }
        return false;
    }

    /**
     * True once the log has ended so many times without a record that proves the snapshot, nor the
     * own marker: the snapshot may rest on a record that this log never had.
     */
    boolean isInDoubtAfter(final LogPage page, final int reads) {
        if (isAnchored || !page.isAtEnd()) {
            return false;
        }
        readsWithoutProof++;
        return readsWithoutProof >= reads;
    }

    /**
     * The log still has the last record that the snapshot knows of. That may be any record of the
     * shard; if it is a frame of this partition, it must be one that the snapshot holds.
     */
    private void requireLastRecord(final LogRecord first) {
        if (!first.position().equals(snapshotEnd)) {
            return;
        }
        if (!EpochMarker.isMarker(first.data())) {
            final FrameReader reader = frames.open(first.data(), null);
            final FrameHeader header = reader.header();
            final boolean isOwn =
                    header.partition() == partition && header.epoch() >= chain.epoch();
            final boolean isLast = header.frameNumber() == chain.frameNumber();
            if (isOwn
                    && (header.frameNumber() > chain.frameNumber()
                            || (isLast && !Arrays.equals(reader.hash(), snapshotHash)))) {
                throw new SnapshotRefusedException("the log has another frame where the snapshot"
                        + " ends: position=" + first.position() + ", " + header);
            }
        }
        isAnchored = true;
    }

    private boolean passMarker(final EpochMarker marker) {
        if (marker.partitions() == partitions && marker.partition() != partition) {
            return false;
        }
        if (marker.equals(ownMarker)) {
            if (!chain.passMarker(marker)) {
                throw new OtherOwnerException(chain.epoch(), marker);
            }
            return true;
        }
        if (marker.epoch() >= ownMarker.epoch()) {
            throw new OtherOwnerException(marker.epoch(), marker);
        }
        chain.passMarker(marker);
        return false;
    }

    private void addFrame(final byte[] record, final byte @Nullable [] following) {
        final FrameReader reader = frames.open(record, following);
        final FrameHeader header = reader.header();
        if (header.partitions() == partitions && header.partition() != partition) {
            return;
        }
        framesSeen++;
        if (header.epoch() >= ownMarker.epoch()) {
            throw new OtherOwnerException(header.epoch(), header);
        }
        if (judge(reader, header) != FrameChain.Verdict.NEXT) {
            dropped++;
            return;
        }
        reader.readEvents(model);
        chain.advance(reader, header);
        isAnchored = true;
    }

    private FrameChain.Verdict judge(final FrameReader reader, final FrameHeader header) {
        try {
            return chain.judge(reader, header);
        } catch (final FrameException e) {
            if (!isAnchored) {
                throw new SnapshotRefusedException("the log does not go on where the snapshot ends,"
                        + " it has been trimmed past it or is another one: " + e.getMessage());
            }
            if (chain.frameNumber() == 0 && header.frameNumber() > 1) {
                throw new RecoveryException(
                        "the log of partition " + partition + " begins with frame "
                                + header.frameNumber() + ": it has been trimmed past the newest"
                                + " usable snapshot; restore an older snapshot or the stream's"
                                + " records, no event was written",
                        e);
            }
            throw e;
        }
    }

    /**
     * The own marker has been read: checks what the fold alone can tell.
     *
     * @param required the sequence that the last owner had seen in the log
     */
    void requireWhole(final long required) {
        if (!isAnchored && (framesSeen > 0 || chain.sequence() != required)) {
            throw new SnapshotRefusedException(
                    "the log does not hold the snapshot's last frame, and"
                            + " its last owner had brought it to " + required);
        }
        if (chain.sequence() < required) {
            throw new RecoveryException("the log of partition " + partition + " ends at "
                    + chain.sequence() + ", but its last owner had brought it to " + required
                    + ": it has been cut (is the stream's retention too short?), or this is another"
                    + " stream; restore the stream or a snapshot, no event was written");
        }
        if (model.lastSequence() != chain.sequence() || chain.epoch() != ownMarker.epoch()) {
            throw new IllegalStateException("state and log disagree: partition=" + partition
                    + ", model=" + model.lastSequence() + ", chain=" + chain.sequence()
                    + ", epoch=" + chain.epoch() + ", own=" + ownMarker.epoch());
        }
        model.verify();
    }

    @Override
    public void close() {
        frames.close();
    }
}
