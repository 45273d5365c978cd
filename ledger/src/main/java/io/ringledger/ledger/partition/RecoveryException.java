package io.ringledger.ledger.partition;

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
}
