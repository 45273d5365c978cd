package io.ringledger.kit.auth;

import io.ringledger.kit.Grant;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.ConcurrentHashMap;

/**
 * Remembers what tokens allow, so that a request costs a look into a map. Thread-safe; reading does
 * not lock. Only tokens that were found good get in, so nobody can fill it with made-up ones.
 *
 * <p>Two generations: what is used is in the young one; once that is full it becomes the old one, and
 * what was there is forgotten. So it holds so many tokens at most, and the ones used last are among
 * them. With other keys it begins anew: what was checked with a key that has gone must not stay.
 */
final class TokenCache {
    private final int maxPerGeneration;
    private volatile Generations generations =
            new Generations(new ConcurrentHashMap<>(), new ConcurrentHashMap<>());

    /** The keys that everything here was checked with; under this object's lock. */
    private KeySet keys = KeySet.NONE;

    private record Entry(Grant grant, long expiresAtMs) {}

    /** Compared by identity: no two are alike. */
    private static final class Generations {
        private final ConcurrentHashMap<String, Entry> young;
        private final ConcurrentHashMap<String, Entry> old;

        Generations(
                final ConcurrentHashMap<String, Entry> young,
                final ConcurrentHashMap<String, Entry> old) {
            this.young = young;
            this.old = old;
        }
    }

    /** Holds so many tokens at most, an even number. */
    TokenCache(final int maxTokens) {
        maxPerGeneration = maxTokens / 2;
    }

    /** What the token allows, or null if it is not known, or has expired. */
    @Nullable Grant get(final String token, final long nowMs) {
        final Generations now = generations;
        Entry entry = now.young.get(token);
        if (entry == null) {
            entry = now.old.get(token);
            if (entry == null) {
                return null;
            }
            keep(now, token, entry);
        }
        return entry.expiresAtMs > nowMs ? entry.grant : null;
    }

    /** Remembers a token, unless it was checked with other keys than those of now. */
    synchronized void put(final String token, final Verdict.Granted verdict) {
        if (verdict.keys() == keys) {
            add(token, new Entry(verdict.grant(), verdict.expiresAtMs()));
        }
    }

    /** Forgets everything: from now on these are the keys. */
    synchronized void begin(final KeySet keys) {
        this.keys = keys;
        generations = new Generations(new ConcurrentHashMap<>(), new ConcurrentHashMap<>());
    }

    /** How many tokens it holds. */
    int size() {
        final Generations now = generations;
        return now.young.size() + now.old.size();
    }

    private synchronized void keep(
            final Generations seenIn, final String token, final Entry entry) {
        if (seenIn == generations) {
            add(token, entry);
        }
    }

    private void add(final String token, final Entry entry) {
        final Generations now = generations;
        if (now.young.size() >= maxPerGeneration) {
            final ConcurrentHashMap<String, Entry> young = new ConcurrentHashMap<>();
            young.put(token, entry);
            generations = new Generations(young, now.young);
        } else {
            now.young.put(token, entry);
            now.old.remove(token);
        }
    }
}
