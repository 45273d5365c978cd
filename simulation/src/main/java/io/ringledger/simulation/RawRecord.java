package io.ringledger.simulation;

import com.github.luben.zstd.Zstd;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.UUID;

/**
 * The oracle's own reader of what stands in the log, written from the description of the format and
 * sharing nothing with the readers under test.
 */
final class RawRecord {
    private static final int FRAME_HEAD = 88;
    private static final int CHECKSUM = 4;

    private final byte[] bytes;
    private final ByteBuffer buffer;

    RawRecord(final byte[] bytes) {
        this.bytes = bytes;
        buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    boolean isMarker() {
        return bytes[2] == 'M';
    }

    int partition() {
        return buffer.getInt(8);
    }

    long epoch() {
        return buffer.getLong(isMarker() ? 12 : 16);
    }

    long frameNumber() {
        return buffer.getLong(24);
    }

    long firstSequence() {
        return buffer.getLong(32);
    }

    int eventCount() {
        return buffer.getInt(12);
    }

    byte[] previousHash() {
        return Arrays.copyOfRange(bytes, 56, 88);
    }

    /** The events, one after another. */
    ByteBuffer events() {
        final byte[] payload = Arrays.copyOfRange(bytes, FRAME_HEAD, bytes.length - CHECKSUM);
        final byte[] unpacked =
                bytes[5] == 0 ? payload : Zstd.decompress(payload, buffer.getInt(48));
        return ByteBuffer.wrap(unpacked).order(ByteOrder.LITTLE_ENDIAN);
    }

    long baseTimeMs() {
        return buffer.getLong(40);
    }

    /** One event as it stands there, nothing judged; moves the buffer behind it. */
    static RawEvent readEvent(final ByteBuffer events, final long baseTimeMs) {
        final int start = events.position();
        final int block = start + 8;
        final int template = events.getShort(start + 2);
        final long timeMs = baseTimeMs + (events.getInt(block) & 0xFFFFFFFFL);
        final int number = events.getInt(block + 4);
        events.position(block + events.getShort(start));
        return switch (template) {
            case 1 -> {
                final String currency = currency(events, block + 13);
                final long limit = events.getLong(block + 16);
                final int world = events.getInt(block + 8);
                final boolean isWorldOpened = events.get(block + 12) == 1;
                final String key = key(events, events.get(block + 24));
                yield new RawEvent(
                        template,
                        timeMs,
                        number,
                        world,
                        isWorldOpened,
                        LogEvent.OPEN,
                        0,
                        currency,
                        limit,
                        0,
                        key,
                        shortText(events),
                        "");
            }
            case 2 -> {
                final int type = events.get(block + 12) == 1 ? LogEvent.CREDIT : LogEvent.WITHDRAW;
                final long amount = events.getLong(block + 13);
                final long balance = events.getLong(block + 21);
                final int world = events.getInt(block + 8);
                final String key = key(events, events.get(block + 29));
                yield new RawEvent(
                        template,
                        timeMs,
                        number,
                        world,
                        false,
                        type,
                        0,
                        "",
                        amount,
                        balance,
                        key,
                        "",
                        longText(events));
            }
            case 3 -> {
                final long limit = events.getLong(block + 8);
                final String key = key(events, events.get(block + 16));
                yield new RawEvent(
                        template,
                        timeMs,
                        number,
                        -1,
                        false,
                        LogEvent.LIMIT,
                        0,
                        "",
                        limit,
                        0,
                        key,
                        "",
                        "");
            }
            case 4 -> {
                final int type = events.get(block + 8);
                final int code = events.get(block + 9);
                final String currency = currency(events, block + 10);
                final long amount = events.getLong(block + 13);
                final String key = key(events, events.get(block + 21));
                final String accountId = shortText(events);
                yield new RawEvent(
                        template,
                        timeMs,
                        number,
                        -1,
                        false,
                        type,
                        code,
                        currency,
                        amount,
                        0,
                        key,
                        accountId,
                        longText(events));
            }
            default -> throw new IllegalStateException("unknown event: template=" + template);
        };
    }

    /** What stands in one event. */
    record RawEvent(
            int template,
            long timeMs,
            int number,
            int world,
            boolean isWorldOpened,
            int type,
            int code,
            String currency,
            long amount,
            long balance,
            String key,
            String accountId,
            String reference) {}

    private static String currency(final ByteBuffer events, final int at) {
        return events.get(at) == 0 ? "" : text(events, at, 3);
    }

    private static String key(final ByteBuffer events, final int format) {
        final int length = events.get() & 0xFF;
        final byte[] packed = new byte[length];
        events.get(packed);
        return switch (format) {
            case 0 -> new String(packed, StandardCharsets.US_ASCII);
            case 1 -> {
                final ByteBuffer halves = ByteBuffer.wrap(packed);
                yield new UUID(halves.getLong(), halves.getLong()).toString();
            }
            case 2 -> HexFormat.of().formatHex(packed);
            default -> throw new IllegalStateException("unknown key format: " + format);
        };
    }

    private static String shortText(final ByteBuffer events) {
        final int length = events.get() & 0xFF;
        final String text = text(events, events.position(), length);
        events.position(events.position() + length);
        return text;
    }

    private static String longText(final ByteBuffer events) {
        final int length = events.getShort() & 0xFFFF;
        final String text = text(events, events.position(), length);
        events.position(events.position() + length);
        return text;
    }

    private static String text(final ByteBuffer events, final int at, final int length) {
        final byte[] bytes = new byte[length];
        events.get(at, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
