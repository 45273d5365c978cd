package io.ringledger.loadtests;

/**
 * The replay cannot go on: the service gave an answer that is neither a success, a refusal nor a
 * reason to retry, or gave none until the deadline. The message names the request.
 */
final class ReplayException extends Exception {
    private static final long serialVersionUID = 1L;

    ReplayException(final String message) {
        super(message);
    }

    ReplayException(final String message, final Throwable cause) {
        super(message, cause);
    }
}
