package io.ringledger.distribution;

/** What the build has made must not be shipped; the message says why, for a person. */
final class RefusedException extends Exception {
    private static final long serialVersionUID = 1;

    RefusedException(final String message) {
        super(message);
    }
}
