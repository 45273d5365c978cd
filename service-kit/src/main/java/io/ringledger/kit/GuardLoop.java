package io.ringledger.kit;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The connections of one event loop, looked at every tick for those that have had their time. Used
 * by its event loop only, but for the counter that all loops of a server share.
 */
final class GuardLoop {
    private static final int TICKS_A_LIMIT = 20;
    private static final int LINGER_MS = 2_000;

    /** Idle limits in which a client must take a whole backlog of answers. */
    static final int BACKLOG_LIMITS = 4;

    private final List<ConnectionGuard> guards = new ArrayList<>();
    private final AtomicInteger openConnections;
    private final Runnable onRequestTimeout;
    private final Runnable onIdleTimeout;
    private final Runnable onUnreadTimeout;
    private final int tickMs;
    private final int idleTicks;
    private final int requestTicks;
    private final int lingerTicks;

    GuardLoop(
            final HttpEdgeOptions options,
            final AtomicInteger openConnections,
            final Runnable onRequestTimeout,
            final Runnable onIdleTimeout,
            final Runnable onUnreadTimeout) {
        this.openConnections = openConnections;
        this.onRequestTimeout = onRequestTimeout;
        this.onIdleTimeout = onIdleTimeout;
        this.onUnreadTimeout = onUnreadTimeout;
        final int shortest = Math.min(options.idleTimeoutMs(), options.requestTimeoutMs());
        tickMs = Math.max(5, shortest / TICKS_A_LIMIT);
        idleTicks = ticks(options.idleTimeoutMs());
        requestTicks = ticks(options.requestTimeoutMs());
        lingerTicks = ticks(Math.min(LINGER_MS, options.requestTimeoutMs()));
    }

    /** Milliseconds between two calls of {@link #tick}. */
    int tickMs() {
        return tickMs;
    }

    /** Looks at every connection. */
    void tick() {
        for (int i = guards.size() - 1; i >= 0; i--) {
            // A guard may leave the list while it ticks; the last one then takes its place, and has
            // had its turn.
            if (i < guards.size()) {
                guards.get(i).tick();
            }
        }
    }

    void add(final ConnectionGuard guard) {
        guard.index = guards.size();
        guards.add(guard);
        openConnections.incrementAndGet();
    }

    void remove(final ConnectionGuard guard) {
        if (guard.index < 0) {
            return;
        }
        final ConnectionGuard last = guards.removeLast();
        if (last != guard) {
            guards.set(guard.index, last);
            last.index = guard.index;
        }
        guard.index = -1;
        openConnections.decrementAndGet();
    }

    int idleTicks() {
        return idleTicks;
    }

    int backlogTicks() {
        return BACKLOG_LIMITS * idleTicks;
    }

    int requestTicks() {
        return requestTicks;
    }

    int lingerTicks() {
        return lingerTicks;
    }

    void countRequestTimeout() {
        onRequestTimeout.run();
    }

    void countIdleTimeout() {
        onIdleTimeout.run();
    }

    void countUnreadTimeout() {
        onUnreadTimeout.run();
    }

    private int ticks(final int limitMs) {
        // One more than fits: the first tick may come at once.
        return (limitMs + tickMs - 1) / tickMs + 1;
    }
}
