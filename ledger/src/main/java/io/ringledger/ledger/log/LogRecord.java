package io.ringledger.ledger.log;

/** A record as it stands in the log. Immutable as long as nobody changes its bytes. */
public final class LogRecord {
    /** The log does not say when a record came. */
    public static final long UNKNOWN = Long.MIN_VALUE;

    private final byte[] data;
    private final LogPosition position;
    private final long arrivedMs;

    /** A record of a log that does not say when it came. */
    public LogRecord(final byte[] data, final LogPosition position) {
        this(data, position, UNKNOWN);
    }

    /**
     * @param data its bytes, which nobody changes from now on
     * @param position where it stands
     * @param arrivedMs see {@link #arrivedMs}
     */
    public LogRecord(final byte[] data, final LogPosition position, final long arrivedMs) {
        this.data = data;
        this.position = position;
        this.arrivedMs = arrivedMs;
    }

    /** Its bytes, not copied: only for reading. */
    public byte[] data() {
        return data;
    }

    /** When it came, by the clock of the log, in milliseconds since 1970 UTC, or {@link #UNKNOWN}. */
    public long arrivedMs() {
        return arrivedMs;
    }

    /** Where it stands. */
    public LogPosition position() {
        return position;
    }
}
