package io.ringledger.benchmarks.write;

import io.ringledger.benchmarks.stub.StubOptions;

import java.util.Map;

/**
 * What a {@link LedgerSide} is like.
 *
 * @param partitions of the ledger, and shards of its log
 * @param accounts that are opened
 * @param delayMs of the log
 * @param shardBytesPerSecond what a shard takes; 0: everything
 * @param settings other settings of the process than its defaults
 * @param authorization what the accounts are opened with; of no account where nobody is asked
 */
record LedgerShape(
        int partitions,
        int accounts,
        int delayMs,
        int shardBytesPerSecond,
        Map<String, String> settings,
        String authorization) {
    private static final String NOBODY = "none";

    /** Where nobody is asked who they are. */
    LedgerShape(
            final int partitions,
            final int accounts,
            final int delayMs,
            final int shardBytesPerSecond,
            final Map<String, String> settings) {
        this(partitions, accounts, delayMs, shardBytesPerSecond, settings, NOBODY);
    }

    /** Copies the settings. */
    LedgerShape {
        settings = Map.copyOf(settings);
    }

    /** With the usual delay of the log, no limits of shards and the settings that it comes with. */
    static LedgerShape of(final int partitions, final int accounts) {
        return new LedgerShape(partitions, accounts, StubOptions.DEFAULT_DELAY_MS, 0, Map.of());
    }
}
