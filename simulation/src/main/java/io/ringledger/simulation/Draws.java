package io.ringledger.simulation;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * The chance of one seed, split by concern: each name has a stream of its own, so that one more draw
 * in one place does not shift those of all the others.
 */
final class Draws {
    private final long seed;
    private final Map<String, SplittableRandom> streams = new HashMap<>();

    Draws(final long seed) {
        this.seed = seed;
    }

    /** The stream of a concern; the same object at every call. */
    SplittableRandom of(final String concern) {
        return streams.computeIfAbsent(concern, name -> new SplittableRandom(mix(seed, name)));
    }

    private static long mix(final long seed, final String name) {
        long hash = seed ^ 0x9E3779B97F4A7C15L;
        for (int i = 0; i < name.length(); i++) {
            hash = (hash ^ name.charAt(i)) * 0xBF58476D1CE4E5B9L;
            hash ^= hash >>> 29;
        }
        return hash;
    }
}
