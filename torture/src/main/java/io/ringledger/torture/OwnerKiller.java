package io.ringledger.torture;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Kills (SIGKILL) whoever owns partition 0, again and again. Thread-safe. */
final class OwnerKiller implements AutoCloseable {
    private static final int PARTITION = 0;
    private static final long LOOK_MS = 100;

    private final Children children;
    private final Owners owners;
    private final long everyNs;
    private final AtomicInteger kills = new AtomicInteger();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("owner-killer").factory());

    private volatile @Nullable RuntimeException failure;

    // Owned by the timer's thread.
    private long nextNs;

    OwnerKiller(final Children children, final Owners owners, final long everyMs) {
        this.children = children;
        this.owners = owners;
        everyNs = TimeUnit.MILLISECONDS.toNanos(everyMs);
    }

    void start() {
        nextNs = System.nanoTime() + everyNs;
        final ScheduledFuture<?> _ =
                timer.scheduleWithFixedDelay(this::look, LOOK_MS, LOOK_MS, TimeUnit.MILLISECONDS);
    }

    /**
     * How often it has killed.
     *
     * @throws IllegalStateException if it never could; the cause says why
     */
    int kills() {
        final RuntimeException cause = failure;
        if (kills.get() == 0 && cause != null) {
            throw new IllegalStateException("the owner killer never found an owner", cause);
        }
        return kills.get();
    }

    private void look() {
        try {
            killIfDue();
        } catch (final RuntimeException e) {
            // Before the lease table is there it cannot look. Thrown, it would end the timer
            // unheard.
            failure = e;
        }
    }

    /** When it is time, and as soon as somebody is the owner. */
    private void killIfDue() {
        if (System.nanoTime() - nextNs < 0) {
            return;
        }
        for (final Child child : children.of(Role.LEDGER)) {
            if (owners.ownedBy(child.pid()).contains(PARTITION) && child.kill()) {
                kills.incrementAndGet();
                nextNs = System.nanoTime() + everyNs;
                return;
            }
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
