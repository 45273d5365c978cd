package io.ringledger.snapshots;

import java.io.Serial;

/** A store of snapshots could not do what it was asked: the disk is full, S3 is away. */
public final class SnapshotStoreException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final boolean missing;

    /** The message names the store and what was asked. */
    public SnapshotStoreException(final String message, final Throwable cause) {
        this(message, cause, false);
    }

    /** The same; {@code missing} if what was asked for is not there. */
    public SnapshotStoreException(
            final String message, final Throwable cause, final boolean missing) {
        super(message, cause);
        this.missing = missing;
    }

    /** True if what was asked for is not there, which trying again does not change. */
    public boolean isMissing() {
        return missing;
    }
}
