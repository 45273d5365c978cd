package io.ringledger.model.frame;

import org.agrona.concurrent.UnsafeBuffer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The events of one frame while it grows: SBE messages one after another, uncompressed. Allocated
 * once and reused; not thread-safe, handed over as a whole.
 */
public final class EventBatch {
    /** No event is longer; {@link #hasRoomFor} keeps that much free. */
    public static final int MAX_EVENT_LENGTH = 1280;

    /** A time delta is an unsigned 32-bit number, the highest one stands for none in SBE. */
    private static final long MAX_TIME_DELTA_MS = 0xFFFF_FFFEL;

    private final UnsafeBuffer buffer;
    private int length;
    private int eventCount;
    private long firstSequence;
    private long baseTimeMs;

    /** A batch of at most so many bytes of events. */
    public EventBatch(final int capacityBytes) {
        if (capacityBytes < MAX_EVENT_LENGTH || capacityBytes > FrameFormat.MAX_EVENT_BYTES) {
            throw new IllegalArgumentException("capacity out of range: capacityBytes="
                    + capacityBytes + ", min=" + MAX_EVENT_LENGTH + ", max="
                    + FrameFormat.MAX_EVENT_BYTES);
        }
        buffer = new UnsafeBuffer(
                ByteBuffer.allocateDirect(capacityBytes).order(ByteOrder.LITTLE_ENDIAN));
    }

    /** Empties the batch. */
    public void clear() {
        length = 0;
        eventCount = 0;
        firstSequence = 0;
        baseTimeMs = 0;
    }

    /** False: send the frame first. */
    public boolean hasRoomFor(final long timeMs) {
        return buffer.capacity() - length >= MAX_EVENT_LENGTH
                && (eventCount == 0 || timeMs - baseTimeMs <= MAX_TIME_DELTA_MS);
    }

    /** Prepares for an event; returns its time as a delta to the base time, in milliseconds. */
    public long beginEvent(final long sequence, final long timeMs) {
        if (eventCount == 0) {
            firstSequence = sequence;
            baseTimeMs = timeMs;
        }
        final long delta = timeMs - baseTimeMs;
        if (sequence != firstSequence + eventCount || delta < 0 || delta > MAX_TIME_DELTA_MS) {
            throw new IllegalStateException("event out of order: sequence=" + sequence
                    + ", firstSequence=" + firstSequence + ", eventCount=" + eventCount
                    + ", timeMs=" + timeMs + ", baseTimeMs=" + baseTimeMs);
        }
        return delta;
    }

    /** Takes in the event that was written at {@link #length()}. */
    public void endEvent(final int eventLength) {
        if (eventLength < 1 || eventLength > MAX_EVENT_LENGTH) {
            throw new IllegalStateException("event length out of range: eventLength=" + eventLength
                    + ", max=" + MAX_EVENT_LENGTH);
        }
        length += eventLength;
        eventCount++;
    }

    /** Where the events are, up to {@link #length()}. */
    public UnsafeBuffer buffer() {
        return buffer;
    }

    /** Bytes of all events. */
    public int length() {
        return length;
    }

    /** Number of events. */
    public int eventCount() {
        return eventCount;
    }

    /** Sequence of the first event. */
    public long firstSequence() {
        return firstSequence;
    }

    /** Ledger time of the first event, in milliseconds since 1970 UTC. */
    public long baseTimeMs() {
        return baseTimeMs;
    }
}
