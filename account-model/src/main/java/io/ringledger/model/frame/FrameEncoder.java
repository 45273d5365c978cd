package io.ringledger.model.frame;

import com.github.luben.zstd.ZstdCompressCtx;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * Turns a batch of events into the record of a frame. Holds native memory of zstd: close it. Not
 * thread-safe.
 */
public final class FrameEncoder implements AutoCloseable {
    private static final int ZSTD_LEVEL = 3;

    private static final VarHandle INTS =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle SHORTS =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final ZstdCompressCtx zstd = new ZstdCompressCtx().setLevel(ZSTD_LEVEL);
    private final CRC32C checksum = new CRC32C();
    private final int partition;
    private final int partitions;
    private byte[] events = new byte[0];

    /** An encoder for the frames of one partition. */
    public FrameEncoder(final int partition, final int partitions) {
        if (partition < 0 || partition >= partitions || partitions > 0xFFFF) {
            throw new IllegalArgumentException("partition out of range: partition=" + partition
                    + ", partitions=" + partitions);
        }
        this.partition = partition;
        this.partitions = partitions;
    }

    /** The record of a frame; a new array, which never changes and is resent as it is. */
    public byte[] encode(
            final EventBatch batch,
            final long epoch,
            final long frameNumber,
            final byte[] previousHash) {
        final int eventLength = batch.length();
        if (batch.eventCount() < 1 || frameNumber < 1 || previousHash.length != 32) {
            throw new IllegalArgumentException("not a frame: eventCount=" + batch.eventCount()
                    + ", frameNumber=" + frameNumber + ", hashLength=" + previousHash.length);
        }
        if (events.length < eventLength) {
            events = new byte[Math.max(eventLength, 2 * events.length)];
        }
        batch.buffer().getBytes(0, events, 0, eventLength);
        final byte[] packed = zstd.compress(Arrays.copyOf(events, eventLength));
        final boolean isPacked = packed.length < eventLength;
        final int payloadLength = isPacked ? packed.length : eventLength;

        final byte[] record = new byte[FrameFormat.OVERHEAD + payloadLength];
        INTS.set(record, FrameFormat.MAGIC, FrameFormat.MAGIC_VALUE);
        record[FrameFormat.VERSION] = FrameFormat.VERSION_VALUE;
        record[FrameFormat.CODEC] =
                (byte) (isPacked ? FrameFormat.CODEC_ZSTD : FrameFormat.CODEC_NONE);
        SHORTS.set(record, FrameFormat.PARTITIONS, (short) partitions);
        INTS.set(record, FrameFormat.PARTITION, partition);
        INTS.set(record, FrameFormat.EVENT_COUNT, batch.eventCount());
        LONGS.set(record, FrameFormat.EPOCH, epoch);
        LONGS.set(record, FrameFormat.FRAME_NUMBER, frameNumber);
        LONGS.set(record, FrameFormat.FIRST_SEQUENCE, batch.firstSequence());
        LONGS.set(record, FrameFormat.BASE_TIME, batch.baseTimeMs());
        INTS.set(record, FrameFormat.EVENT_LENGTH, eventLength);
        INTS.set(record, FrameFormat.PAYLOAD_LENGTH, payloadLength);
        System.arraycopy(previousHash, 0, record, FrameFormat.PREVIOUS_HASH, previousHash.length);
        System.arraycopy(isPacked ? packed : events, 0, record, FrameFormat.PAYLOAD, payloadLength);

        final int end = FrameFormat.PAYLOAD + payloadLength;
        checksum.reset();
        checksum.update(record, 0, end);
        INTS.set(record, end, (int) checksum.getValue());
        return record;
    }

    @Override
    public void close() {
        zstd.close();
    }
}
