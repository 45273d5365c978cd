package io.ringledger.model;

import java.io.Serial;

/**
 * A check that must hold did not: the state or the log contradicts itself. Nobody recovers from it;
 * the process that sees it stops rather than answers.
 */
public final class InvariantViolation extends IllegalStateException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** The message carries the values that contradict each other. */
    public InvariantViolation(final String message) {
        super(message);
    }
}
