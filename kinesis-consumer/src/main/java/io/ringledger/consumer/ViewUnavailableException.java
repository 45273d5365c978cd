package io.ringledger.consumer;

/**
 * The views could not be reached, or did not answer in time: whether the last commit happened is
 * unknown. The caller forgets what it held, loads the views again and retries.
 */
public final class ViewUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** With a message that says what was tried and how long. */
    public ViewUnavailableException(final String message, final Throwable cause) {
        super(message, cause);
    }
}
