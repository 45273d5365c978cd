package io.ringledger.benchmarks.peer;

/**
 * How the peer uses Postgres.
 *
 * @param connections to it
 * @param pipelining transactions that a connection carries at once; they come one after another
 * @param maxInFlight transactions that have begun or wait for a connection; more are answered 503
 */
public record TableOptions(int connections, int pipelining, int maxInFlight) {
    /**
     * The best of those that the experiment {@code peer-pool} compares, by the geometric mean of
     * many accounts and few: with more connections many accounts gain 5 %, but ten hot ones lose 19.
     */
    public static final TableOptions CHOSEN = new TableOptions(8, 4, 131_072);

    /** Refuses what cannot be. */
    public TableOptions {
        if (connections < 1 || pipelining < 1 || maxInFlight < connections) {
            throw new IllegalArgumentException("connections=" + connections + ", pipelining="
                    + pipelining + ", maxInFlight=" + maxInFlight);
        }
    }
}
