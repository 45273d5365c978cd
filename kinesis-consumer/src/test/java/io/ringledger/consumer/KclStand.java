package io.ringledger.consumer;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.ringledger.emulators.DynamoDbLocal;
import io.ringledger.emulators.KinesisLocal;
import io.ringledger.emulators.LocalAws;
import io.ringledger.model.ModelContext;
import io.ringledger.model.Partitions;
import io.ringledger.snapshots.SnapshotSettings;
import io.vertx.core.Vertx;

import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.StreamStatus;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Kinesis, DynamoDB and Postgres for the tests that run KCL itself, shared by all of them. */
final class KclStand implements AutoCloseable {
    static final int PARTITIONS = 4;

    final KinesisLocal kinesisLocal = KinesisLocal.start();
    final DynamoDbLocal dynamoDbLocal = DynamoDbLocal.start();
    final ViewDatabase database = new ViewDatabase(PARTITIONS);
    final KinesisAsyncClient kinesis = LocalAws.kinesis(kinesisLocal.endpoint());
    final DynamoDbAsyncClient dynamoDb = LocalAws.dynamoDb(dynamoDbLocal.endpoint());
    final Vertx vertx = Vertx.vertx();

    /** A consumer in this process; the caller starts and closes it. */
    ConsumerService consumer(final String stream, final String application) {
        return new ConsumerService(
                vertx,
                context(stream, application, ConsumerContext.Retrieval.POLLING),
                new SimpleMeterRegistry());
    }

    /** The same, with somebody who is told when KCL dies. */
    ConsumerService consumer(
            final String stream, final String application, final Consumer<String> onDeath) {
        return new ConsumerService(
                vertx,
                context(stream, application, ConsumerContext.Retrieval.POLLING),
                new SimpleMeterRegistry(),
                onDeath);
    }

    /** The same, subscribed to its shards. */
    ConsumerService fanOutConsumer(final String stream, final String application) {
        return new ConsumerService(
                vertx,
                context(stream, application, ConsumerContext.Retrieval.FAN_OUT),
                new SimpleMeterRegistry());
    }

    /** A follower in this process, with a snapshot every half second of change. */
    FollowerService follower(
            final String stream,
            final String application,
            final Path folder,
            final io.micrometer.core.instrument.MeterRegistry registry) {
        return new FollowerService(
                new FollowerContext(
                        context(stream, application, ConsumerContext.Retrieval.POLLING),
                        new SnapshotSettings(folder.toUri(), null),
                        ModelContext.DEFAULT_IDEMPOTENCY_WINDOW_MS,
                        2,
                        new SnapshotFollower.Pace(100, 500, 200)),
                registry);
    }

    private ConsumerContext context(
            final String stream,
            final String application,
            final ConsumerContext.Retrieval retrieval) {
        return new ConsumerContext(
                stream,
                PARTITIONS,
                application,
                "",
                kinesisLocal.endpoint(),
                dynamoDbLocal.endpoint(),
                retrieval,
                retrieval == ConsumerContext.Retrieval.POLLING,
                20,
                1_000,
                2_000,
                database.settings(),
                5_000,
                5_000,
                500,
                500,
                60_000,
                8_000);
    }

    /** A consumer as a process of its own. */
    Process startProcess(final String stream, final String application, final Path output)
            throws IOException {
        return startProcess(stream, application, "", output, dynamoDbLocal.endpoint(), Map.of());
    }

    /** The same with another address of DynamoDB, on which it gives a start up early. */
    Process startProcess(
            final String stream,
            final String application,
            final Path output,
            final URI dynamoDbEndpoint)
            throws IOException {
        return startProcess(
                stream,
                application,
                "",
                output,
                dynamoDbEndpoint,
                Map.of("RINGLEDGER_PROJECTOR_START_TIMEOUT_MS", "20000"));
    }

    /**
     * The same with other classes than the build's.
     *
     * @param firstOnClassPath what they are in, with a colon behind it; or empty
     */
    Process startProcess(
            final String stream,
            final String application,
            final String firstOnClassPath,
            final Path output)
            throws IOException {
        return startProcess(
                stream, application, firstOnClassPath, output, dynamoDbLocal.endpoint(), Map.of());
    }

    private Process startProcess(
            final String stream,
            final String application,
            final String firstOnClassPath,
            final Path output,
            final URI dynamoDbEndpoint,
            final Map<String, String> settings)
            throws IOException {
        final ProcessBuilder builder = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx256m",
                        "-cp",
                        firstOnClassPath + System.getProperty("java.class.path"),
                        ConsumerMain.class.getName()))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        final Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(name -> name.startsWith("RINGLEDGER_"));
        environment.putAll(Map.of(
                "AWS_ACCESS_KEY_ID",
                "local",
                "AWS_SECRET_ACCESS_KEY",
                "local",
                "AWS_REGION",
                LocalAws.REGION.id(),
                "RINGLEDGER_STREAM",
                stream,
                "RINGLEDGER_PARTITIONS",
                Integer.toString(PARTITIONS),
                "RINGLEDGER_PROJECTOR_APPLICATION",
                application,
                "RINGLEDGER_PROJECTOR_POLL_INTERVAL_MS",
                "20",
                "RINGLEDGER_KINESIS_ENDPOINT",
                kinesisLocal.endpoint().toString(),
                "RINGLEDGER_DYNAMODB_ENDPOINT",
                dynamoDbEndpoint.toString(),
                "RINGLEDGER_HTTP_PORT",
                "0"));
        environment.putAll(Map.of(
                "RINGLEDGER_POSTGRES_URI",
                "postgresql://" + database.postgres().host() + ":"
                        + database.postgres().port() + "/" + database.postgres().database(),
                "RINGLEDGER_POSTGRES_USER",
                database.settings().user(),
                "RINGLEDGER_POSTGRES_PASSWORD",
                database.settings().password()));
        environment.putAll(settings);
        return builder.start();
    }

    /** Leases of an application's table. */
    Stream<Map<String, AttributeValue>> leases(final String application) {
        return dynamoDb.scan(s -> s.tableName(application)).join().items().stream()
                .filter(item -> text(item, "entityType").equals("LEASE"));
    }

    /** Empty: there is no such attribute. */
    static String text(final Map<String, AttributeValue> item, final String attribute) {
        return Optional.ofNullable(item.get(attribute)).map(AttributeValue::s).orElse("");
    }

    /** Workers that own a shard each of which nobody else still holds on to. */
    long owners(final String application) {
        return leases(application)
                .filter(lease -> text(lease, "checkpointOwner").isEmpty())
                .map(lease -> text(lease, "leaseOwner"))
                .filter(owner -> !owner.isEmpty())
                .distinct()
                .count();
    }

    void createStream(final String name, final int shards) {
        kinesis.createStream(s -> s.streamName(name).shardCount(shards)).join();
        awaitActive(name);
    }

    void awaitActive(final String name) {
        Await.until(
                "stream " + name + " is active",
                Duration.ofSeconds(10),
                () -> kinesis.describeStreamSummary(s -> s.streamName(name))
                                .join()
                                .streamDescriptionSummary()
                                .streamStatus()
                        == StreamStatus.ACTIVE);
    }

    /** Appends records of a partition, in order. */
    void put(final String stream, final int partition, final List<LogRecord> records) {
        for (final LogRecord record : records) {
            kinesis.putRecord(p -> p.streamName(stream)
                            .partitionKey(Integer.toString(partition))
                            .explicitHashKey(Partitions.explicitHashKey(partition, PARTITIONS))
                            .data(SdkBytes.fromByteArray(record.data())))
                    .join();
        }
    }

    void awaitViews(final TestLog log, final int partition, final Duration timeout) {
        Await.until(
                "partition " + partition + " at frame " + log.frames().size(),
                timeout,
                () -> database.frame(partition) >= log.frames().size());
        database.assertShows(log, partition);
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
        kinesis.close();
        dynamoDb.close();
        database.close();
        dynamoDbLocal.close();
        kinesisLocal.close();
    }
}
