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
     * Enough for a commit to carry several transactions, and for hot accounts to have one that
     * waits; chosen, not measured beside other sizes yet.
     */
    public static final TableOptions CHOSEN = new TableOptions(32, 1, 131_072);

    /** Refuses what cannot be. */
    public TableOptions {
        if (connections < 1 || pipelining < 1 || maxInFlight < connections) {
            throw new IllegalArgumentException("connections=" + connections + ", pipelining="
                    + pipelining + ", maxInFlight=" + maxInFlight);
        }
    }
}
