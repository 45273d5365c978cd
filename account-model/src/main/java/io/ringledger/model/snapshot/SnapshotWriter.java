package io.ringledger.model.snapshot;

import io.ringledger.model.AccountModel;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/** Writes snapshots. Stateless and thread-safe; the model is only read, by the calling thread. */
public final class SnapshotWriter {
    private static final VarHandle INTS =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle SHORTS =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private SnapshotWriter() {}

    /**
     * Writes the state of a model.
     *
     * @param header made from this model, with no event since
     * @return the bytes written
     * @throws RuntimeException what the sink throws
     */
    public static long write(
            final SnapshotHeader header, final AccountModel model, final ByteSink sink) {
        if (model.lastSequence() != header.sequence()) {
            throw new IllegalArgumentException("model has moved on: header at " + header.sequence()
                    + ", model at " + model.lastSequence());
        }
        try (StateOutput output = new StateOutput(sink)) {
            output.writeHeader(encode(header));
            model.writeState(output);
            return output.end();
        }
    }

    private static byte[] encode(final SnapshotHeader header) {
        final byte[] shardId = header.shardId().getBytes(StandardCharsets.US_ASCII);
        final byte[] name = header.recordSequenceNumber().getBytes(StandardCharsets.US_ASCII);
        final int end = SnapshotFormat.TEXTS + shardId.length + name.length;
        final byte[] bytes = new byte[end + SnapshotFormat.CHECKSUM_LENGTH];
        INTS.set(bytes, SnapshotFormat.MAGIC, SnapshotFormat.MAGIC_VALUE);
        bytes[SnapshotFormat.VERSION] = SnapshotFormat.VERSION_VALUE;
        INTS.set(bytes, SnapshotFormat.HEADER_LENGTH, bytes.length);
        INTS.set(bytes, SnapshotFormat.PARTITION, header.partition());
        INTS.set(bytes, SnapshotFormat.PARTITIONS, header.partitions());
        LONGS.set(bytes, SnapshotFormat.WINDOW, header.idempotencyWindowMs());
        LONGS.set(bytes, SnapshotFormat.FRAME_NUMBER, header.frameNumber());
        LONGS.set(bytes, SnapshotFormat.SEQUENCE, header.sequence());
        LONGS.set(bytes, SnapshotFormat.EPOCH, header.epoch());
        LONGS.set(bytes, SnapshotFormat.LAST_TIME, header.lastTimeMs());
        putHash(header.frameHash(), bytes, SnapshotFormat.FRAME_HASH);
        putHash(header.stateHash(), bytes, SnapshotFormat.STATE_HASH);
        LONGS.set(bytes, SnapshotFormat.ACCOUNTS, (long) header.accounts());
        LONGS.set(bytes, SnapshotFormat.KEYS, (long) header.keys());
        SHORTS.set(bytes, SnapshotFormat.SHARD_LENGTH, (short) shardId.length);
        SHORTS.set(bytes, SnapshotFormat.NAME_LENGTH, (short) name.length);
        System.arraycopy(shardId, 0, bytes, SnapshotFormat.TEXTS, shardId.length);
        System.arraycopy(name, 0, bytes, SnapshotFormat.TEXTS + shardId.length, name.length);
        final CRC32C checksum = new CRC32C();
        checksum.update(bytes, 0, end);
        INTS.set(bytes, end, (int) checksum.getValue());
        return bytes;
    }

    private static void putHash(final String hex, final byte[] bytes, final int offset) {
        System.arraycopy(
                HexFormat.of().parseHex(hex), 0, bytes, offset, SnapshotFormat.HASH_LENGTH);
    }
}
