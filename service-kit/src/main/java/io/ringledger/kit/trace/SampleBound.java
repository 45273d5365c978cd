package io.ringledger.kit.trace;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** At most so many in each second of a monotonic clock. Thread-safe, never waits. */
final class SampleBound {
    private static final int COUNT_BITS = 20;
    private static final long COUNT_MASK = (1L << COUNT_BITS) - 1;
    private static final long SECOND_MASK = -1L >>> COUNT_BITS;

    private final int perSecond;
    private final LongSupplier nanoTime;

    /** The second, and how many it has had. */
    private final AtomicLong taken = new AtomicLong();

    SampleBound(final int perSecond, final LongSupplier nanoTime) {
        if (perSecond < 1 || perSecond > COUNT_MASK) {
            throw new IllegalArgumentException("bound out of range: perSecond=" + perSecond);
        }
        this.perSecond = perSecond;
        this.nanoTime = nanoTime;
    }

    /** True if this second still has one. */
    boolean tryTake() {
        final long second = TimeUnit.NANOSECONDS.toSeconds(nanoTime.getAsLong()) & SECOND_MASK;
        while (true) {
            final long before = taken.get();
            final long count = before >>> COUNT_BITS == second ? before & COUNT_MASK : 0;
            if (count >= perSecond) {
                return false;
            }
            if (taken.compareAndSet(before, second << COUNT_BITS | (count + 1))) {
                return true;
            }
        }
    }
}
