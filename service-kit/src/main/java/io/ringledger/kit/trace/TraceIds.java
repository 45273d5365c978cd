package io.ringledger.kit.trace;

import io.netty.util.concurrent.FastThreadLocal;

import java.security.SecureRandom;

/**
 * Numbers for ids of traces and spans: xoroshiro128++ (Blackman and Vigna, 2019), seeded with 128
 * bits of the system's randomness, so that two processes, or two event loops, do not meet. Nothing
 * secret may be made of them: who has seen some can tell the next. Used by one thread.
 */
public final class TraceIds {
    private static final FastThreadLocal<TraceIds> OF_THREADS = new FastThreadLocal<>() {
        @Override
        protected TraceIds initialValue() {
            return new TraceIds();
        }
    };

    private long s0;
    private long s1;

    /** A new sequence, unlike any other. */
    public TraceIds() {
        final SecureRandom seeds = new SecureRandom();
        do {
            s0 = seeds.nextLong();
            s1 = seeds.nextLong();
        } while ((s0 | s1) == 0);
    }

    /** That of the calling thread. */
    public static TraceIds ofThisThread() {
        return OF_THREADS.get();
    }

    /** The next number; never 0. */
    public long next() {
        long number;
        do {
            final long a = s0;
            final long b = s1;
            number = Long.rotateLeft(a + b, 17) + a;
            final long mixed = a ^ b;
            s0 = Long.rotateLeft(a, 49) ^ mixed ^ mixed << 21;
            s1 = Long.rotateLeft(mixed, 28);
        } while (number == 0);
        return number;
    }
}
