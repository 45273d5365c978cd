package io.ringledger.readmodel;

import io.ringledger.kit.Access;
import io.ringledger.kit.Health;
import io.ringledger.kit.HttpEdge;
import io.ringledger.kit.HttpEdgeOptions;
import io.ringledger.kit.Lifecycle;
import io.ringledger.kit.Metrics;
import io.ringledger.kit.Setting;
import io.ringledger.kit.Settings;
import io.ringledger.kit.SystemRoutes;
import io.ringledger.kit.auth.Auth;
import io.ringledger.kit.auth.AuthOptions;
import io.ringledger.kit.log.Logs;
import io.ringledger.kit.log.RequestLog;
import io.ringledger.kit.tls.Tls;
import io.ringledger.kit.tls.TlsOptions;
import io.ringledger.kit.trace.TraceOptions;
import io.ringledger.kit.trace.Tracing;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The query side as a service of its own: from its settings to an open port. Starts and stops by
 * any one thread that is no event loop.
 */
public final class ReadModelService implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReadModelService.class);
    private static final String NAME = "read-model";
    private static final long START_LIMIT_MS = 10_000;
    private static final long STOP_LIMIT_MS = 8_000;
    private static final long STOP_GRACE_MS = 4_000;

    private final Lifecycle lifecycle;
    private final HttpEdge edge;

    private ReadModelService(final Lifecycle lifecycle, final HttpEdge edge) {
        this.lifecycle = lifecycle;
        this.edge = edge;
    }

    /** The settings of this process. */
    public static List<Setting<?>> declarations() {
        final List<Setting<?>> all = new ArrayList<>(HttpEdgeOptions.SETTINGS);
        all.addAll(TlsOptions.SETTINGS);
        all.addAll(AuthOptions.SETTINGS);
        all.addAll(Logs.SETTINGS);
        all.addAll(TraceOptions.SETTINGS);
        all.addAll(ReadModelSettings.declarations());
        return List.copyOf(all);
    }

    /**
     * Starts the service; Postgres may be away, it is not ready then.
     *
     * @param environment the variables of the process
     * @throws io.ringledger.kit.SettingsException if they are not right
     */
    public static ReadModelService start(final Map<String, String> environment) throws Exception {
        final Settings settings = Settings.read(environment, declarations());
        settings.lines().forEach(line -> LOG.info("{}", line));
        final HttpEdgeOptions http = HttpEdgeOptions.from(settings);
        final ReadModelSettings query = ReadModelSettings.from(settings);
        final Lifecycle lifecycle = new Lifecycle(NAME, STOP_LIMIT_MS);
        try {
            // 1. What everything below runs on.
            final Vertx vertx =
                    Vertx.vertx(new VertxOptions().setEventLoopPoolSize(http.eventLoops()));
            lifecycle.onStop("event loops", () -> Lifecycle.await(vertx.close(), STOP_LIMIT_MS));
            final Metrics metrics = lifecycle.start("metrics", Metrics::new);
            final Tracing tracing = lifecycle.start(
                    "traces",
                    () -> Tracing.open(TraceOptions.from(settings), NAME, metrics.registry()));

            // 2. The views.
            final QueryHttpHandler queries = new QueryHttpHandler(vertx, query, metrics.registry());
            lifecycle.onStop("views", () -> Lifecycle.await(queries.close(), STOP_LIMIT_MS));
            final Health health = new Health();
            health.addReadiness("views", queries::reasonNotReady);
            final Access access =
                    Auth.from(vertx, http.host(), settings, metrics.registry(), health);

            // 3. The port.
            final HttpEdge edge = Lifecycle.await(
                    HttpEdge.start(
                            vertx,
                            http,
                            Tls.from(vertx, http.host(), settings, metrics.registry()),
                            metrics.registry(),
                            RequestLog.from(settings, metrics.registry()),
                            new SystemRoutes(metrics, health, access, tracing.serving(queries))),
                    START_LIMIT_MS);
            lifecycle.onStop(
                    "http", () -> Lifecycle.await(edge.stop(STOP_GRACE_MS), STOP_LIMIT_MS));
            LOG.info("answers queries: port={}, views={}", edge.port(), query.postgres());
            return new ReadModelService(lifecycle, edge);
        } catch (final Exception e) {
            lifecycle.stop();
            throw e;
        }
    }

    /** The port that it listens on. */
    public int port() {
        return edge.port();
    }

    /** Stops when the JVM is asked to end, and returns then. */
    void runUntilSignal() throws InterruptedException {
        lifecycle.stopOnSignal();
        lifecycle.awaitStop();
    }

    /** Takes no more requests, finishes those in flight, and closes everything. */
    @Override
    public void close() {
        lifecycle.stop();
    }
}
