package io.ringledger.localstack;

import io.ringledger.emulators.DynamoDbLocal;
import io.ringledger.emulators.KinesisLocal;
import io.ringledger.emulators.LocalAws;
import io.ringledger.emulators.PostgresLocal;
import io.ringledger.localstack.faults.FaultProxies;
import io.ringledger.readmodel.PostgresSettings;
import io.ringledger.readmodel.ViewRoles;
import io.ringledger.readmodel.ViewRoles.Login;

import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.StreamStatus;

import java.net.URI;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * What the services stand on: Kinesis with the stream, DynamoDB, Postgres. Started side by side.
 *
 * @param kinesis the emulator, a child process
 * @param dynamoDb the emulator, in this process
 * @param postgres a real server, a child process
 * @param faults the proxies in front of the two emulators, if they were asked for
 */
public record Ground(
        KinesisLocal kinesis,
        DynamoDbLocal dynamoDb,
        PostgresLocal postgres,
        Optional<FaultProxies> faults)
        implements AutoCloseable {
    /** Name of the stream, and of the table of the ledger. */
    public static final String NAME = "ringledger";

    /** The role that the consumer logs in with. */
    static final Login CONSUMER = new Login("ringledger_consumer", "local");

    /** The role that the read side logs in with. */
    static final Login READER = new Login("ringledger_reader", "local");

    private static final long STREAM_DEADLINE_NS = TimeUnit.SECONDS.toNanos(20);
    private static final long STREAM_POLL_MS = 20;

    /**
     * Starts everything, side by side, with a shard for each partition; blocks.
     *
     * @throws Exception if a part cannot be started; nothing is left then
     */
    public static Ground start(final StackOptions options, final Progress progress)
            throws Exception {
        return start(options, options.partitions(), progress);
    }

    /**
     * The same with another number of shards.
     *
     * @throws Exception if a part cannot be started; nothing is left then
     */
    public static Ground start(
            final StackOptions options, final int shards, final Progress progress)
            throws Exception {
        final List<AutoCloseable> started = new ArrayList<>();
        try (ExecutorService executor = Executors.newFixedThreadPool(3)) {
            final Future<KinesisLocal> kinesis = executor.submit(() -> keep(
                    started, () -> progress.step("Kinesis (kinesis-local)", KinesisLocal::start)));
            final Future<DynamoDbLocal> dynamoDb = executor.submit(() -> keep(
                    started,
                    () -> progress.step("DynamoDB (DynamoDB Local)", DynamoDbLocal::start)));
            final Future<PostgresLocal> postgres = executor.submit(() -> progress.step(
                    "Postgres 18", () -> withRoles(keep(started, PostgresLocal::start))));
            final Optional<FaultProxies> faults = options.hasFaultProxies()
                    ? Optional.of(keep(
                            started,
                            () -> FaultProxies.start(
                                    kinesis.get().endpoint(), dynamoDb.get().endpoint())))
                    : Optional.empty();
            faults.ifPresent(proxies -> proxies.addresses().forEach(progress::say));
            final Ground ground = new Ground(kinesis.get(), dynamoDb.get(), postgres.get(), faults);
            progress.step("stream of " + shards + " shards", () -> {
                ground.createStream(shards);
                return ground;
            });
            return ground;
        } catch (final Exception e) {
            closeAll(started);
            throw e instanceof ExecutionException && e.getCause() instanceof final Exception cause
                    ? cause
                    : e;
        }
    }

    /** Where the services find Kinesis. */
    URI kinesisEndpoint() {
        return faults.map(proxies -> proxies.kinesis().endpoint()).orElse(kinesis.endpoint());
    }

    /** Where the services find DynamoDB. */
    URI dynamoDbEndpoint() {
        return faults.map(proxies -> proxies.dynamoDb().endpoint()).orElse(dynamoDb.endpoint());
    }

    /**
     * Makes the roles that the services log in to Postgres with, as {@code ./ringledger
     * database-roles} does on a server of one's own: for a database that is a new one.
     */
    public void makeRoles(final String database) throws SQLException {
        makeRoles(postgres, database);
    }

    private static PostgresLocal withRoles(final PostgresLocal postgres) throws SQLException {
        makeRoles(postgres, postgres.database());
        return postgres;
    }

    private static void makeRoles(final PostgresLocal postgres, final String database)
            throws SQLException {
        ViewRoles.prepare(
                new PostgresSettings(
                        postgres.host(),
                        postgres.port(),
                        database,
                        postgres.user(),
                        postgres.password(),
                        null),
                CONSUMER,
                READER);
    }

    private static <T extends AutoCloseable> T keep(
            final List<AutoCloseable> started, final Callable<T> start) throws Exception {
        final T part = start.call();
        synchronized (started) {
            started.add(part);
        }
        return part;
    }

    private static void closeAll(final List<AutoCloseable> started) {
        synchronized (started) {
            for (final AutoCloseable part : started) {
                try {
                    part.close();
                } catch (final Exception e) {
                    throw new IllegalStateException("cannot close " + part, e);
                }
            }
        }
    }

    private void createStream(final int shards) throws InterruptedException {
        try (KinesisAsyncClient client = LocalAws.kinesis(kinesis.endpoint())) {
            client.createStream(request -> request.streamName(NAME).shardCount(shards))
                    .join();
            // The SDK's own waiter looks every ten seconds only.
            final long deadlineNs = System.nanoTime() + STREAM_DEADLINE_NS;
            while (statusOf(client) != StreamStatus.ACTIVE) {
                if (System.nanoTime() > deadlineNs) {
                    throw new IllegalStateException("stream '" + NAME + "' did not become active");
                }
                TimeUnit.MILLISECONDS.sleep(STREAM_POLL_MS);
            }
        }
    }

    private static StreamStatus statusOf(final KinesisAsyncClient client) {
        return client.describeStreamSummary(request -> request.streamName(NAME))
                .join()
                .streamDescriptionSummary()
                .streamStatus();
    }

    /** Kinesis and Postgres side by side: a stop must be over in seconds. */
    @Override
    public void close() {
        final Thread stopPostgres = Thread.ofPlatform().start(postgres::close);
        faults.ifPresent(FaultProxies::close);
        kinesis.close();
        dynamoDb.close();
        try {
            stopPostgres.join();
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
