package io.ringledger.verifier;

import java.io.Serial;

/** What is to be read is no export, not a whole one, or not there: nothing is said about the log. */
final class BadInputException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    BadInputException(final String message) {
        super(message);
    }

    BadInputException(final String message, final Throwable cause) {
        super(message, cause);
    }
}
