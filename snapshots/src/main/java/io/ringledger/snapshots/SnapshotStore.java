package io.ringledger.snapshots;

import io.ringledger.model.snapshot.ByteSink;
import io.ringledger.model.snapshot.ByteSource;

import java.util.List;

/**
 * Keeps snapshots by name. What is listed was written whole: a writer that dies, or a disk that is
 * full, leaves nothing that is. What became of it afterwards, only its checksums tell. Every method
 * blocks and throws {@link SnapshotStoreException}. Thread-safe.
 */
public interface SnapshotStore extends AutoCloseable {
    /** Writes what a snapshot is made of; returns the number of bytes. */
    @FunctionalInterface
    interface Content {
        /** Called once, by the thread that writes. */
        long writeTo(ByteSink sink);
    }

    /** A snapshot that is being read; close it. Not thread-safe. */
    interface Reading extends ByteSource, AutoCloseable {
        @Override
        void close();
    }

    /** The snapshots of a partition, newest first. */
    List<SnapshotName> list(int partition);

    /**
     * Begins to read a snapshot.
     *
     * @throws SnapshotStoreException with {@link SnapshotStoreException#isMissing} if it has gone
     */
    Reading open(SnapshotName name);

    /**
     * Writes a snapshot under a temporary name, and only then makes it visible; one of the same
     * name is replaced.
     *
     * @return the number of bytes
     */
    long write(SnapshotName name, Content content);

    /** Removes a snapshot; one that is not there is no error. */
    void delete(SnapshotName name);

    /** Removes what writers that died have left under temporary names long ago. */
    void deleteLeftovers();

    @Override
    void close();
}
