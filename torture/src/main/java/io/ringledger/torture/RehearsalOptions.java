package io.ringledger.torture;

import io.ringledger.localstack.StackOptions;

import java.nio.file.Path;
import java.util.Map;

/**
 * How rehearsals run. Leases, time-outs and bounds are the services' own defaults: what is rehearsed
 * is what runs in production.
 *
 * @param seed of everything that is drawn
 * @param ledgers processes of the write side
 * @param consumers processes that read the log
 * @param readModels processes that answer queries
 * @param partitions of the ledger
 * @param shards of its stream, at first
 * @param accounts of the load
 * @param perSecond commands a second that are asked for, at most
 */
record RehearsalOptions(
        long seed,
        int ledgers,
        int consumers,
        int readModels,
        int partitions,
        int shards,
        int accounts,
        int perSecond) {
    /** Refuses what cannot be. */
    RehearsalOptions {
        require("ledgers", ledgers, 1, 8);
        require("consumers", consumers, 1, 8);
        require("readModels", readModels, 1, 8);
        require("partitions", partitions, 1, 16);
        require("shards", shards, 1, partitions);
        require("accounts", accounts, 20, 1_000_000);
        require("perSecond", perSecond, 1, 1_000_000);
    }

    private static void require(final String name, final int value, final int min, final int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(
                    name + " must be from " + min + " to " + max + ": " + value);
        }
    }

    /** The settings of the write side: less memory than by default, snapshots. */
    StackOptions stack(final Path snapshots) {
        return new StackOptions(
                0,
                partitions,
                true,
                false,
                Map.of(
                        "RINGLEDGER_EXPECTED_ACCOUNTS",
                        Integer.toString(accounts),
                        "RINGLEDGER_EXPECTED_KEYS",
                        "100000",
                        "RINGLEDGER_RING_SIZE",
                        "8192",
                        "RINGLEDGER_SNAPSHOT_STORE",
                        snapshots.toUri().toString()),
                Map.of(
                        "RINGLEDGER_SNAPSHOT_STORE", snapshots.toUri().toString(),
                        "RINGLEDGER_SNAPSHOT_EVENTS", "5000",
                        "RINGLEDGER_SNAPSHOT_INTERVAL_MS", "5000"));
    }
}
