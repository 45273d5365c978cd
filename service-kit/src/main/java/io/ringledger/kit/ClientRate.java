package io.ringledger.kit;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How fast one client may ask: a bucket that fills at a rate up to its size, kept as the one number
 * of the generic cell rate algorithm, the time at which everything that was asked will have been paid
 * for. Thread-safe, without a lock.
 *
 * <p>A request is let in if the bucket is not empty. What turns out to cost more, a batch, is charged
 * afterwards, and may leave a debt: the next request waits until it is paid.
 */
public final class ClientRate {
    private final long costNs;
    private final long sizeNs;
    private final AtomicLong paidAtNs;

    /**
     * A full bucket.
     *
     * @param perSecond how many requests it gains a second, at most 1,000,000,000
     * @param burst how many it holds
     * @param nowNs the time, as {@link System#nanoTime} has it
     */
    public ClientRate(final int perSecond, final int burst, final long nowNs) {
        if (perSecond < 1 || burst < 1) {
            throw new IllegalArgumentException(
                    "no rate: perSecond=" + perSecond + ", burst=" + burst);
        }
        costNs = TimeUnit.SECONDS.toNanos(1) / perSecond;
        sizeNs = (burst - 1) * costNs;
        paidAtNs = new AtomicLong(nowNs);
    }

    /** Takes one, or none if the bucket is empty. */
    public boolean tryTake(final long nowNs) {
        while (true) {
            final long paid = paidAtNs.get();
            final long aheadNs = Math.max(0, paid - nowNs);
            if (aheadNs > sizeNs) {
                return false;
            }
            if (paidAtNs.compareAndSet(paid, nowNs + aheadNs + costNs)) {
                return true;
            }
        }
    }

    /** Takes so many more, whether they are there or not. */
    public void charge(final int count, final long nowNs) {
        while (true) {
            final long paid = paidAtNs.get();
            final long aheadNs = Math.max(0, paid - nowNs);
            if (paidAtNs.compareAndSet(paid, nowNs + aheadNs + count * costNs)) {
                return;
            }
        }
    }

    /** After how many whole seconds one will be there again, at least 1. */
    public long retryAfterS(final long nowNs) {
        final long waitNs = paidAtNs.get() - nowNs - sizeNs;
        return Math.max(1, Math.ceilDiv(waitNs, TimeUnit.SECONDS.toNanos(1)));
    }

    /** True if the bucket is full: its client has been quiet. */
    public boolean isFull(final long nowNs) {
        return paidAtNs.get() - nowNs <= 0;
    }
}
