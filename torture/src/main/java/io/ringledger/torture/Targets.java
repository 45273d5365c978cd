package io.ringledger.torture;

import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Addresses of processes that can do the same, in turn, as a load balancer has them: one that is
 * removed gets no new request, those that it has go on. Thread-safe.
 */
final class Targets {
    // Guarded by this.
    private final List<URI> inTurn = new ArrayList<>();
    private final Map<URI, Integer> inFlight = new HashMap<>();
    private int turn;

    Targets(final List<URI> addresses) {
        inTurn.addAll(addresses);
    }

    /** The next one for a request, which ends with {@link #release}. */
    synchronized URI take() {
        if (inTurn.isEmpty()) {
            throw new IllegalStateException("nothing is registered");
        }
        final URI taken = inTurn.get(Math.floorMod(turn++, inTurn.size()));
        inFlight.merge(taken, 1, Integer::sum);
        return taken;
    }

    /** A request to it has been answered, or never will be. */
    synchronized void release(final URI taken) {
        inFlight.merge(taken, -1, Integer::sum);
    }

    synchronized void register(final URI address) {
        inTurn.add(address);
    }

    /** From now on it gets no new request. */
    synchronized void deregister(final URI address) {
        if (!inTurn.remove(address)) {
            throw new IllegalStateException("not registered: " + address);
        }
    }

    /** Whether no request is on its way to it. */
    synchronized boolean isIdle(final URI address) {
        return inFlight.getOrDefault(address, 0) == 0;
    }
}
