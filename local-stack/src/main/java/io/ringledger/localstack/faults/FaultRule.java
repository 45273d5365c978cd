package io.ringledger.localstack.faults;

/**
 * When which fault happens. Of the requests that match, every {@code every}-th is taken, and of
 * those a share of {@code probability}, until {@code limit} faults have happened or the rule is
 * {@code forMs} old. Immutable; the methods give changed copies.
 *
 * @param fault what happens
 * @param action to requests of which action, such as {@code PutRecord}; empty: of any
 * @param probability of a request that matches, above 0 up to 1
 * @param every 1: each request that matches, 2: every second one
 * @param limit after so many faults the rule is over; {@link Long#MAX_VALUE}: never
 * @param forMs milliseconds after which the rule is over; {@link Long#MAX_VALUE}: never
 * @param delayMs milliseconds, for the faults that delay
 */
public record FaultRule(
        Fault fault,
        String action,
        double probability,
        int every,
        long limit,
        long forMs,
        long delayMs) {
    /** Longest delay: 10 minutes. */
    public static final long MAX_DELAY_MS = 600_000;

    /** Refuses what cannot be. */
    public FaultRule {
        // Written so that NaN is refused.
        if (!(probability > 0 && probability <= 1) || every < 1 || limit < 1 || forMs < 1) {
            throw new IllegalArgumentException("invalid rule: probability=" + probability
                    + " (above 0, up to 1), every=" + every + ", limit=" + limit + ", forMs="
                    + forMs + " (1 or more)");
        }
        if (fault.isDelay() ? delayMs < 1 || delayMs > MAX_DELAY_MS : delayMs != 0) {
            throw new IllegalArgumentException("invalid rule: fault=" + fault.wireName()
                    + ", delayMs=" + delayMs + " (1 to " + MAX_DELAY_MS
                    + " for a fault that delays, 0 for others)");
        }
    }

    /** This fault for each request of an action. */
    public static FaultRule always(final Fault fault, final String action) {
        return new FaultRule(fault, action, 1, 1, Long.MAX_VALUE, Long.MAX_VALUE, 0);
    }

    /** A delay for each request of an action. */
    public static FaultRule delay(final Fault fault, final String action, final long delayMs) {
        return new FaultRule(fault, action, 1, 1, Long.MAX_VALUE, Long.MAX_VALUE, delayMs);
    }

    /** The same for a share of the requests. */
    public FaultRule withProbability(final double share) {
        return new FaultRule(fault, action, share, every, limit, forMs, delayMs);
    }

    /** The same for every n-th request. */
    public FaultRule everyNth(final int nth) {
        return new FaultRule(fault, action, probability, nth, limit, forMs, delayMs);
    }

    /** The same for the next requests only. */
    public FaultRule next(final long count) {
        return new FaultRule(fault, action, probability, every, count, forMs, delayMs);
    }

    /** The same for a while only, from when it is added. */
    public FaultRule forMillis(final long durationMs) {
        return new FaultRule(fault, action, probability, every, limit, durationMs, delayMs);
    }
}
