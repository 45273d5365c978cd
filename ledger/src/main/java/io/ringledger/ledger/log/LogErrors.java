package io.ringledger.ledger.log;

import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;

import java.util.concurrent.CompletionException;

/** What the SDK's failures mean. Stateless. */
final class LogErrors {
    private LogErrors() {}

    /** The failure without its wrapping; {@link LogException} if no retry heals it. */
    static Throwable of(final String stream, final Throwable failure) {
        final Throwable cause = failure instanceof CompletionException && failure.getCause() != null
                ? failure.getCause()
                : failure;
        return cause instanceof ResourceNotFoundException
                ? new LogException(
                        "there is no stream '" + stream
                                + "': create it, or set RINGLEDGER_STREAM to the right name",
                        cause)
                : cause;
    }
}
