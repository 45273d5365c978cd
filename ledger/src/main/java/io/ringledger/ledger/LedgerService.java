package io.ringledger.ledger;

import io.micrometer.core.instrument.MeterRegistry;
import io.ringledger.kit.Health;
import io.ringledger.kit.Lifecycle;
import io.ringledger.ledger.http.CommandIngress;
import io.ringledger.ledger.log.KinesisClients;
import io.ringledger.ledger.log.KinesisPartitionLog;
import io.ringledger.ledger.ownership.DynamoDbClients;
import io.ringledger.ledger.ownership.DynamoDbLeaseTable;
import io.ringledger.ledger.ownership.LeaseKeeper;
import io.ringledger.ledger.ownership.LedgerTable;
import io.ringledger.ledger.partition.SnapshotSource;
import io.ringledger.snapshots.SnapshotLoader;
import io.ringledger.snapshots.SnapshotStore;
import io.vertx.core.Future;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The write side without its HTTP server: clients, leases, partitions. Wiring, from top to bottom:
 *
 * <ol>
 *   <li>the ledger's item in DynamoDB fixes partitions and window
 *   <li>the lease keeper gets this process its share of the partitions
 *   <li>each partition is rebuilt from its log as soon as its lease is held
 *   <li>each partition takes commands as soon as it has been rebuilt; those of the others are
 *       forwarded to the processes that own them
 * </ol>
 *
 * <p>Thread-safe once made.
 */
public final class LedgerService {
    private static final Logger LOG = LoggerFactory.getLogger(LedgerService.class);
    private static final long READY_POLL_MS = 20;
    private static final long TABLE_RETRY_MS = 1_000;
    private static final long PROGRESS_INTERVAL_NS = TimeUnit.SECONDS.toNanos(2);

    /** Of the calls that read the log; an append has a time-out of its own. */
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(20);

    private final LedgerContext context;
    private final MeterRegistry registry;
    private final Consumer<Throwable> onFatal;
    private final LongSupplier epochMs;
    private final Partitions partitions;
    private volatile @Nullable Throwable startFailure;
    private volatile boolean isStarted;

    /** A write side by the clock of this machine, see the other constructor. */
    public LedgerService(
            final LedgerContext context,
            final MeterRegistry registry,
            final Health health,
            final Consumer<Throwable> onFatal) {
        this(context, registry, health, System::currentTimeMillis, onFatal);
    }

    /**
     * A write side that takes no commands yet.
     *
     * @param epochMs the clock, in milliseconds since 1970 UTC
     * @param onFatal must end the process: the write side has stopped rather than contradict itself
     */
    public LedgerService(
            final LedgerContext context,
            final MeterRegistry registry,
            final Health health,
            final LongSupplier epochMs,
            final Consumer<Throwable> onFatal) {
        this.context = context;
        this.registry = registry;
        this.epochMs = epochMs;
        this.onFatal = onFatal;
        partitions = new Partitions(context.stream(), context.partition().partitions());
        health.addReadiness(
                "partitions", () -> Future.succeededFuture(partitions.reasonNotReady()));
    }

    /** Where commands go; refuses them until {@link #start} has rebuilt their partition. */
    public CommandIngress ingress() {
        return partitions;
    }

    /**
     * Joins the processes of the write side; blocks until every partition takes commands, here or in
     * another process.
     *
     * @param address where other processes reach this one's HTTP, now, as {@link
     *     io.ringledger.ledger.http.OwnerAddress} reads it
     * @param lifecycle stops what was started, in the opposite order
     */
    public void start(final Lifecycle lifecycle, final Supplier<String> address) throws Exception {
        final DynamoDbAsyncClient dynamoDb = lifecycle.start(
                "DynamoDB client", () -> DynamoDbClients.create(context.dynamoDbEndpoint()));
        final KinesisAsyncClient kinesis = lifecycle.start(
                "Kinesis client",
                () -> KinesisClients.create(context.kinesisEndpoint(), READ_TIMEOUT));
        final int count = context.partition().partitions();
        openLedger(dynamoDb);
        final PartitionHost host = new PartitionHost(
                context.partition(),
                number -> new KinesisPartitionLog(kinesis, context.stream(), number, count),
                snapshots(lifecycle),
                registry,
                partitions,
                epochMs,
                this::onFatal);
        final ScheduledExecutorService leases =
                lifecycle.start("lease keeper", LedgerService::leaseThread);
        final String self = ProcessHandle.current().pid() + "-" + UUID.randomUUID();
        final LeaseKeeper keeper = new LeaseKeeper(
                new DynamoDbLeaseTable(
                        dynamoDb, context.ledgerTable(), context.stream(), context.leaseMs() / 2),
                self,
                address,
                count,
                context.leaseMs(),
                leases,
                System::nanoTime,
                new SecureRandom()::nextLong,
                host);
        host.setKeeper(keeper);
        partitions.setExplanation(host::explain);
        partitions.setDirectory(keeper::ownerAddress);
        lifecycle.onStop("partitions", () -> {
            host.close();
            keeper.leave().toCompletableFuture().join();
        });
        LOG.info("joins the ledger of stream {}: process={}", context.stream(), self);
        keeper.start();
        awaitReady();
    }

    private static ScheduledThreadPoolExecutor leaseThread() {
        final ScheduledThreadPoolExecutor thread = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("lease-keeper").factory());
        // A stop need not wait for the next heartbeat.
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        return thread;
    }

    /** Waits for DynamoDB for as long as it takes; what it refuses ends the start. */
    private void openLedger(final DynamoDbAsyncClient dynamoDb) throws InterruptedException {
        final String table = context.ledgerTable();
        final long startNs = System.nanoTime();
        partitions.setExplanation(number -> "waiting for the ledger table (DynamoDB)");
        while (true) {
            try {
                if (context.createTable()) {
                    LedgerTable.createIfMissing(dynamoDb, table);
                }
                LedgerTable.requireLedger(
                        dynamoDb,
                        table,
                        context.stream(),
                        context.partition().partitions(),
                        context.partition().model().idempotencyWindowMs());
                return;
            } catch (final CompletionException e) {
                if (!LedgerTable.isAway(e)) {
                    throw new IllegalStateException(
                            "DynamoDB refuses the ledger table '" + table + "': " + e.getCause(),
                            e);
                }
                LOG.warn(
                        "the ledger table '{}' cannot be reached, no commands are taken until it is:"
                                + " waited {} ms, trying again, is RINGLEDGER_DYNAMODB_ENDPOINT right?"
                                + " {}",
                        table,
                        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs),
                        String.valueOf(e.getCause()));
            }
            TimeUnit.MILLISECONDS.sleep(TABLE_RETRY_MS);
        }
    }

    private SnapshotSource snapshots(final Lifecycle lifecycle) throws Exception {
        if (!context.snapshots().isConfigured()) {
            return SnapshotSource.NONE;
        }
        final SnapshotStore store =
                lifecycle.start("snapshot store", () -> context.snapshots().open());
        final ExecutorService blocking =
                lifecycle.start("snapshot loading", Executors::newVirtualThreadPerTaskExecutor);
        return new StoredSnapshots(
                new SnapshotLoader(store),
                context.partition().partitions(),
                context.partition().model(),
                blocking);
    }

    private void awaitReady() throws Exception {
        final long startNs = System.nanoTime();
        long lastProgressNs = startNs;
        for (String why = partitions.reasonNotReady();
                why != null;
                why = partitions.reasonNotReady()) {
            final Throwable failed = startFailure;
            if (failed != null) {
                throw failed instanceof final Exception cause ? cause : new Exception(failed);
            }
            if (System.nanoTime() - lastProgressNs > PROGRESS_INTERVAL_NS) {
                lastProgressNs = System.nanoTime();
                LOG.info(
                        "waiting until every partition takes commands: waited {} ms, {}",
                        TimeUnit.NANOSECONDS.toMillis(lastProgressNs - startNs),
                        why);
            }
            TimeUnit.MILLISECONDS.sleep(READY_POLL_MS);
        }
        isStarted = true;
        // What came in the very last moment was told to nobody yet.
        final Throwable failed = startFailure;
        if (failed != null) {
            onFatal.accept(failed);
        }
    }

    /** Before the process has started the cause is told to who starts it, in words. */
    private void onFatal(final Throwable cause) {
        if (isStarted) {
            onFatal.accept(cause);
        } else {
            startFailure = cause;
        }
    }
}
