package io.ringledger.model.snapshot;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;

import io.ringledger.model.snapshot.SnapshotException.Reason;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/**
 * Reads the rows of a snapshot back. Nothing of a block is believed before its checksum holds, and
 * nothing is read past the end of a block; memory is one block, whatever the file claims. Holds
 * native memory of zstd: close it. Not thread-safe. Every method throws {@link SnapshotException}.
 */
public final class StateInput implements AutoCloseable {
    private static final VarHandle INTS =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int MAX_PACKED = (int) Zstd.compressBound(SnapshotFormat.MAX_BLOCK_BYTES);

    private final ByteSource source;
    private final SnapshotHeader header;
    private final ZstdDecompressCtx zstd = new ZstdDecompressCtx();
    private final MessageDigest digest;
    private final CRC32C checksum = new CRC32C();
    private final byte[] block =
            new byte[SnapshotFormat.BLOCK_HEAD + MAX_PACKED + SnapshotFormat.CHECKSUM_LENGTH];
    private final byte[] rows = new byte[SnapshotFormat.MAX_BLOCK_BYTES];
    private int position;
    private int length;
    private boolean ended;

    StateInput(final ByteSource source, final SnapshotHeader header, final MessageDigest digest) {
        this.source = source;
        this.header = header;
        this.digest = digest;
    }

    /** What the snapshot says of itself. */
    public SnapshotHeader header() {
        return header;
    }

    /** Starts a row; it lies in one block. */
    public void row() {
        if (position == length) {
            readBlock();
            if (ended) {
                throw damaged("state ends before its last row", 0);
            }
        }
    }

    /** One byte, 0 to 255. */
    public int getByte() {
        require(1);
        return rows[position++] & 0xFF;
    }

    /** Eight bytes. */
    public long getLong() {
        require(Long.BYTES);
        final long value = (long) LONGS.get(rows, position);
        position += Long.BYTES;
        return value;
    }

    /** So many bytes into an array that has room for them. */
    public void getBytes(final byte[] into, final int count) {
        if (count > into.length) {
            throw damaged("text too long", count);
        }
        require(count);
        System.arraycopy(rows, position, into, 0, count);
        position += count;
    }

    /** A number of one to ten bytes. */
    public long getNumber() {
        long value = 0;
        int shift = 0;
        while (true) {
            final int part = getByte();
            value |= (part & 0x7FL) << shift;
            if ((part & 0x80) == 0) {
                return value;
            }
            shift += 7;
            if (shift > 63) {
                throw damaged("number too long", shift);
            }
        }
    }

    /** A number that may not be negative. */
    public long getCount() {
        final long value = getNumber();
        if (value < 0) {
            throw damaged("number out of range", value);
        }
        return value;
    }

    /** A number that may be negative. */
    public long getSigned() {
        final long value = getNumber();
        return value >>> 1 ^ -(value & 1);
    }

    /** Passes over all rows; their blocks are checked. */
    void skipRows() {
        while (!ended) {
            readBlock();
        }
        position = length;
    }

    /** Everything is read: nothing is left, and the hash of the whole holds. */
    void end() {
        if (position == length) {
            readBlock();
        }
        if (!ended) {
            throw damaged("rows after the last one", length - position);
        }
        final byte[] computed = digest.digest();
        final byte[] recorded = new byte[computed.length];
        readFully(source, recorded, 0, recorded.length);
        if (!Arrays.equals(computed, recorded)) {
            throw new SnapshotException(
                    Reason.DAMAGED,
                    "SHA-256 differs: computed=" + HexFormat.of().formatHex(computed)
                            + ", recorded=" + HexFormat.of().formatHex(recorded));
        }
        if (source.read(recorded, 0, 1) > 0) {
            throw damaged("bytes after the end", 1);
        }
    }

    @Override
    public void close() {
        zstd.close();
    }

    private void readBlock() {
        if (ended) {
            return;
        }
        take(0, Integer.BYTES);
        final int rawLength = (int) INTS.get(block, 0);
        if (rawLength == 0) {
            ended = true;
            return;
        }
        take(Integer.BYTES, Integer.BYTES);
        final int packedLength = (int) INTS.get(block, Integer.BYTES);
        if (rawLength < 0 || rawLength > rows.length) {
            throw damaged("impossible length of a block", rawLength);
        }
        if (packedLength < 1 || packedLength > MAX_PACKED) {
            throw damaged("impossible packed length of a block", packedLength);
        }
        final int head = SnapshotFormat.BLOCK_HEAD;
        take(head, packedLength + SnapshotFormat.CHECKSUM_LENGTH);
        checksum.reset();
        checksum.update(block, 0, head + packedLength);
        final int recorded = (int) INTS.get(block, head + packedLength);
        if ((int) checksum.getValue() != recorded) {
            throw new SnapshotException(
                    Reason.DAMAGED,
                    "checksum of a block differs: computed="
                            + Integer.toHexString((int) checksum.getValue()) + ", recorded="
                            + Integer.toHexString(recorded));
        }
        final int unpacked;
        try {
            unpacked = zstd.decompressByteArray(rows, 0, rawLength, block, head, packedLength);
        } catch (final ZstdException e) {
            throw new SnapshotException(
                    Reason.DAMAGED, "block does not unpack: rawLength=" + rawLength, e);
        }
        if (unpacked != rawLength) {
            throw damaged("block unpacks to another length", unpacked);
        }
        position = 0;
        length = rawLength;
    }

    private void take(final int offset, final int count) {
        readFully(source, block, offset, count);
        digest.update(block, offset, count);
    }

    private void require(final int count) {
        if (count > length - position) {
            throw damaged("row runs past its block", count);
        }
    }

    static void readFully(
            final ByteSource source, final byte[] into, final int offset, final int count) {
        int at = offset;
        final int end = offset + count;
        while (at < end) {
            final int read = source.read(into, at, end - at);
            if (read < 1) {
                throw new SnapshotException(
                        Reason.TORN, "snapshot ends early: " + (end - at) + " bytes are missing");
            }
            at += read;
        }
    }

    private static SnapshotException damaged(final String what, final long value) {
        return new SnapshotException(Reason.DAMAGED, what + ": " + value);
    }
}
