package io.ringledger.model.frame;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;

import io.ringledger.model.frame.FrameException.Reason;

import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * Reads the records of a stream as frames: {@link #open} one, look at its header, then {@link
 * #readEvents} or not. Nothing of a record is believed before its checksum holds. Whether it
 * follows the frame before it is a matter of {@link FrameChain}. Holds native memory of zstd: close
 * it. Not thread-safe.
 */
public final class FrameReader implements AutoCloseable {
    private static final VarHandle INTS =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle SHORTS =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /** A time delta, of 32 bits, is added to it. */
    private static final long MAX_BASE_TIME_MS = Long.MAX_VALUE - 0xFFFF_FFFFL;

    private final ZstdDecompressCtx zstd = new ZstdDecompressCtx();
    private final CRC32C checksum = new CRC32C();
    private final EventReader events = new EventReader();
    private byte @Nullable [] record;
    private @Nullable FrameHeader header;
    private byte @Nullable [] hash;
    private byte @Nullable [] unpacked;

    /**
     * Takes in a record.
     *
     * @throws FrameException if it is not a whole frame of a known version
     */
    public FrameHeader open(final byte[] record) {
        this.record = null;
        header = null;
        hash = null;
        unpacked = null;
        requireFrame(record);
        final int payloadLength = (int) INTS.get(record, FrameFormat.PAYLOAD_LENGTH);
        final int end = FrameFormat.PAYLOAD + payloadLength;
        if (payloadLength < 1 || end + FrameFormat.CHECKSUM_LENGTH != record.length) {
            throw new FrameException(
                    Reason.DAMAGED,
                    "record has another length: payloadLength=" + payloadLength + ", recordLength="
                            + record.length);
        }
        checksum.reset();
        checksum.update(record, 0, end);
        final int expected = (int) INTS.get(record, end);
        if ((int) checksum.getValue() != expected) {
            throw new FrameException(
                    Reason.DAMAGED,
                    "checksum differs: computed=" + Integer.toHexString((int) checksum.getValue())
                            + ", recorded=" + Integer.toHexString(expected));
        }
        final FrameHeader opened = new FrameHeader(
                (short) SHORTS.get(record, FrameFormat.PARTITIONS) & 0xFFFF,
                (int) INTS.get(record, FrameFormat.PARTITION),
                (long) LONGS.get(record, FrameFormat.EPOCH),
                (long) LONGS.get(record, FrameFormat.FRAME_NUMBER),
                (long) LONGS.get(record, FrameFormat.FIRST_SEQUENCE),
                (int) INTS.get(record, FrameFormat.EVENT_COUNT),
                (long) LONGS.get(record, FrameFormat.BASE_TIME),
                (int) INTS.get(record, FrameFormat.EVENT_LENGTH),
                record.length);
        requireSane(opened);
        this.record = record;
        header = opened;
        return opened;
    }

    /** Header of the open frame. */
    public FrameHeader header() {
        return openHeader();
    }

    /**
     * Does now, and perhaps on another thread than the one that uses the frame afterwards, what
     * {@link #hash} and {@link #readEvents} would have to do. If the events do not unpack, {@link
     * #readEvents} says so.
     */
    public void prepare() {
        hash = FrameFormat.hashOf(openRecord());
        try {
            unpacked = unpack();
        } catch (final FrameException e) {
            // Whoever drops this frame never looks at its events.
            unpacked = null;
        }
    }

    /** SHA-256 of the open record: what the next frame must name. */
    public byte[] hash() {
        if (hash == null) {
            hash = FrameFormat.hashOf(openRecord());
        }
        return hash.clone();
    }

    /** The hash that the open frame names as the one before it. */
    public byte[] previousHash() {
        return Arrays.copyOfRange(openRecord(), FrameFormat.PREVIOUS_HASH, FrameFormat.PAYLOAD);
    }

    /**
     * Hands every event of the open frame to the handler, in order.
     *
     * @throws FrameException if the events are not what the header says
     */
    public void readEvents(final EventHandler handler) {
        final UnsafeBuffer buffer = new UnsafeBuffer(unpacked == null ? unpack() : unpacked);
        final FrameHeader opened = openHeader();
        int offset = 0;
        for (int i = 0; i < opened.eventCount(); i++) {
            final long sequence = opened.firstSequence() + i;
            offset = events.read(buffer, offset, sequence, opened.baseTimeMs(), handler);
        }
        if (offset != opened.eventLength()) {
            throw new FrameException(
                    Reason.DAMAGED,
                    "events end elsewhere: offset=" + offset + ", eventLength="
                            + opened.eventLength());
        }
        handler.onFrameEnd();
    }

    @Override
    public void close() {
        zstd.close();
    }

    /** The bytes of the events of the open frame, as the writer had them. */
    byte[] unpack() {
        final byte[] opened = openRecord();
        final int eventLength = openHeader().eventLength();
        final int payloadEnd = opened.length - FrameFormat.CHECKSUM_LENGTH;
        final byte[] payload = Arrays.copyOfRange(opened, FrameFormat.PAYLOAD, payloadEnd);
        if (opened[FrameFormat.CODEC] == FrameFormat.CODEC_NONE) {
            return requireLength(payload, eventLength);
        }
        try {
            return requireLength(zstd.decompress(payload, eventLength), eventLength);
        } catch (final ZstdException e) {
            throw new FrameException(
                    Reason.DAMAGED, "events do not unpack: eventLength=" + eventLength, e);
        }
    }

    private static byte[] requireLength(final byte[] unpacked, final int eventLength) {
        if (unpacked.length != eventLength) {
            throw new FrameException(
                    Reason.DAMAGED,
                    "events have another length: length=" + unpacked.length + ", eventLength="
                            + eventLength);
        }
        return unpacked;
    }

    private static void requireFrame(final byte[] record) {
        if (record.length < FrameFormat.OVERHEAD
                || (int) INTS.get(record, FrameFormat.MAGIC) != FrameFormat.MAGIC_VALUE) {
            throw new FrameException(
                    Reason.FOREIGN, "not a Ringledger frame: recordLength=" + record.length);
        }
        final int version = record[FrameFormat.VERSION];
        final int codec = record[FrameFormat.CODEC];
        if (version != FrameFormat.VERSION_VALUE
                || codec < FrameFormat.CODEC_NONE
                || codec > FrameFormat.CODEC_ZSTD) {
            throw new FrameException(
                    Reason.UNKNOWN_VERSION,
                    "frame of an unknown format: version=" + version + ", known="
                            + FrameFormat.VERSION_VALUE + ", codec=" + codec);
        }
    }

    private static void requireSane(final FrameHeader opened) {
        final boolean isSane = opened.partition() >= 0
                && opened.partition() < opened.partitions()
                && opened.epoch() >= 0
                && opened.frameNumber() >= 1
                && opened.firstSequence() >= 1
                && opened.eventCount() >= 1
                && opened.lastSequence() >= opened.firstSequence()
                && opened.baseTimeMs() >= 0
                && opened.baseTimeMs() <= MAX_BASE_TIME_MS
                && opened.eventLength() >= 1
                && opened.eventLength() <= FrameFormat.MAX_EVENT_BYTES;
        if (!isSane) {
            throw new FrameException(Reason.DAMAGED, "impossible header: " + opened);
        }
    }

    private byte[] openRecord() {
        if (record == null) {
            throw new IllegalStateException("no frame is open");
        }
        return record;
    }

    private FrameHeader openHeader() {
        if (header == null) {
            throw new IllegalStateException("no frame is open");
        }
        return header;
    }
}
