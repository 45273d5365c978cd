package io.ringledger.snapshots;

import java.io.IOException;
import java.io.InputStream;

/** A snapshot that comes out of a stream. */
final class StreamReading implements SnapshotStore.Reading {
    private final InputStream in;
    private final String what;

    StreamReading(final InputStream in, final String what) {
        this.in = in;
        this.what = what;
    }

    @Override
    public int read(final byte[] bytes, final int offset, final int length) {
        try {
            return in.read(bytes, offset, length);
        } catch (final IOException e) {
            throw new SnapshotStoreException("cannot be read: " + what + ": " + e, e);
        }
    }

    @Override
    public void close() {
        try {
            in.close();
        } catch (final IOException e) {
            throw new SnapshotStoreException("cannot be closed: " + what + ": " + e, e);
        }
    }
}
