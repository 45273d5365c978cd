package io.ringledger.consumer;

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

    /** Which contradiction. */
    public HaltReason reason() {
        return reason;
    }
}
