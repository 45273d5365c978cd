package io.ringledger.model.snapshot;

import com.github.luben.zstd.Zstd;

import io.ringledger.model.AccountModel;
import io.ringledger.model.ModelContext;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import java.util.zip.CRC32C;

/** Snapshots in memory, and forged ones. */
public final class Snapshots {
    private Snapshots() {}

    /** The bytes of a snapshot. */
    public static byte[] write(final SnapshotHeader header, final AccountModel model) {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        final long length = SnapshotWriter.write(header, model, out::write);
        if (length != out.size()) {
            throw new AssertionError("says " + length + " bytes, wrote " + out.size());
        }
        return out.toByteArray();
    }

    /** The state in them. */
    public static AccountModel read(
            final byte[] snapshot,
            final int partition,
            final int partitions,
            final ModelContext context) {
        return SnapshotReader.open(source(snapshot)).readModel(partition, partitions, context);
    }

    /** What they say of themselves. */
    public static SnapshotHeader header(final byte[] snapshot) {
        return SnapshotReader.open(source(snapshot)).header();
    }

    /** Number of their blocks. */
    public static int blocks(final byte[] snapshot) {
        final ByteBuffer in = ByteBuffer.wrap(snapshot).order(ByteOrder.LITTLE_ENDIAN);
        int at = in.getInt(SnapshotFormat.HEADER_LENGTH);
        int count = 0;
        while (in.getInt(at) != 0) {
            at += SnapshotFormat.BLOCK_HEAD + in.getInt(at + 4) + SnapshotFormat.CHECKSUM_LENGTH;
            count++;
        }
        return count;
    }

    /** The rows of the only block. */
    static byte[] rows(final byte[] snapshot) {
        final byte[][] seen = new byte[1][];
        withRows(snapshot, rows -> {
            seen[0] = rows.clone();
            return rows;
        });
        return seen[0];
    }

    static ByteSource source(final byte[] bytes) {
        final ByteArrayInputStream in = new ByteArrayInputStream(bytes);
        // In pieces, as a network gives them.
        return (into, offset, length) -> in.read(into, offset, Math.min(length, 1000));
    }

    /** A snapshot whose only block has other rows and whose checksums hold again. */
    static byte[] withRows(final byte[] snapshot, final UnaryOperator<byte[]> change) {
        final ByteBuffer in = ByteBuffer.wrap(snapshot).order(ByteOrder.LITTLE_ENDIAN);
        final int head = in.getInt(SnapshotFormat.HEADER_LENGTH);
        final int rawLength = in.getInt(head);
        final int packedLength = in.getInt(head + 4);
        final int from = head + SnapshotFormat.BLOCK_HEAD;
        final byte[] rows =
                Zstd.decompress(Arrays.copyOfRange(snapshot, from, from + packedLength), rawLength);
        final byte[] changed = change.apply(rows);
        final byte[] packed = Zstd.compress(changed, 1);
        final byte[] bytes = new byte[from + packed.length + 4 + 4 + 32];
        System.arraycopy(snapshot, 0, bytes, 0, head);
        final ByteBuffer out = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(head, changed.length).putInt(head + 4, packed.length);
        out.put(from, packed);
        out.putInt(from + packed.length, crc(bytes, head, from + packed.length));
        return withHash(bytes);
    }

    /** A snapshot with a changed header whose checksums hold again. */
    static byte[] withHeader(
            final byte[] snapshot, final java.util.function.Consumer<ByteBuffer> change) {
        final byte[] bytes = snapshot.clone();
        final ByteBuffer out = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        change.accept(out);
        final int end = out.getInt(SnapshotFormat.HEADER_LENGTH) - 4;
        if (end > 0 && end < bytes.length - 4) {
            out.putInt(end, crc(bytes, 0, end));
        }
        return withHash(bytes);
    }

    /** The SHA-256 at the end made right again. */
    static byte[] withHash(final byte[] bytes) {
        final MessageDigest digest = SnapshotFormat.sha256();
        digest.update(bytes, 0, bytes.length - 32);
        System.arraycopy(digest.digest(), 0, bytes, bytes.length - 32, 32);
        return bytes;
    }

    private static int crc(final byte[] bytes, final int from, final int to) {
        final CRC32C checksum = new CRC32C();
        checksum.update(bytes, from, to - from);
        return (int) checksum.getValue();
    }
}
