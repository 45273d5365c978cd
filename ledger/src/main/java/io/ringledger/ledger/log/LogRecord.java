package io.ringledger.ledger.log;

/** A record as it stands in the log. Immutable as long as nobody changes its bytes. */
public final class LogRecord {
    private final byte[] data;
    private final LogPosition position;

    /**
     * @param data its bytes, which nobody changes from now on
     * @param position where it stands
     */
    public LogRecord(final byte[] data, final LogPosition position) {
        this.data = data;
        this.position = position;
    }

    /** Its bytes, not copied: only for reading. */
    public byte[] data() {
        return data;
    }

    /** Where it stands. */
    public LogPosition position() {
        return position;
    }
}
