package io.ringledger.benchmarks.driver;

/**
 * What the service has acknowledged: the sum of each account, in minor units. Kept by one thread at
 * a time; {@link #addAll} brings several together once they have ended.
 */
public final class Acknowledged {
    private final long[] sums;
    private long commands;

    /** Nothing of so many accounts. */
    public Acknowledged(final int accounts) {
        sums = new long[accounts];
    }

    void add(final int account, final long amount) {
        sums[account] += amount;
        commands++;
    }

    /** Takes in what another one has. */
    public void addAll(final Acknowledged other) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] += other.sums[i];
        }
        commands += other.commands;
    }

    /** Number of accounts. */
    public int accounts() {
        return sums.length;
    }

    /** Credits less withdrawals of an account. */
    public long sum(final int account) {
        return sums[account];
    }

    /** Number of commands. */
    public long commands() {
        return commands;
    }
}
