package io.ringledger.readmodel;

/** The views could not be asked: the database did not answer, or there was no room to ask it. */
final class ViewUnavailableException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Why. */
    enum Reason {
        /** Postgres cannot be reached, does not answer in time, or answers with an error. */
        UNAVAILABLE,
        /** As many queries as allowed are under way or wait for a connection. */
        OVERLOADED
    }

    private final Reason reason;

    ViewUnavailableException(final Reason reason, final String message) {
        // Made on every refusal while Postgres is away: no stack trace, it would always be the
        // same.
        super(message, null, false, false);
        this.reason = reason;
    }

    Reason reason() {
        return reason;
    }
}
