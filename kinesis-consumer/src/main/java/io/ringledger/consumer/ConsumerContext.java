package io.ringledger.consumer;

import io.ringledger.kit.Failpoints;
import io.ringledger.kit.Setting;
import io.ringledger.kit.Settings;
import io.ringledger.model.LedgerLimits;
import io.ringledger.readmodel.PostgresSettings;

import org.jspecify.annotations.Nullable;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/**
 * What the projector is configured with, apart from its HTTP server. Region and credentials of AWS
 * come the SDK's own way.
 *
 * @param stream name of the Kinesis stream
 * @param partitions of the ledger
 * @param application name of the KCL application, and of its DynamoDB table
 * @param workerId tells this worker from the others; empty: one is made up at start
 * @param kinesisEndpoint another address than AWS's, or null
 * @param dynamoDbEndpoint another address than AWS's, or null
 * @param retrieval how records are fetched
 * @param isHttp1 HTTP/1.1 to Kinesis, for emulators and for polling; fan-out on AWS needs HTTP/2
 * @param pollIntervalMs between two reads of a shard
 * @param maxRecordsPerRead of a shard
 * @param failoverMs after which the shards of a silent worker go to another one
 * @param postgres where the views are
 * @param statementTimeoutMs how long to wait for Postgres before trying again
 * @param maxEventsPerBatch events after which a batch is committed
 * @param maxRetryMs longest pause between two tries
 * @param checkpointIntervalMs shortest time between two checkpoints of a shard
 * @param startTimeoutMs how long to wait for stream, tables and Postgres
 * @param stopTimeoutMs how long a clean stop may take
 */
public record ConsumerContext(
        String stream,
        int partitions,
        String application,
        String workerId,
        @Nullable URI kinesisEndpoint,
        @Nullable URI dynamoDbEndpoint,
        Retrieval retrieval,
        boolean isHttp1,
        int pollIntervalMs,
        int maxRecordsPerRead,
        int failoverMs,
        PostgresSettings postgres,
        int statementTimeoutMs,
        int maxEventsPerBatch,
        int maxRetryMs,
        int checkpointIntervalMs,
        int startTimeoutMs,
        int stopTimeoutMs) {
    /** Refuses what cannot work together. */
    public ConsumerContext {
        if (retrieval == Retrieval.FAN_OUT && isHttp1) {
            throw new IllegalArgumentException(
                    "RINGLEDGER_PROJECTOR_RETRIEVAL=fan_out needs RINGLEDGER_PROJECTOR_HTTP1=false:"
                            + " a subscription is a stream of HTTP/2");
        }
    }

    /** The same for another KCL application. */
    ConsumerContext withApplication(final String name) {
        return new ConsumerContext(
                stream,
                partitions,
                name,
                workerId,
                kinesisEndpoint,
                dynamoDbEndpoint,
                retrieval,
                isHttp1,
                pollIntervalMs,
                maxRecordsPerRead,
                failoverMs,
                postgres,
                statementTimeoutMs,
                maxEventsPerBatch,
                maxRetryMs,
                checkpointIntervalMs,
                startTimeoutMs,
                stopTimeoutMs);
    }

    /** How records are fetched. */
    public enum Retrieval {
        /** {@code GetRecords}, which all consumers of a shard share. */
        POLLING,
        /** {@code SubscribeToShard}: a throughput of its own, and costs of its own. */
        FAN_OUT
    }

    private static final Setting<String> STREAM = Setting.ofText(
            "RINGLEDGER_STREAM", "ringledger", "name of the Kinesis stream that is the log");

    private static final Setting<Integer> PARTITIONS = Setting.ofInt(
            "RINGLEDGER_PARTITIONS",
            2,
            "partitions",
            1,
            LedgerLimits.MAX_PARTITIONS,
            "partitions of the ledger; fixed when it is created");

    private static final Setting<String> KINESIS_ENDPOINT = Setting.ofOptionalText(
            "RINGLEDGER_KINESIS_ENDPOINT", "another address of Kinesis than AWS's");

    private static final Setting<String> DYNAMODB_ENDPOINT = Setting.ofOptionalText(
            "RINGLEDGER_DYNAMODB_ENDPOINT", "another address of DynamoDB than AWS's");

    private static final Setting<String> APPLICATION = Setting.ofText(
            "RINGLEDGER_PROJECTOR_APPLICATION",
            "ringledger-projector",
            "name of the KCL application and of its DynamoDB table; each set of views has its own");

    private static final Setting<String> WORKER_ID = Setting.ofOptionalText(
            "RINGLEDGER_PROJECTOR_WORKER_ID",
            "tells this worker from the others of the application; not set: made up at start");

    private static final Setting<Retrieval> RETRIEVAL = Setting.ofChoice(
            "RINGLEDGER_PROJECTOR_RETRIEVAL",
            Retrieval.POLLING,
            "how records are fetched; fan_out has a throughput, and costs, of its own");

    private static final Setting<Boolean> HTTP1 = Setting.ofBoolean(
            "RINGLEDGER_PROJECTOR_HTTP1",
            true,
            "HTTP/1.1 to Kinesis, as emulators need it; fan_out on AWS needs false");

    private static final Setting<Integer> POLL_INTERVAL_MS = Setting.ofInt(
            "RINGLEDGER_PROJECTOR_POLL_INTERVAL_MS",
            200,
            "ms",
            5,
            60_000,
            "between two reads of a shard; AWS allows 5 reads a second and shard, emulators more");

    private static final Setting<Integer> MAX_RECORDS_PER_READ = Setting.ofInt(
            "RINGLEDGER_PROJECTOR_MAX_RECORDS_PER_READ",
            1_000,
            "records",
            1,
            10_000,
            "records, which are frames, of one read of a shard");

    private static final Setting<Integer> FAILOVER_MS = Setting.ofInt(
            "RINGLEDGER_PROJECTOR_FAILOVER_MS",
            2_000,
            "ms",
            500,
            60_000,
            "how long a worker may be silent; another has its shards after about four times that");

    private static final Setting<Integer> STATEMENT_TIMEOUT_MS = Setting.ofInt(
            "RINGLEDGER_PROJECTOR_STATEMENT_TIMEOUT_MS",
            10_000,
            "ms",
            100,
            600_000,
            "how long to wait for Postgres before the batch is tried again");

    private static final Setting<Integer> MAX_EVENTS_PER_BATCH = Setting.ofInt(
            "RINGLEDGER_PROJECTOR_MAX_EVENTS_PER_BATCH",
            20_000,
            "events",
            1,
            100_000,
            "events after which a batch is committed; a frame is never split");

    private static final Setting<Integer> MAX_RETRY_MS = Setting.ofInt(
            "RINGLEDGER_PROJECTOR_MAX_RETRY_MS",
            1_000,
            "ms",
            50,
            60_000,
            "longest pause between two tries while Postgres is away");

    private static final Setting<Integer> CHECKPOINT_INTERVAL_MS = Setting.ofInt(
            "RINGLEDGER_PROJECTOR_CHECKPOINT_INTERVAL_MS",
            2_000,
            "ms",
            0,
            600_000,
            "shortest time between two checkpoints of a shard, each a write to DynamoDB");

    private static final Setting<Integer> START_TIMEOUT_MS = Setting.ofInt(
            "RINGLEDGER_PROJECTOR_START_TIMEOUT_MS",
            120_000,
            "ms",
            1_000,
            3_600_000,
            "how long to wait at start for the stream, the lease table and Postgres");

    private static final Setting<Integer> STOP_TIMEOUT_MS = Setting.ofInt(
            "RINGLEDGER_PROJECTOR_STOP_TIMEOUT_MS",
            8_000,
            "ms",
            100,
            600_000,
            "how long a clean stop may take, handing over the shards included");

    /** The settings that {@link #from} reads. */
    public static final List<Setting<?>> SETTINGS = settings();

    private static List<Setting<?>> settings() {
        final List<Setting<?>> all = new ArrayList<>(List.of(
                STREAM,
                PARTITIONS,
                KINESIS_ENDPOINT,
                DYNAMODB_ENDPOINT,
                APPLICATION,
                WORKER_ID,
                RETRIEVAL,
                HTTP1,
                POLL_INTERVAL_MS,
                MAX_RECORDS_PER_READ,
                FAILOVER_MS,
                STATEMENT_TIMEOUT_MS,
                MAX_EVENTS_PER_BATCH,
                MAX_RETRY_MS,
                CHECKPOINT_INTERVAL_MS,
                START_TIMEOUT_MS,
                STOP_TIMEOUT_MS));
        all.addAll(PostgresSettings.declarations());
        all.addAll(Failpoints.SETTINGS);
        return List.copyOf(all);
    }

    /** Takes the configuration from the settings of a process. */
    public static ConsumerContext from(final Settings settings) {
        return new ConsumerContext(
                settings.get(STREAM),
                settings.get(PARTITIONS),
                settings.get(APPLICATION),
                settings.get(WORKER_ID),
                uri(settings.get(KINESIS_ENDPOINT)),
                uri(settings.get(DYNAMODB_ENDPOINT)),
                settings.get(RETRIEVAL),
                settings.get(HTTP1),
                settings.get(POLL_INTERVAL_MS),
                settings.get(MAX_RECORDS_PER_READ),
                settings.get(FAILOVER_MS),
                PostgresSettings.from(settings),
                settings.get(STATEMENT_TIMEOUT_MS),
                settings.get(MAX_EVENTS_PER_BATCH),
                settings.get(MAX_RETRY_MS),
                settings.get(CHECKPOINT_INTERVAL_MS),
                settings.get(START_TIMEOUT_MS),
                settings.get(STOP_TIMEOUT_MS));
    }

    private static @Nullable URI uri(final String text) {
        return text.isEmpty() ? null : URI.create(text);
    }
}
