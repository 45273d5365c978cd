package io.ringledger.model.frame;

import java.io.Serial;

/** A record of the stream is not the frame that it should be; the message says what differs. */
public final class FrameException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** What is wrong, for those who decide what to do about it. */
    public enum Reason {
        /** Not a frame of this ledger at all. */
        FOREIGN,
        /** Written by a later version than this one. */
        UNKNOWN_VERSION,
        /** A frame whose bytes have changed or are cut short. */
        DAMAGED,
        /** A whole frame that does not follow the one before. */
        OUT_OF_ORDER,
        /** Two different frames claim the same place in the log. */
        FORKED
    }

    private final Reason reason;

    /** The message carries the values. */
    public FrameException(final Reason reason, final String message) {
        super(message);
        this.reason = reason;
    }

    /** The same, with what led to it. */
    public FrameException(final Reason reason, final String message, final Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    /** What is wrong. */
    public Reason reason() {
        return reason;
    }
}
