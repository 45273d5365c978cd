package io.ringledger.kit.log;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/** How many lines may be written in a second of the monotonic clock. Thread-safe, never waits. */
final class LineBudget {
    private static final int COUNT_BITS = 20;
    private static final long COUNT_MASK = (1L << COUNT_BITS) - 1;

    private static final long SECOND_MASK = -1L >>> COUNT_BITS;

    /** More would not fit beside the second. */
    static final int MAX_LINES = (int) COUNT_MASK;

    private final int perSecond;
    private final LongSupplier nanoTime;

    /** The second, and how many of its lines were written. */
    private final AtomicLong used;

    private final LongAdder leftOut = new LongAdder();

    LineBudget(final int perSecond, final LongSupplier nanoTime) {
        if (perSecond < 0 || perSecond > MAX_LINES) {
            throw new IllegalArgumentException("invalid number of lines: perSecond=" + perSecond);
        }
        this.perSecond = perSecond;
        this.nanoTime = nanoTime;
        used = new AtomicLong(second() << COUNT_BITS);
    }

    /** True if a line may be written now; else it is counted as left out. */
    boolean tryTake() {
        final long second = second();
        while (true) {
            final long before = used.get();
            final long count = before >>> COUNT_BITS == second ? before & COUNT_MASK : 0;
            if (count >= perSecond) {
                leftOut.increment();
                return false;
            }
            if (used.compareAndSet(before, second << COUNT_BITS | (count + 1))) {
                return true;
            }
        }
    }

    /** How many lines were left out since this was asked before. */
    long takeLeftOut() {
        return leftOut.sumThenReset();
    }

    /** Its lower bits: enough to tell one second from the next. */
    private long second() {
        return TimeUnit.NANOSECONDS.toSeconds(nanoTime.getAsLong()) & SECOND_MASK;
    }
}
