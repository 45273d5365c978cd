package io.ringledger.kit;

import io.ringledger.kit.ConnectionGuard.Standing;
import io.ringledger.kit.trace.TraceIds;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * The connections of one event loop, looked at every tick for those that have had their time. Used
 * by its event loop only, but for the counters that all loops of a server share.
 *
 * <p>When the server is full, it also says which connection makes room for a new one: of some that it
 * picks at random the one of least {@link Standing}, of those the one that has been still for longest.
 * Random, because an attacker decides in which order its connections come; some, because looking at
 * all would make an attack of connections one on the processor. A connection is only displaced for one
 * from an address that has no more than its own has: whoever holds the most gives way.
 */
final class GuardLoop {
    private static final int TICKS_A_LIMIT = 20;
    private static final int LINGER_MS = 2_000;

    /** Idle limits in which a client must take a whole backlog of answers. */
    static final int BACKLOG_LIMITS = 4;

    /** How many are looked at to find the one that makes room. */
    private static final int SAMPLE = 64;

    private final List<ConnectionGuard> guards = new ArrayList<>();
    private final TraceIds ids;
    private final OpenConnections openConnections;
    private final Runnable onRequestTimeout;
    private final Runnable onIdleTimeout;
    private final Runnable onUnreadTimeout;
    private final int tickMs;
    private final int idleTicks;
    private final int requestTicks;
    private final int lingerTicks;
    private final int maxPipelinedRequests;
    private long tickedNs = System.nanoTime();

    GuardLoop(
            final HttpEdgeOptions options,
            final TraceIds ids,
            final OpenConnections openConnections,
            final Runnable onRequestTimeout,
            final Runnable onIdleTimeout,
            final Runnable onUnreadTimeout) {
        this.ids = ids;
        this.openConnections = openConnections;
        this.onRequestTimeout = onRequestTimeout;
        this.onIdleTimeout = onIdleTimeout;
        this.onUnreadTimeout = onUnreadTimeout;
        maxPipelinedRequests = options.maxPipelinedRequests();
        final int shortest = Math.min(options.idleTimeoutMs(), options.requestTimeoutMs());
        tickMs = Math.max(5, shortest / TICKS_A_LIMIT);
        idleTicks = ticks(options.idleTimeoutMs());
        requestTicks = ticks(options.requestTimeoutMs());
        lingerTicks = ticks(Math.min(LINGER_MS, options.requestTimeoutMs()));
    }

    /** For answers that no request object has an id for. */
    TraceIds ids() {
        return ids;
    }

    /** Milliseconds between two calls of {@link #tick}. */
    int tickMs() {
        return tickMs;
    }

    /**
     * Looks at every connection. After a time in which the event loop stood still, the timer calls
     * as often as it would have: but then nobody was heard, so nobody was late. A loop that is so busy
     * that it comes round less often than once a tick counts less time than has passed.
     */
    void tick() {
        final long nowNs = System.nanoTime();
        if (nowNs - tickedNs < TimeUnit.MILLISECONDS.toNanos(tickMs) / 2) {
            return;
        }
        tickedNs = nowNs;
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
    }

    /**
     * The connection that makes room for a new one, or null if there is none.
     *
     * @param fromItsAddress how many connections are open from where the new one comes
     */
    @Nullable ConnectionGuard toDisplaceFor(final int fromItsAddress) {
        final boolean isAll = guards.size() <= SAMPLE;
        final int count = Math.min(SAMPLE, guards.size());
        final ThreadLocalRandom random = ThreadLocalRandom.current();
        ConnectionGuard first = null;
        for (int i = 0; i < count; i++) {
            final ConnectionGuard guard = guards.get(isAll ? i : random.nextInt(guards.size()));
            final Standing standing = guard.standing();
            // Whoever has been served gives way only to an address that has no more than its own;
            // the
            // others to anybody, or a crowd from many addresses would push out nobody but those
            // behind
            // the largest one.
            final boolean mayGo = standing.compareTo(Standing.PROVEN) < 0
                    || (standing == Standing.PROVEN && guard.source().open() >= fromItsAddress);
            if (mayGo && (first == null || isBefore(guard, first))) {
                first = guard;
            }
        }
        return first;
    }

    private static boolean isBefore(final ConnectionGuard one, final ConnectionGuard other) {
        final int order = one.standing().compareTo(other.standing());
        if (order != 0) {
            return order < 0;
        }
        final int longer = one.stillTicks() - other.stillTicks();
        return longer > 0
                || (longer == 0 && one.source().open() > other.source().open());
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
        openConnections.leave(guard.source());
    }

    int maxPipelinedRequests() {
        return maxPipelinedRequests;
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
