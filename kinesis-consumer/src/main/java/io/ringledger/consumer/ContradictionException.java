package io.ringledger.consumer;

import io.ringledger.model.frame.FrameException;

/**
 * The log contradicts itself or the views. The views of the shard halt before the record that it
 * names; they never skip it.
 */
public final class ContradictionException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final HaltReason reason;

    /** With a message that carries the values that contradict each other. */
    public ContradictionException(final HaltReason reason, final String message) {
        super(message);
        this.reason = reason;
    }

    /** The same, because of {@code cause}. */
    public ContradictionException(
            final HaltReason reason, final String message, final Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    /** What a record of the log that is not what it should be contradicts. */
    static ContradictionException of(final FrameException e) {
        final HaltReason reason = switch (e.reason()) {
            case FOREIGN -> HaltReason.FOREIGN_RECORD;
            case UNKNOWN_VERSION -> HaltReason.UNKNOWN_VERSION;
            case DAMAGED -> HaltReason.DAMAGED_FRAME;
            case OUT_OF_ORDER -> HaltReason.OUT_OF_ORDER;
            case FORKED -> HaltReason.FORKED_LOG;
        };
        return new ContradictionException(reason, String.valueOf(e.getMessage()), e);
    }

    /** Which contradiction. */
    public HaltReason reason() {
        return reason;
    }
}
