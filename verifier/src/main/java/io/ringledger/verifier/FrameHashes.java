package io.ringledger.verifier;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** The beginning of the hash of each frame, by number: eight bytes a frame. Not thread-safe. */
final class FrameHashes {
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private long[] hashes = new long[1024];
    private long first;
    private int count;

    /** Adds the next frame. */
    void add(final long frameNumber, final byte[] hash) {
        if (count == 0) {
            first = frameNumber;
        }
        if (count == hashes.length) {
            hashes = Arrays.copyOf(hashes, count * 2);
        }
        hashes[count++] = (long) LONGS.get(hash, 0);
    }

    /** True if the frame was read here and had another hash. */
    boolean isOther(final long frameNumber, final byte[] hash) {
        final long index = frameNumber - first;
        return index >= 0 && index < count && hashes[(int) index] != (long) LONGS.get(hash, 0);
    }
}
