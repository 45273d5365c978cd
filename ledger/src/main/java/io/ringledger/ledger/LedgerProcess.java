package io.ringledger.ledger;

import io.ringledger.kit.Access;
import io.ringledger.kit.Failpoints;
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
import io.ringledger.ledger.http.CommandHttpHandler;
import io.ringledger.ledger.http.CommandHttpOptions;
import io.ringledger.ledger.http.OwnerAddress;
import io.ringledger.snapshots.SnapshotSettings;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * The write side as a process of its own: from its settings to an open port. The port opens first
 * and answers 503 {@code no_owner} until the partitions have been rebuilt.
 */
public final class LedgerProcess implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LedgerProcess.class);
    private static final long STOP_LIMIT_MS = 8_000;
    private static final long HTTP_LIMIT_MS = 5_000;
    private static final long HTTP_GRACE_MS = 3_000;

    private final Lifecycle lifecycle;
    private final HttpEdge edge;

    private LedgerProcess(final Lifecycle lifecycle, final HttpEdge edge) {
        this.lifecycle = lifecycle;
        this.edge = edge;
    }

    /** The settings of this process. */
    public static List<Setting<?>> declarations() {
        final List<Setting<?>> all = new ArrayList<>(HttpEdgeOptions.SETTINGS);
        all.addAll(TlsOptions.SETTINGS);
        all.addAll(AuthOptions.SETTINGS);
        all.addAll(Logs.SETTINGS);
        all.addAll(CommandHttpOptions.SETTINGS);
        all.addAll(LedgerContext.SETTINGS);
        all.addAll(SnapshotSettings.SETTINGS);
        all.addAll(TraceOptions.SETTINGS);
        all.addAll(Failpoints.SETTINGS);
        return List.copyOf(all);
    }

    /** HTTP for the commands of a write side. */
    public static CommandHttpHandler handler(
            final Vertx vertx,
            final Settings settings,
            final LedgerService service,
            final Metrics metrics,
            final Tracing tracing) {
        final CommandHttpOptions options =
                CommandHttpOptions.from(settings, HttpEdgeOptions.from(settings));
        return new CommandHttpHandler(
                vertx, service.ingress(), options, metrics.registry(), tracing);
    }

    /**
     * Starts the process; returns once every partition takes commands.
     *
     * @param environment the variables of the process
     * @param onFatal must end the process
     * @throws io.ringledger.kit.SettingsException if the variables are not right
     */
    public static LedgerProcess start(
            final Map<String, String> environment, final Consumer<Throwable> onFatal)
            throws Exception {
        return start(environment, System::currentTimeMillis, onFatal);
    }

    /**
     * The same by another clock.
     *
     * @param epochMs the clock, in milliseconds since 1970 UTC
     */
    public static LedgerProcess start(
            final Map<String, String> environment,
            final LongSupplier epochMs,
            final Consumer<Throwable> onFatal)
            throws Exception {
        final Settings settings = Settings.read(environment, declarations());
        Failpoints.check(environment);
        settings.lines().forEach(line -> LOG.info("{}", line));
        final HttpEdgeOptions http = HttpEdgeOptions.from(settings);
        final Lifecycle lifecycle = new Lifecycle("ledger", STOP_LIMIT_MS);
        try {
            final Vertx vertx =
                    Vertx.vertx(new VertxOptions().setEventLoopPoolSize(http.eventLoops()));
            lifecycle.onStop("event loops", () -> Lifecycle.await(vertx.close(), HTTP_LIMIT_MS));
            final Metrics metrics = lifecycle.start("metrics", () -> new Metrics(epochMs));
            final @Nullable Tls tls = Tls.from(vertx, http.host(), settings, metrics.registry());
            final Tracing tracing = lifecycle.start(
                    "traces",
                    () -> Tracing.open(TraceOptions.from(settings), "ledger", metrics.registry()));
            final Health health = new Health();
            final Access access =
                    Auth.from(vertx, http.host(), settings, metrics.registry(), health);
            final LedgerService service = new LedgerService(
                    LedgerContext.from(settings), metrics.registry(), health, epochMs, onFatal);
            final HttpEdge edge = Lifecycle.await(
                    HttpEdge.start(
                            vertx,
                            http,
                            tls,
                            metrics.registry(),
                            RequestLog.from(settings, metrics.registry()),
                            new SystemRoutes(
                                    metrics,
                                    health,
                                    access,
                                    tracing.serving(
                                            handler(vertx, settings, service, metrics, tracing)))),
                    HTTP_LIMIT_MS);
            final String address =
                    LedgerContext.advertisedAddress(settings, http.host(), edge.port());
            // With every heartbeat anew: the certificate may have been replaced.
            service.start(
                    lifecycle,
                    tls == null
                            ? () -> address
                            : () -> OwnerAddress.announced(address, tls.fingerprint()));
            // Stopped first: what has been taken is then still answered.
            lifecycle.onStop(
                    "http", () -> Lifecycle.await(edge.stop(HTTP_GRACE_MS), HTTP_LIMIT_MS));
            LOG.info("takes commands: port={}", edge.port());
            return new LedgerProcess(lifecycle, edge);
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

    /** Takes no more requests, lets what was taken become durable and be answered, and ends. */
    @Override
    public void close() {
        lifecycle.stop();
    }
}
