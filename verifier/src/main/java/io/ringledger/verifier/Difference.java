package io.ringledger.verifier;

import java.io.Serial;

/** The first thing that is not as it should be; the message says in words where and what. */
final class Difference extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    Difference(final String message) {
        super(message);
    }

    Difference(final String message, final Throwable cause) {
        super(message, cause);
    }
}
