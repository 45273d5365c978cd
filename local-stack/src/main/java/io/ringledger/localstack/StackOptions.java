package io.ringledger.localstack;

import java.util.HashMap;
import java.util.Map;

/**
 * How a stack is started.
 *
 * @param port the public port on loopback; 0: any free one
 * @param partitions of the ledger, and shards of its stream
 * @param isSeparate true: each service in a process of its own
 * @param hasFaultProxies true: a proxy that causes faults in front of each emulator of AWS
 * @param ledgerSettings settings of the write side that differ from their defaults
 * @param consumerSettings those of the consumer
 * @param readModelSettings those of the query side, where it is a process of its own
 */
public record StackOptions(
        int port,
        int partitions,
        boolean isSeparate,
        boolean hasFaultProxies,
        Map<String, String> ledgerSettings,
        Map<String, String> consumerSettings,
        Map<String, String> readModelSettings) {
    /** Most partitions that make sense on one machine. */
    public static final int MAX_PARTITIONS = 64;

    /** Refuses what cannot be. */
    public StackOptions {
        if (port < 0 || port > 65_535 || partitions < 1 || partitions > MAX_PARTITIONS) {
            throw new IllegalArgumentException("invalid options: port=" + port + " (0 to 65535),"
                    + " partitions=" + partitions + " (1 to " + MAX_PARTITIONS + ")");
        }
        ledgerSettings = Map.copyOf(ledgerSettings);
        consumerSettings = Map.copyOf(consumerSettings);
        readModelSettings = Map.copyOf(readModelSettings);
    }

    /** The same with a query side that has its defaults. */
    public StackOptions(
            final int port,
            final int partitions,
            final boolean isSeparate,
            final boolean hasFaultProxies,
            final Map<String, String> ledgerSettings,
            final Map<String, String> consumerSettings) {
        this(
                port,
                partitions,
                isSeparate,
                hasFaultProxies,
                ledgerSettings,
                consumerSettings,
                Map.of());
    }

    /** The same, asking everybody for a token of this issuer. */
    StackOptions asking(final LocalIssuer issuer) {
        return new StackOptions(
                port,
                partitions,
                isSeparate,
                hasFaultProxies,
                with(ledgerSettings, issuer),
                // In one process with the others it has no address of its own.
                isSeparate ? with(consumerSettings, issuer) : consumerSettings,
                with(readModelSettings, issuer));
    }

    private static Map<String, String> with(
            final Map<String, String> settings, final LocalIssuer issuer) {
        final Map<String, String> all = new HashMap<>(settings);
        all.putAll(issuer.settings());
        return all;
    }

    /** Defaults in one process on a free port, for tests. */
    public static StackOptions inOneProcess(final int partitions) {
        return new StackOptions(0, partitions, false, false, Map.of(), Map.of());
    }

    /** The same with three processes. */
    public static StackOptions inThreeProcesses(final int partitions) {
        return new StackOptions(0, partitions, true, false, Map.of(), Map.of());
    }
}
