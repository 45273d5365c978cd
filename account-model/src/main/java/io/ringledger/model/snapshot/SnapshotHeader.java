package io.ringledger.model.snapshot;

import io.ringledger.model.AccountModel;
import io.ringledger.model.LedgerLimits;
import io.ringledger.model.frame.FrameChain;
import io.ringledger.model.frame.FrameFormat;

import java.util.HexFormat;

/**
 * What a snapshot says of itself: whose state it is and up to where the log is in it. Immutable.
 *
 * @param partitions partitions of the ledger
 * @param partition whose state it is
 * @param idempotencyWindowMs the window that the state was made with, in ledger time
 * @param frameNumber number of the last frame; 0 before the first
 * @param sequence sequence of the last event; 0 before the first
 * @param epoch the fence: the highest epoch passed, by frame or marker
 * @param frameHash SHA-256 of the last frame's record, in hexadecimal; zeros before the first
 * @param lastTimeMs ledger time of the last event, in milliseconds since 1970 UTC
 * @param shardId shard of the last record included, a marker too; empty if that is not known
 * @param recordSequenceNumber the log's own name of that record; empty if that is not known
 * @param stateHash {@link AccountModel#stateHash()}
 * @param accounts number of accounts, the {@code @world} accounts included
 * @param keys number of idempotency keys
 */
public record SnapshotHeader(
        int partitions,
        int partition,
        long idempotencyWindowMs,
        long frameNumber,
        long sequence,
        long epoch,
        String frameHash,
        long lastTimeMs,
        String shardId,
        String recordSequenceNumber,
        String stateHash,
        int accounts,
        int keys) {
    /** Longest shard id and longest sequence number of a record, in ASCII characters. */
    public static final int MAX_NAME_LENGTH = 256;

    private static final String NO_HASH = HexFormat.of().formatHex(FrameFormat.noHash());

    /** Refuses what no state can be. */
    public SnapshotHeader {
        final boolean isSane = partitions >= 1
                && partitions <= LedgerLimits.MAX_PARTITIONS
                && partition >= 0
                && partition < partitions
                && idempotencyWindowMs >= 1
                && frameNumber >= 0
                && sequence >= frameNumber
                && (frameNumber > 0) == (sequence > 0)
                && (frameNumber > 0 || frameHash.equals(NO_HASH))
                && epoch >= 0
                && lastTimeMs >= 0
                && frameHash.length() == 2 * SnapshotFormat.HASH_LENGTH
                && stateHash.length() == 2 * SnapshotFormat.HASH_LENGTH
                && accounts >= 0
                && accounts <= 2 * sequence
                && keys >= 0
                && keys <= sequence
                && isName(shardId)
                && isName(recordSequenceNumber);
        if (!isSane) {
            throw new IllegalArgumentException("impossible header of a snapshot: partitions="
                    + partitions + ", partition=" + partition + ", idempotencyWindowMs="
                    + idempotencyWindowMs + ", frameNumber=" + frameNumber + ", sequence="
                    + sequence + ", epoch=" + epoch + ", frameHash=" + frameHash + ", lastTimeMs="
                    + lastTimeMs + ", accounts=" + accounts + ", keys=" + keys);
        }
    }

    /**
     * The header for a model that has replayed everything up to where a reader stands. Computes the
     * state hash, which takes its time.
     *
     * @param shardId shard of the last record read
     * @param recordSequenceNumber the log's own name of that record
     * @throws IllegalArgumentException if the model is not where the reader is, as in the middle of
     *     a frame
     */
    public static SnapshotHeader of(
            final AccountModel model,
            final FrameChain chain,
            final int partitions,
            final String shardId,
            final String recordSequenceNumber) {
        if (model.lastSequence() != chain.sequence()) {
            throw new IllegalArgumentException("no snapshot in the middle of a frame: model at "
                    + model.lastSequence() + ", last frame ends at " + chain.sequence());
        }
        return new SnapshotHeader(
                partitions,
                chain.partition(),
                model.idempotencyWindowMs(),
                chain.frameNumber(),
                chain.sequence(),
                chain.epoch(),
                HexFormat.of().formatHex(chain.hash()),
                model.lastTimeMs(),
                shardId,
                recordSequenceNumber,
                model.stateHash(),
                model.accountCount(),
                model.unexpiredKeyCount());
    }

    /** A reader that has seen everything that is in the snapshot. */
    public FrameChain chain() {
        return new FrameChain(
                partition,
                partitions,
                frameNumber,
                sequence,
                epoch,
                HexFormat.of().parseHex(frameHash));
    }

    private static boolean isName(final String text) {
        return text.length() <= MAX_NAME_LENGTH
                && text.chars().allMatch(character -> character > ' ' && character < 0x7F);
    }
}
