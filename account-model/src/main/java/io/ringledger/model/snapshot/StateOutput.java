package io.ringledger.model.snapshot;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.zip.CRC32C;

/**
 * Writes rows of values as checked blocks; {@link SnapshotFormat} has the layout. Holds one block,
 * however large the state is, and native memory of zstd: close it. Not thread-safe.
 */
public final class StateOutput implements AutoCloseable {
    private static final VarHandle INTS =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /** Level 1, as for frames: the follower's time is worth more than a tenth of the bytes. */
    private static final int ZSTD_LEVEL = 1;

    private final ByteSink sink;
    private final ZstdCompressCtx zstd = new ZstdCompressCtx().setLevel(ZSTD_LEVEL);
    private final MessageDigest digest = SnapshotFormat.sha256();
    private final CRC32C checksum = new CRC32C();
    private final byte[] rows = new byte[SnapshotFormat.MAX_BLOCK_BYTES];
    private final byte[] block = new byte
            [SnapshotFormat.BLOCK_HEAD
                    + (int) Zstd.compressBound(SnapshotFormat.MAX_BLOCK_BYTES)
                    + SnapshotFormat.CHECKSUM_LENGTH];
    private int length;
    private long written;

    StateOutput(final ByteSink sink) {
        this.sink = sink;
    }

    /** Starts a row; what follows until the next one is at most 512 bytes. */
    public void row() {
        if (length + SnapshotFormat.MAX_ROW_BYTES > rows.length) {
            flushBlock();
        }
    }

    /** One byte; only the lowest eight bits count. */
    public void putByte(final int value) {
        rows[length++] = (byte) value;
    }

    /** Eight bytes. */
    public void putLong(final long value) {
        LONGS.set(rows, length, value);
        length += Long.BYTES;
    }

    /** The bytes without their length. */
    public void putBytes(final byte[] bytes, final int offset, final int count) {
        System.arraycopy(bytes, offset, rows, length, count);
        length += count;
    }

    /** A number of one to ten bytes; short for small ones, never for negative ones. */
    public void putNumber(final long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            rows[length++] = (byte) ((rest & 0x7F) | 0x80);
            rest >>>= 7;
        }
        rows[length++] = (byte) rest;
    }

    /** A number that is short if it is near zero. */
    public void putSigned(final long value) {
        putNumber(value << 1 ^ value >> 63);
    }

    @Override
    public void close() {
        zstd.close();
    }

    void writeHeader(final byte[] header) {
        write(header, header.length);
    }

    /** Ends the file; returns its length in bytes. */
    long end() {
        if (length > 0) {
            flushBlock();
        }
        INTS.set(block, 0, 0);
        write(block, Integer.BYTES);
        final byte[] hash = digest.digest();
        sink.write(hash, 0, hash.length);
        return written + hash.length;
    }

    private void flushBlock() {
        final int head = SnapshotFormat.BLOCK_HEAD;
        final int packed =
                zstd.compressByteArray(block, head, block.length - head, rows, 0, length);
        INTS.set(block, 0, length);
        INTS.set(block, Integer.BYTES, packed);
        checksum.reset();
        checksum.update(block, 0, head + packed);
        INTS.set(block, head + packed, (int) checksum.getValue());
        write(block, head + packed + SnapshotFormat.CHECKSUM_LENGTH);
        length = 0;
    }

    private void write(final byte[] bytes, final int count) {
        digest.update(bytes, 0, count);
        sink.write(bytes, 0, count);
        written += count;
    }
}
