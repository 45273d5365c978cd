package io.ringledger.model.snapshot;

/** Where the bytes of a snapshot come from. One thread at a time. */
@FunctionalInterface
public interface ByteSource {
    /**
     * Gives the next bytes, at least one.
     *
     * @return how many, or -1 at the end
     * @throws RuntimeException if they cannot be had; it goes through to who reads the snapshot
     */
    int read(byte[] bytes, int offset, int length);
}
