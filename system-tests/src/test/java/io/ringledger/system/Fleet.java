package io.ringledger.system;

import io.ringledger.localstack.Environments;
import io.ringledger.localstack.Ground;
import io.ringledger.localstack.Progress;
import io.ringledger.localstack.StackOptions;
import io.ringledger.localstack.faults.FaultProxy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * The services as they run in production, each a process of its own: two of the write side, one that
 * projects and follows the log, one for the queries; in front of Kinesis and DynamoDB the proxies that
 * cause faults, and one more for the consumer's reads. Used by one thread at a time.
 */
final class Fleet implements AutoCloseable {
    /** What Prometheus calls the ledger processes. */
    static final String FIRST = "ledger-1";

    static final String SECOND = "ledger-2";
    static final String SPARE = "ledger-3";
    static final String OTHER_SPARE = "ledger-4";

    private final StackOptions options;
    private final Ground ground;
    private final FaultProxy reads;
    private final Path snapshots;
    private final Service first;
    private final Service second;
    private final Service consumer;
    private final Service queries;
    private final int sparePort = PrometheusProcess.freePort();
    private final int otherSparePort = PrometheusProcess.freePort();

    private Fleet(
            final Path folder,
            final StackOptions options,
            final Ground ground,
            final FaultProxy reads,
            final Map<String, String> querySettings)
            throws IOException {
        this.options = options;
        this.ground = ground;
        this.reads = reads;
        snapshots = Files.createDirectory(folder.resolve("snapshots"));
        first = ledger(folder, "first");
        second = ledger(folder, "second");
        final int consumerPort = PrometheusProcess.freePort();
        final Map<String, String> consumes =
                new HashMap<>(Environments.consumer(ground, options, consumerPort));
        consumes.put("RINGLEDGER_KINESIS_ENDPOINT", reads.endpoint().toString());
        consumes.put("RINGLEDGER_SNAPSHOT_STORE", snapshots.toUri().toString());
        consumer = new Service(
                "kinesis-consumer",
                "io.ringledger.consumer.ConsumerMain",
                consumes,
                consumerPort,
                folder.resolve("consumer.log"));
        final int queryPort = PrometheusProcess.freePort();
        final Map<String, String> asks = new HashMap<>(Environments.readModel(ground, queryPort));
        asks.putAll(querySettings);
        queries = new Service(
                "read-model",
                "io.ringledger.readmodel.ReadModelMain",
                asks,
                queryPort,
                folder.resolve("read-model.log"));
    }

    /**
     * Starts all; returns before they are ready.
     *
     * @param folder empty, for logs and snapshots
     */
    static Fleet start(
            final Path folder, final StackOptions options, final Map<String, String> querySettings)
            throws Exception {
        final Ground ground = Ground.start(options, new Progress(System.out));
        try {
            final FaultProxy reads =
                    FaultProxy.start(ground.kinesis().endpoint(), System.nanoTime());
            try {
                final Fleet fleet = new Fleet(folder, options, ground, reads, querySettings);
                for (final Service service : fleet.services()) {
                    service.start();
                }
                return fleet;
            } catch (final Exception e) {
                reads.close();
                throw e;
            }
        } catch (final Exception e) {
            ground.close();
            throw e;
        }
    }

    private Service ledger(final Path folder, final String name) throws IOException {
        final int port = PrometheusProcess.freePort();
        return new Service(
                "ledger",
                "io.ringledger.ledger.LedgerMain",
                ledgerEnvironment(port),
                port,
                folder.resolve(name + ".log"));
    }

    private Map<String, String> ledgerEnvironment(final int port) {
        final Map<String, String> environment =
                new HashMap<>(Environments.ledger(ground, options, port));
        environment.put("RINGLEDGER_ADVERTISED_ADDRESS", "127.0.0.1:" + port);
        environment.put("RINGLEDGER_SNAPSHOT_STORE", snapshots.toUri().toString());
        return environment;
    }

    /** A write side in this process, by a clock that is handed in. */
    io.ringledger.ledger.LedgerProcess inProcess(final int port, final LongSupplier clockMs)
            throws Exception {
        return io.ringledger.ledger.LedgerProcess.start(ledgerEnvironment(port), clockMs, cause -> {
            throw new AssertionError("a ledger stopped", cause);
        });
    }

    Ground ground() {
        return ground;
    }

    /** In front of Kinesis, for the consumer alone. */
    FaultProxy reads() {
        return reads;
    }

    Path snapshots() {
        return snapshots;
    }

    Service first() {
        return first;
    }

    Service second() {
        return second;
    }

    Service consumer() {
        return consumer;
    }

    Service queries() {
        return queries;
    }

    /** A port that is collected from, for {@link #inProcess}. */
    int sparePort() {
        return sparePort;
    }

    int otherSparePort() {
        return otherSparePort;
    }

    private List<Service> services() {
        return List.of(first, second, consumer, queries);
    }

    /** What Prometheus collects from. */
    List<PrometheusProcess.Target> targets() {
        return List.of(
                new PrometheusProcess.Target("ledger", FIRST, first.port()),
                new PrometheusProcess.Target("ledger", SECOND, second.port()),
                new PrometheusProcess.Target("ledger", SPARE, sparePort),
                new PrometheusProcess.Target("ledger", OTHER_SPARE, otherSparePort),
                new PrometheusProcess.Target("consumer", "consumer", consumer.port()),
                new PrometheusProcess.Target("read-model", "read-model", queries.port()));
    }

    /** Side by side: a stop must be over in seconds. */
    @Override
    public void close() {
        final List<Thread> stops = services().stream()
                .map(service -> Thread.ofPlatform().start(service::kill))
                .toList();
        for (final Thread stop : stops) {
            try {
                stop.join();
            } catch (final InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        reads.close();
        ground.close();
    }
}
