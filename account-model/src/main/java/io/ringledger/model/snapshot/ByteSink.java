package io.ringledger.model.snapshot;

/** Where the bytes of a snapshot go. One thread at a time. */
@FunctionalInterface
public interface ByteSink {
    /**
     * Takes the next bytes; the array is the caller's again afterwards.
     *
     * @throws RuntimeException if they cannot be taken; it goes through to who writes the snapshot
     */
    void write(byte[] bytes, int offset, int length);
}
