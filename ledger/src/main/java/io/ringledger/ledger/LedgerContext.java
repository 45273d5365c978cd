package io.ringledger.ledger;

import io.ringledger.kit.Setting;
import io.ringledger.kit.Settings;
import io.ringledger.ledger.partition.PartitionContext;
import io.ringledger.model.LedgerLimits;
import io.ringledger.model.ModelContext;
import io.ringledger.model.frame.EventBatch;
import io.ringledger.snapshots.SnapshotSettings;

import org.jspecify.annotations.Nullable;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.URI;
import java.security.SecureRandom;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What the write side is configured with, apart from its HTTP server.
 *
 * @param stream name of the Kinesis stream
 * @param ledgerTable name of the DynamoDB table that says what the ledger is and who owns it
 * @param createTable true: make that table if it is missing
 * @param kinesisEndpoint another address than AWS's, or null
 * @param dynamoDbEndpoint another address than AWS's, or null
 * @param leaseMs how long an owner's heartbeat may stand still
 * @param snapshots where recovery finds snapshots
 * @param partition sizes of each partition
 */
public record LedgerContext(
        String stream,
        String ledgerTable,
        boolean createTable,
        @Nullable URI kinesisEndpoint,
        @Nullable URI dynamoDbEndpoint,
        int leaseMs,
        SnapshotSettings snapshots,
        PartitionContext partition) {
    private static final Pattern ADDRESS = Pattern.compile("[A-Za-z0-9.-]{1,253}:[0-9]{1,5}");

    private static final Setting<String> STREAM = Setting.ofText(
            "RINGLEDGER_STREAM", "ringledger", "name of the Kinesis stream that is the log");

    private static final Setting<Integer> PARTITIONS = Setting.ofInt(
            "RINGLEDGER_PARTITIONS",
            2,
            "partitions",
            1,
            LedgerLimits.MAX_PARTITIONS,
            "partitions of the ledger; fixed when it is created");

    private static final Setting<String> LEDGER_TABLE = Setting.ofText(
            "RINGLEDGER_LEDGER_TABLE",
            "ringledger",
            "DynamoDB table that says what the ledger is and who owns it");

    private static final Setting<Boolean> CREATE_TABLE = Setting.ofBoolean(
            "RINGLEDGER_CREATE_LEDGER_TABLE",
            false,
            "make that table if it is missing; on AWS the deployment makes it");

    private static final Setting<String> KINESIS_ENDPOINT = Setting.ofOptionalText(
            "RINGLEDGER_KINESIS_ENDPOINT", "another address of Kinesis than AWS's");

    private static final Setting<String> DYNAMODB_ENDPOINT = Setting.ofOptionalText(
            "RINGLEDGER_DYNAMODB_ENDPOINT", "another address of DynamoDB than AWS's");

    private static final Setting<Integer> APPEND_TIMEOUT_MS = Setting.ofInt(
            "RINGLEDGER_APPEND_TIMEOUT_MS",
            2_000,
            "ms",
            50,
            60_000,
            "how long the first try of an append may take before the same bytes are sent again,"
                    + " with up to eight times as long");

    private static final Setting<Integer> LEASE_MS = Setting.ofInt(
            "RINGLEDGER_LEASE_MS",
            5_000,
            "ms",
            500,
            600_000,
            "how long an owner's heartbeat may stand still before another process takes over");

    private static final Setting<String> ADVERTISED_ADDRESS = Setting.ofOptionalText(
            "RINGLEDGER_ADVERTISED_ADDRESS",
            "host:port where the other ledger processes reach this one, to forward commands; empty:"
                    + " this machine's address and the port of the HTTP server");

    private static final Setting<Integer> RING_SIZE = Setting.ofInt(
            "RINGLEDGER_RING_SIZE",
            32_768,
            "commands",
            1_024,
            1 << 22,
            "commands that wait for one partition's writer, a power of two; more are answered 503");

    private static final Setting<Integer> FRAMES = Setting.ofInt(
            "RINGLEDGER_FRAMES",
            4,
            "frames",
            2,
            64,
            "frames of one partition: one grows, one is appended, the others are being answered");

    private static final Setting<Integer> FRAME_EVENT_BYTES = Setting.ofInt(
            "RINGLEDGER_FRAME_EVENT_BYTES",
            512 * 1024,
            "bytes",
            EventBatch.MAX_EVENT_LENGTH,
            1_000_000,
            "events of one frame before compression, and so the largest record");

    private static final Setting<Integer> FRAME_REPLIES = Setting.ofInt(
            "RINGLEDGER_FRAME_REPLIES",
            8_192,
            "outcomes",
            64,
            1 << 20,
            "outcomes that wait for one frame");

    private static final Setting<Long> IDEMPOTENCY_WINDOW_MS = Setting.ofLong(
            "RINGLEDGER_IDEMPOTENCY_WINDOW_MS",
            ModelContext.DEFAULT_IDEMPOTENCY_WINDOW_MS,
            "ms",
            1_000,
            365L * 24 * 60 * 60 * 1000,
            "how long a key keeps its outcome; fixed when the ledger is created");

    private static final Setting<Integer> EXPECTED_ACCOUNTS = Setting.ofInt(
            "RINGLEDGER_EXPECTED_ACCOUNTS",
            100_000,
            "accounts",
            0,
            100_000_000,
            "accounts of one partition to reserve room for");

    private static final Setting<Integer> MAX_ACCOUNTS = Setting.ofInt(
            "RINGLEDGER_MAX_ACCOUNTS",
            2_000_000,
            "accounts",
            1,
            200_000_000,
            "accounts of one partition, about 150 bytes each; beyond, openings are answered 503");

    private static final Setting<Integer> EXPECTED_KEYS = Setting.ofInt(
            "RINGLEDGER_EXPECTED_KEYS",
            1_000_000,
            "keys",
            0,
            80_000_000,
            "idempotency keys of one partition and window to reserve room for");

    private static final Setting<Integer> MAX_KEYS = Setting.ofInt(
            "RINGLEDGER_MAX_KEYS",
            5_000_000,
            "keys",
            1,
            80_000_000,
            "idempotency keys of one partition in memory, 70 to 170 bytes each; beyond, commands are"
                    + " answered 503 until keys expire");

    /** The settings that {@link #from} reads. */
    public static final List<Setting<?>> SETTINGS = List.of(
            STREAM,
            PARTITIONS,
            LEDGER_TABLE,
            CREATE_TABLE,
            KINESIS_ENDPOINT,
            DYNAMODB_ENDPOINT,
            APPEND_TIMEOUT_MS,
            LEASE_MS,
            ADVERTISED_ADDRESS,
            RING_SIZE,
            FRAMES,
            FRAME_EVENT_BYTES,
            FRAME_REPLIES,
            IDEMPOTENCY_WINDOW_MS,
            EXPECTED_ACCOUNTS,
            MAX_ACCOUNTS,
            EXPECTED_KEYS,
            MAX_KEYS);

    /** Takes the configuration from the settings of a process. */
    public static LedgerContext from(final Settings settings) {
        final SecureRandom random = new SecureRandom();
        final ModelContext model = new ModelContext(
                settings.get(IDEMPOTENCY_WINDOW_MS),
                settings.get(EXPECTED_ACCOUNTS),
                settings.get(MAX_ACCOUNTS),
                settings.get(EXPECTED_KEYS),
                settings.get(MAX_KEYS),
                random.nextLong(),
                random.nextLong());
        final PartitionContext partition = new PartitionContext(
                settings.get(PARTITIONS),
                settings.get(RING_SIZE),
                settings.get(FRAMES),
                settings.get(FRAME_EVENT_BYTES),
                settings.get(FRAME_REPLIES),
                settings.get(APPEND_TIMEOUT_MS),
                model);
        return new LedgerContext(
                settings.get(STREAM),
                settings.get(LEDGER_TABLE),
                settings.get(CREATE_TABLE),
                uri(settings.get(KINESIS_ENDPOINT)),
                uri(settings.get(DYNAMODB_ENDPOINT)),
                settings.get(LEASE_MS),
                SnapshotSettings.from(settings),
                partition);
    }

    /**
     * Where other processes reach this one.
     *
     * @param httpHost the address that the HTTP server listens on
     * @param httpPort the port that it has
     */
    public static String advertisedAddress(
            final Settings settings, final String httpHost, final int httpPort) {
        final String set = settings.get(ADVERTISED_ADDRESS);
        if (!set.isEmpty()) {
            if (!ADDRESS.matcher(set).matches()) {
                throw new IllegalArgumentException(
                        ADVERTISED_ADDRESS.name() + "=" + set + ": must be host:port");
            }
            return set;
        }
        final boolean isAnyAddress = httpHost.equals("0.0.0.0") || httpHost.equals("::");
        return (isAnyAddress ? ownAddress() : httpHost) + ":" + httpPort;
    }

    /** An address by which other machines may reach this one. */
    private static String ownAddress() {
        try {
            return NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .filter(address -> address instanceof Inet4Address
                            && !address.isLoopbackAddress()
                            && !address.isLinkLocalAddress())
                    .map(InetAddress::getHostAddress)
                    .findFirst()
                    .orElse("127.0.0.1");
        } catch (final SocketException e) {
            throw new IllegalStateException(
                    "this machine does not know its own address: set " + ADVERTISED_ADDRESS.name(),
                    e);
        }
    }

    private static @Nullable URI uri(final String text) {
        return text.isEmpty() ? null : URI.create(text);
    }
}
