package io.ringledger.ledger;

import io.micrometer.core.instrument.MeterRegistry;
import io.ringledger.kit.Health;
import io.ringledger.kit.Lifecycle;
import io.ringledger.ledger.http.CommandIngress;
import io.ringledger.ledger.log.KinesisClients;
import io.ringledger.ledger.log.KinesisPartitionLog;
import io.ringledger.ledger.ownership.DynamoDbClients;
import io.ringledger.ledger.ownership.LedgerTable;
import io.ringledger.ledger.ownership.StreamLock;
import io.ringledger.ledger.partition.Partition;
import io.ringledger.ledger.partition.PartitionListener;
import io.vertx.core.Future;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/**
 * The write side without its HTTP server: clients, lock, partitions. Wiring, from top to bottom:
 *
 * <ol>
 *   <li>the ledger's item in DynamoDB fixes partitions and window
 *   <li>the stream's lock makes this process the only writer
 *   <li>each partition is rebuilt from its log, all side by side
 *   <li>each partition takes commands as soon as it has been rebuilt
 * </ol>
 *
 * <p>Thread-safe once made.
 */
public final class LedgerService {
    private static final Logger LOG = LoggerFactory.getLogger(LedgerService.class);
    private static final long DRAIN_TIMEOUT_MS = 5_000;

    /** Of the calls that read the log; an append has a time-out of its own. */
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(20);

    private final LedgerContext context;
    private final MeterRegistry registry;
    private final Consumer<Throwable> onFatal;
    private final Partitions partitions;

    /**
     * A write side that takes no commands yet.
     *
     * @param onFatal must end the process: the write side has stopped rather than contradict itself
     */
    public LedgerService(
            final LedgerContext context,
            final MeterRegistry registry,
            final Health health,
            final Consumer<Throwable> onFatal) {
        this.context = context;
        this.registry = registry;
        this.onFatal = onFatal;
        partitions = new Partitions(context.partition().partitions());
        health.addReadiness(
                "partitions", () -> Future.succeededFuture(partitions.reasonNotReady()));
    }

    /** Where commands go; refuses them until {@link #start} has rebuilt their partition. */
    public CommandIngress ingress() {
        return partitions;
    }

    /**
     * Takes the lock and rebuilds the partitions; blocks until all of them take commands.
     *
     * @param lifecycle stops what was started, in the opposite order
     */
    public void start(final Lifecycle lifecycle) throws Exception {
        final DynamoDbAsyncClient dynamoDb = lifecycle.start(
                "DynamoDB client", () -> DynamoDbClients.create(context.dynamoDbEndpoint()));
        final KinesisAsyncClient kinesis = lifecycle.start(
                "Kinesis client",
                () -> KinesisClients.create(context.kinesisEndpoint(), READ_TIMEOUT));
        if (context.createTable()) {
            LedgerTable.createIfMissing(dynamoDb, context.ledgerTable());
        }
        LedgerTable.requireLedger(
                dynamoDb,
                context.ledgerTable(),
                context.stream(),
                context.partition().partitions(),
                context.partition().model().idempotencyWindowMs());
        final StreamLock lock = lifecycle.start(
                "stream lock",
                () -> StreamLock.acquire(
                        dynamoDb,
                        context.ledgerTable(),
                        context.stream(),
                        context.partition().partitions(),
                        context.leaseMs(),
                        reason -> onFatal.accept(new IllegalStateException(reason))));
        lifecycle.onStop("partitions", () -> {
            if (partitions.close(DRAIN_TIMEOUT_MS)) {
                lock.setDrained();
            }
        });
        startPartitions(kinesis, lock);
    }

    private void startPartitions(final KinesisAsyncClient kinesis, final StreamLock lock)
            throws Exception {
        final int count = context.partition().partitions();
        final int threads = Math.min(count, Runtime.getRuntime().availableProcessors());
        try (ExecutorService executor = Executors.newFixedThreadPool(
                threads, Thread.ofPlatform().name("recovery-", 0).factory())) {
            final List<Callable<Void>> starts = new ArrayList<>();
            for (int number = 0; number < count; number++) {
                final int partition = number;
                starts.add(() -> {
                    startPartition(partition, kinesis, lock);
                    return null;
                });
            }
            for (final java.util.concurrent.Future<Void> started : executor.invokeAll(starts)) {
                try {
                    started.get();
                } catch (final ExecutionException e) {
                    throw e.getCause() instanceof final Exception cause ? cause : e;
                }
            }
        }
    }

    private void startPartition(
            final int number, final KinesisAsyncClient kinesis, final StreamLock lock)
            throws InterruptedException {
        final PartitionMetrics metrics = new PartitionMetrics(registry, number);
        final Partition partition = Partition.start(
                number,
                context.partition(),
                new KinesisPartitionLog(
                        kinesis, context.stream(), number, context.partition().partitions()),
                lock,
                new SteadyClock(System::currentTimeMillis, System::nanoTime),
                new Listener(metrics));
        metrics.watch(partition, context.partition().ringSize());
        partitions.add(number, partition);
    }

    /** Counts what happens in a partition, and ends the process on a contradiction. */
    private final class Listener implements PartitionListener {
        private final PartitionMetrics metrics;

        Listener(final PartitionMetrics metrics) {
            this.metrics = metrics;
        }

        @Override
        public void onFrame(
                final int partition,
                final int events,
                final int replies,
                final int recordBytes,
                final long appendNs) {
            metrics.frame(events, replies, recordBytes, appendNs);
        }

        @Override
        public void onRetry(final int partition, final Throwable cause) {
            metrics.retry();
        }

        @Override
        public void onFatal(final int partition, final Throwable cause) {
            LOG.error("partition {} has stopped, and with it this process", partition, cause);
            onFatal.accept(cause);
        }
    }
}
