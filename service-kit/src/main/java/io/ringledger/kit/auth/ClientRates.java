package io.ringledger.kit.auth;

import io.ringledger.kit.ClientRate;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.ConcurrentHashMap;

/**
 * The rates of the clients of this process, one for all tokens of a client. Thread-safe; asked once a
 * token, not once a request.
 *
 * <p>So many clients at most: beyond, those who have been quiet are forgotten, which costs nothing as
 * their buckets are full, and if all are busy the newcomers share one.
 */
final class ClientRates {
    private final int perSecond;
    private final int burst;
    private final int maxClients;
    private final ConcurrentHashMap<String, ClientRate> rates = new ConcurrentHashMap<>();
    private final @Nullable ClientRate others;

    ClientRates(final AuthOptions options) {
        perSecond = options.ratePerClient();
        burst = options.rateBurst();
        maxClients = options.rateMaxClients();
        others = perSecond == 0 ? null : full();
    }

    /** The rate of this client, or null if there is none to keep to. */
    @Nullable ClientRate of(final String clientId) {
        if (perSecond == 0) {
            return null;
        }
        final ClientRate known = rates.get(clientId);
        return known == null ? add(clientId) : known;
    }

    /** How many clients it knows. */
    int size() {
        return rates.size();
    }

    private synchronized @Nullable ClientRate add(final String clientId) {
        if (rates.size() >= maxClients) {
            final long nowNs = System.nanoTime();
            rates.values().removeIf(rate -> rate.isFull(nowNs));
        }
        return rates.size() >= maxClients ? others : rates.computeIfAbsent(clientId, id -> full());
    }

    private ClientRate full() {
        return new ClientRate(perSecond, burst, System.nanoTime());
    }
}
