package io.ringledger.ledger;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The time of day, without its jumps: a clock that is set forward by more than a minute would make
 * idempotency keys expire that should not, for ever, since ledger time never goes back. Such a jump
 * is not followed while the process runs. Used by one thread.
 */
final class SteadyClock implements LongSupplier {
    private static final Logger LOG = LoggerFactory.getLogger(SteadyClock.class);

    /** What slewing and a late start of NTP may correct; more is a clock that was set. */
    private static final long MAX_JUMP_MS = 60_000;

    private final LongSupplier epochMs;
    private final LongSupplier nanoTime;
    private long lastMs;
    private long lastNs;
    private long offsetMs;

    SteadyClock(final LongSupplier epochMs, final LongSupplier nanoTime) {
        this(epochMs, nanoTime, epochMs.getAsLong());
    }

    /** One that goes on from another's time. */
    SteadyClock(final LongSupplier epochMs, final LongSupplier nanoTime, final long nowMs) {
        this.epochMs = epochMs;
        this.nanoTime = nanoTime;
        lastMs = nowMs;
        lastNs = nanoTime.getAsLong();
    }

    @Override
    public long getAsLong() {
        final long nowNs = nanoTime.getAsLong();
        final long expectedMs = lastMs + TimeUnit.NANOSECONDS.toMillis(nowNs - lastNs);
        long nowMs = epochMs.getAsLong() + offsetMs;
        if (Math.abs(nowMs - expectedMs) > MAX_JUMP_MS) {
            LOG.error(
                    "the clock was set by {} ms: not followed until the next start",
                    nowMs - expectedMs);
            offsetMs += expectedMs - nowMs;
            nowMs = expectedMs;
        }
        lastMs = nowMs;
        lastNs = nowNs;
        return nowMs;
    }
}
