package io.ringledger.torture;

import io.ringledger.localstack.StackOptions;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * How a campaign runs.
 *
 * @param seconds how long faults are caused
 * @param seed of everything that is drawn
 * @param kills to reach, SIGKILL and failpoints together
 * @param pauses to reach
 * @param postgresRestarts to reach
 * @param ledgers processes of the write side
 * @param consumers processes that read the log
 * @param partitions of the ledger
 * @param leaseMs how long an owner's heartbeat may stand still
 * @param accounts of the load
 * @param perSecond commands a second that are asked for, at most
 * @param isOwnersOnly owners are killed, one when the last is replaced, and nothing else is broken
 */
record TortureOptions(
        long seconds,
        long seed,
        int kills,
        int pauses,
        int postgresRestarts,
        int ledgers,
        int consumers,
        int partitions,
        int leaseMs,
        int accounts,
        int perSecond,
        boolean isOwnersOnly) {
    /** Refuses what cannot be. */
    TortureOptions {
        require("seconds", seconds, 5, 7 * 24 * 3_600);
        require("kills", kills, 0, 1_000_000);
        require("pauses", pauses, 0, 1_000_000);
        require("postgresRestarts", postgresRestarts, 0, 100_000);
        require("ledgers", ledgers, 1, 8);
        require("consumers", consumers, 1, 8);
        require("partitions", partitions, 1, 16);
        require("leaseMs", leaseMs, 1_000, 60_000);
        require("accounts", accounts, 20, 1_000_000);
        require("perSecond", perSecond, 1, 1_000_000);
    }

    private static void require(
            final String name, final long value, final long min, final long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(
                    name + " must be from " + min + " to " + max + ": " + value);
        }
    }

    /** What the design allows from the end of an owner to the next one's first answer. */
    long takeoverBoundMs() {
        return leaseMs + 2_000L;
    }

    /** The stack below: emulators behind the proxies, and the settings of the write side. */
    StackOptions stack(final Path snapshots) {
        return new StackOptions(0, partitions, true, true, ledgerSettings(snapshots), Map.of());
    }

    private Map<String, String> ledgerSettings(final Path snapshots) {
        final Map<String, String> settings = new HashMap<>();
        settings.put("RINGLEDGER_LEASE_MS", Integer.toString(leaseMs));
        settings.put("RINGLEDGER_APPEND_TIMEOUT_MS", "500");
        settings.put("RINGLEDGER_ANSWER_TIMEOUT_MS", "8000");
        settings.put("RINGLEDGER_EXPECTED_ACCOUNTS", Integer.toString(accounts));
        settings.put("RINGLEDGER_EXPECTED_KEYS", "100000");
        settings.put("RINGLEDGER_RING_SIZE", "8192");
        settings.put("RINGLEDGER_SNAPSHOT_STORE", snapshots.toUri().toString());
        return settings;
    }

    /** Snapshots come often here, so that many are written, and read, and killed. */
    Map<String, String> consumerSettings(final Path snapshots) {
        return Map.of(
                "RINGLEDGER_PROJECTOR_FAILOVER_MS", "1000",
                "RINGLEDGER_SNAPSHOT_STORE", snapshots.toUri().toString(),
                "RINGLEDGER_SNAPSHOT_EVENTS", "20000",
                "RINGLEDGER_SNAPSHOT_INTERVAL_MS", "10000");
    }
}
