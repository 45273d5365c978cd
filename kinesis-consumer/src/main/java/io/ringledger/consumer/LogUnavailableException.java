package io.ringledger.consumer;

import org.jspecify.annotations.Nullable;

/** The log cannot be read at the moment, by other ways than KCL's: try again. */
public final class LogUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** With what led to it, if anything did. */
    public LogUnavailableException(final String message, final @Nullable Throwable cause) {
        super(message, cause);
    }
}
