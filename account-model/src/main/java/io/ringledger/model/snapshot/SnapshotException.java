package io.ringledger.model.snapshot;

import java.io.Serial;

/** A snapshot is refused; the message says what differs. Nothing of it was used. */
public final class SnapshotException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** Why it is refused, for those who decide what to do about it. */
    public enum Reason {
        /** It ends too early. */
        TORN,
        /** Its bytes have changed, or its state contradicts itself. */
        DAMAGED,
        /** No snapshot at all, or one of another ledger, partition or window. */
        FOREIGN,
        /** Written by a later version than this one. */
        UNKNOWN_VERSION,
        /** It holds more than the settings allow in memory. */
        TOO_LARGE
    }

    private final Reason reason;

    /** The message carries the values. */
    public SnapshotException(final Reason reason, final String message) {
        super(message);
        this.reason = reason;
    }

    /** The same, with what led to it. */
    public SnapshotException(final Reason reason, final String message, final Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    /** Why it is refused. */
    public Reason reason() {
        return reason;
    }
}
