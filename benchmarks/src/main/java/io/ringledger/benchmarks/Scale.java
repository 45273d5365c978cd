package io.ringledger.benchmarks;

/** How much of everything is measured. */
public enum Scale {
    /** That it works: one short round, whose figures mean nothing. */
    SMOKE(1, 300),
    /** All rows, within ten minutes on two cores. */
    QUICK(5, 2_000),
    /** All rows and all sizes, within an hour. */
    FULL(5, 8_000);

    private final int rounds;
    private final long roundMs;

    Scale(final int rounds, final long roundMs) {
        this.rounds = rounds;
        this.roundMs = roundMs;
    }

    /** Rounds whose median is the figure. */
    public int rounds() {
        return rounds;
    }

    /** How long one side of one round is measured, unless the experiment says otherwise. */
    public long roundMs() {
        return roundMs;
    }
}
