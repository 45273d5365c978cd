package io.ringledger.localstack;

import io.ringledger.kit.HttpEdge;
import io.ringledger.kit.HttpEdgeOptions;
import io.ringledger.kit.Lifecycle;
import io.ringledger.kit.Metrics;
import io.ringledger.kit.Settings;
import io.vertx.core.Vertx;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The three services in processes of their own, and a reverse proxy that stands where a load
 * balancer stands on AWS.
 */
final class SeparateServices implements Services {
    private static final long LIMIT_MS = 10_000;
    private static final long HTTP_GRACE_MS = 2_000;

    private final HttpEdge edge;
    private final List<ServiceProcess> processes;

    private SeparateServices(final HttpEdge edge, final List<ServiceProcess> processes) {
        this.edge = edge;
        this.processes = List.copyOf(processes);
    }

    static SeparateServices start(
            final Ground ground,
            final StackOptions options,
            final Lifecycle lifecycle,
            final Progress progress,
            final Path logs)
            throws Exception {
        final int ledgerPort = freePort();
        final int readModelPort = freePort();
        final List<ServiceProcess> processes = new ArrayList<>();
        final Map<String, String> readModel =
                new HashMap<>(Environments.readModel(ground, readModelPort));
        readModel.putAll(options.readModelSettings());
        processes.add(ServiceProcess.start(
                "ledger",
                "io.ringledger.ledger.LedgerMain",
                Environments.ledger(ground, options, ledgerPort),
                logs));
        processes.add(ServiceProcess.start(
                "kinesis-consumer",
                "io.ringledger.consumer.ConsumerMain",
                Environments.consumer(ground, options, freePort()),
                logs));
        processes.add(ServiceProcess.start(
                "read-model", "io.ringledger.readmodel.ReadModelMain", readModel, logs));
        for (final ServiceProcess process : processes) {
            lifecycle.onStop(process.name(), process::close);
            progress.say("process " + process.name() + ": pid " + process.pid());
        }
        final Vertx vertx = Vertx.vertx();
        lifecycle.onStop("event loops", () -> Lifecycle.await(vertx.close(), LIMIT_MS));
        final Metrics metrics = lifecycle.start("metrics", Metrics::new);
        final HttpEdgeOptions http = HttpEdgeOptions.from(Settings.read(
                Map.of("RINGLEDGER_HTTP_PORT", Integer.toString(options.port())),
                HttpEdgeOptions.SETTINGS));
        final HttpEdge edge = Lifecycle.await(
                HttpEdge.start(
                        vertx,
                        http,
                        metrics.registry(),
                        Gateway.create(vertx, List.of(ledgerPort), readModelPort)),
                LIMIT_MS);
        lifecycle.onStop("http", () -> Lifecycle.await(edge.stop(HTTP_GRACE_MS), LIMIT_MS));
        return new SeparateServices(edge, processes);
    }

    @Override
    public int port() {
        return edge.port();
    }

    @Override
    public List<ServiceProcess> processes() {
        return processes;
    }

    /** A port that was free a moment ago: a service is told its port before it starts. */
    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
