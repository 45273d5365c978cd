package io.ringledger.consumer;

/**
 * The views of a shard halt at a record: what it says contradicts what is in the views or the log.
 * They hold everything before it, and stay there until somebody has looked.
 */
public final class HaltException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final HaltReason reason;
    private final int index;

    /**
     * @param index of the record in the list that was to be projected
     * @param sequenceNumber Kinesis' number of the record
     * @param where partition and frame, as far as they could be read
     */
    HaltException(
            final int index,
            final String sequenceNumber,
            final String where,
            final ContradictionException cause) {
        super("record " + sequenceNumber + where + ": " + cause.getMessage(), cause);
        this.reason = cause.reason();
        this.index = index;
    }

    /** Which contradiction. */
    public HaltReason reason() {
        return reason;
    }

    /** Which of the records: those before it are in the views. */
    int index() {
        return index;
    }
}
