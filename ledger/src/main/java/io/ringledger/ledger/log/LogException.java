package io.ringledger.ledger.log;

import java.io.Serial;

/** The log cannot be used; the message names the cause and the way out. */
public final class LogException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** With the error that led to it. */
    public LogException(final String message, final Throwable cause) {
        super(message, cause);
    }

    /** Without another error behind it. */
    public LogException(final String message) {
        super(message);
    }
}
