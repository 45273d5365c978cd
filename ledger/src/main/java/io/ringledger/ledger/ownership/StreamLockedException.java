package io.ringledger.ledger.ownership;

import java.io.Serial;

/** Another ledger process writes to the stream. */
public final class StreamLockedException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    StreamLockedException(final String stream, final String owner) {
        super("stream '" + stream + "' is owned by another ledger process (" + owner
                + "), whose heartbeat moves: stop that process, or start this one with another"
                + " RINGLEDGER_STREAM");
    }
}
