package io.ringledger.localstack;

import io.ringledger.consumer.ConsumerContext;
import io.ringledger.consumer.ConsumerService;
import io.ringledger.kit.Access;
import io.ringledger.kit.GrantedHandler;
import io.ringledger.kit.Health;
import io.ringledger.kit.HttpEdge;
import io.ringledger.kit.HttpEdgeOptions;
import io.ringledger.kit.Lifecycle;
import io.ringledger.kit.Metrics;
import io.ringledger.kit.Setting;
import io.ringledger.kit.Settings;
import io.ringledger.kit.SystemRoutes;
import io.ringledger.kit.auth.Auth;
import io.ringledger.kit.log.Logs;
import io.ringledger.kit.log.RequestLog;
import io.ringledger.kit.trace.TraceOptions;
import io.ringledger.kit.trace.Tracing;
import io.ringledger.ledger.LedgerContext;
import io.ringledger.ledger.LedgerProcess;
import io.ringledger.ledger.LedgerService;
import io.ringledger.ledger.http.CommandHttpHandler;
import io.ringledger.readmodel.QueryHttpHandler;
import io.ringledger.readmodel.ReadModelService;
import io.ringledger.readmodel.ReadModelSettings;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpMethod;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * The three services in this process, on the same event loops and one HTTP server: what reads goes
 * to the query side, everything else to the command side.
 */
final class InProcessServices implements Services {
    private static final long LIMIT_MS = 10_000;
    private static final long HTTP_GRACE_MS = 2_000;

    private final HttpEdge edge;

    private InProcessServices(final HttpEdge edge) {
        this.edge = edge;
    }

    static InProcessServices start(
            final Ground ground,
            final StackOptions options,
            final Lifecycle lifecycle,
            final Progress progress,
            final Consumer<Throwable> onFatal)
            throws Exception {
        final Map<String, String> environment =
                Environments.ledger(ground, options, options.port());
        final Settings settings = Settings.read(environment, LedgerProcess.declarations());
        final HttpEdgeOptions http = HttpEdgeOptions.from(settings);

        // 1. What everything runs on.
        final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(http.eventLoops()));
        lifecycle.onStop("event loops", () -> Lifecycle.await(vertx.close(), LIMIT_MS));
        final Metrics metrics = lifecycle.start("metrics", Metrics::new);
        final Health health = new Health();
        final Access access = Auth.from(vertx, http.host(), settings, metrics.registry(), health);

        // 2. The three services, side by side: each waits for others outside of this process.
        final LedgerService ledger = new LedgerService(
                LedgerContext.from(settings), metrics.registry(), health, onFatal);
        final TraceOptions traces = TraceOptions.from(settings);
        final Tracing ledgerTraces = tracing(lifecycle, traces, "ledger", metrics);
        final Tracing queryTraces = tracing(lifecycle, traces, "read-model", metrics);
        final CommandHttpHandler commands =
                LedgerProcess.handler(vertx, settings, ledger, metrics, ledgerTraces);
        final QueryHttpHandler queries = queries(vertx, ground, metrics);
        lifecycle.onStop("queries", () -> Lifecycle.await(queries.close(), LIMIT_MS));
        health.addReadiness("queries", queries::reasonNotReady);
        final ConsumerService consumer = consumer(vertx, ground, options, metrics)
                .traced(tracing(lifecycle, traces, "kinesis-consumer", metrics));
        consumer.addReadiness(health);
        try (ExecutorService executor = Executors.newFixedThreadPool(2)) {
            final Future<?> writes = executor.submit(() -> progress.step("ledger", () -> {
                ledger.start(lifecycle, () -> http.host() + ":" + http.port());
                return ledger;
            }));
            final Future<?> views = executor.submit(() -> progress.step("kinesis-consumer", () -> {
                lifecycle.onStop("kinesis-consumer", consumer::close);
                consumer.start();
                return consumer;
            }));
            writes.get();
            views.get();
        }

        // 3. The port.
        final HttpEdge edge = Lifecycle.await(
                HttpEdge.start(
                        vertx,
                        http,
                        metrics.registry(),
                        RequestLog.from(settings, metrics.registry()),
                        new SystemRoutes(
                                metrics,
                                health,
                                access,
                                bySide(
                                        queryTraces.serving(queries),
                                        ledgerTraces.serving(commands)))),
                LIMIT_MS);
        lifecycle.onStop("http", () -> Lifecycle.await(edge.stop(HTTP_GRACE_MS), LIMIT_MS));
        return new InProcessServices(edge);
    }

    @Override
    public int port() {
        return edge.port();
    }

    @Override
    public List<ServiceProcess> processes() {
        return List.of();
    }

    /** Traces as each service has them in a process of its own, all with the write side's settings. */
    private static Tracing tracing(
            final Lifecycle lifecycle,
            final TraceOptions options,
            final String service,
            final Metrics metrics)
            throws Exception {
        return lifecycle.start(
                "traces of " + service, () -> Tracing.open(options, service, metrics.registry()));
    }

    /** What reads goes to the query side, everything else to the command side. */
    private static GrantedHandler bySide(
            final GrantedHandler queries, final GrantedHandler commands) {
        return (request, grant) -> {
            final HttpMethod method = request.method();
            if (HttpMethod.GET.equals(method) || HttpMethod.HEAD.equals(method)) {
                queries.handle(request, grant);
            } else {
                commands.handle(request, grant);
            }
        };
    }

    private static QueryHttpHandler queries(
            final Vertx vertx, final Ground ground, final Metrics metrics) {
        final Settings settings =
                Settings.read(Environments.readModel(ground, 0), ReadModelService.declarations());
        return new QueryHttpHandler(vertx, ReadModelSettings.from(settings), metrics.registry());
    }

    private static ConsumerService consumer(
            final Vertx vertx,
            final Ground ground,
            final StackOptions options,
            final Metrics metrics) {
        final List<Setting<?>> declared = new ArrayList<>(ConsumerContext.SETTINGS);
        declared.addAll(HttpEdgeOptions.SETTINGS);
        declared.addAll(Logs.SETTINGS);
        final Settings settings =
                Settings.read(Environments.consumer(ground, options, 0), declared);
        return new ConsumerService(vertx, ConsumerContext.from(settings), metrics.registry());
    }
}
