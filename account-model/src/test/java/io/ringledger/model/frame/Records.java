package io.ringledger.model.frame;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/** Records of frames, changed by the tests. */
final class Records {
    private Records() {}

    /** The record with some bytes changed and a checksum that holds again. */
    static byte[] changed(final byte[] record, final Consumer<ByteBuffer> change) {
        final byte[] changed = record.clone();
        change.accept(ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN));
        return withChecksum(changed);
    }

    /** A record with the header of another one around these events. */
    static byte[] withPayload(
            final byte[] record, final int codec, final int eventLength, final byte[] payload) {
        final byte[] bytes = new byte[FrameFormat.OVERHEAD + payload.length];
        final ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        buffer.put(record, 0, FrameFormat.PAYLOAD).put(payload);
        buffer.put(FrameFormat.CODEC, (byte) codec);
        buffer.putInt(FrameFormat.EVENT_LENGTH, eventLength);
        buffer.putInt(FrameFormat.PAYLOAD_LENGTH, payload.length);
        return withChecksum(bytes);
    }

    static byte[] withChecksum(final byte[] record) {
        final CRC32C checksum = new CRC32C();
        final int end = record.length - FrameFormat.CHECKSUM_LENGTH;
        checksum.update(record, 0, end);
        ByteBuffer.wrap(record).order(ByteOrder.LITTLE_ENDIAN).putInt(end, (int)
                checksum.getValue());
        return record;
    }

    static int codec(final byte[] record) {
        return record[FrameFormat.CODEC];
    }
}
