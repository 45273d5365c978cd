package io.ringledger.ledger.partition;

import io.ringledger.model.frame.FrameException;

import java.io.Serial;

/** A log cannot be what a partition is rebuilt from; the message names the cause and the way out. */
public final class RecoveryException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** The message carries the values. */
    public RecoveryException(final String message) {
        super(message);
    }

    /** The same, with what led to it. */
    public RecoveryException(final String message, final Throwable cause) {
        super(message, cause);
    }

    /** A record that a ledger of this configuration cannot have written, and what to do about it. */
    static RecoveryException of(final int partition, final FrameException e) {
        final String wayOut = switch (e.reason()) {
            case FOREIGN ->
                "the stream holds something else than this ledger: set RINGLEDGER_STREAM to the"
                        + " ledger's own stream, or keep other producers out of it";
            case UNKNOWN_VERSION ->
                "a later version of Ringledger has written to it: start that version or a later one";
            case OUT_OF_ORDER ->
                "it is the log of another ledger or has a hole: set RINGLEDGER_STREAM and"
                        + " RINGLEDGER_PARTITIONS to what they were when the ledger was created, or"
                        + " restore the stream";
            case DAMAGED, FORKED ->
                "the log is damaged: restore the stream, and do not write to it until then";
        };
        return new RecoveryException(
                "the log of partition " + partition + " cannot be read: " + e.getMessage() + "; "
                        + wayOut + "; no event was written",
                e);
    }

    /** A valid snapshot has events that the log has lost, or never had. */
    static RecoveryException snapshotAhead(
            final int partition, final long snapshotSequence, final long logSequence) {
        return new RecoveryException("a snapshot of partition " + partition + " goes up to "
                + snapshotSequence + ", but the log ends at " + logSequence
                + ": the stream has lost"
                + " events or is another one; restore the stream, or set RINGLEDGER_STREAM and"
                + " RINGLEDGER_SNAPSHOT_STORE to what belongs together, no event was written");
    }
}
