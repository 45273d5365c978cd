package io.ringledger.loadtests;

/** A transactions file breaks its layout; the message names the line and the cause. */
public final class TransactionFileException extends Exception {
    private static final long serialVersionUID = 1L;

    TransactionFileException(final String message) {
        super(message);
    }
}
