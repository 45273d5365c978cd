package io.ringledger.consumer;

import io.ringledger.kit.Access;
import io.ringledger.kit.Failpoints;
import io.ringledger.kit.Health;
import io.ringledger.kit.HttpEdge;
import io.ringledger.kit.HttpEdgeOptions;
import io.ringledger.kit.Lifecycle;
import io.ringledger.kit.Metrics;
import io.ringledger.kit.Problem;
import io.ringledger.kit.ProblemCode;
import io.ringledger.kit.Setting;
import io.ringledger.kit.Settings;
import io.ringledger.kit.SettingsException;
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

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.List;

/** Projector, follower or both as a process of their own: configured from the environment, ended by a signal. */
public final class ConsumerMain {
    private static final Logger LOG = LoggerFactory.getLogger(ConsumerMain.class);
    private static final long HTTP_TIMEOUT_MS = 5_000;
    private static final long HTTP_GRACE_MS = 200;
    private static final long STOP_MARGIN_MS = 1_000;
    private static final int EXIT_DEAD = 70;
    private static final String NAME = "kinesis-consumer";

    private ConsumerMain() {}

    /** Runs until the process is told to end; exits with 1 where it cannot start, with 70 where KCL dies. */
    public static void main(final String[] arguments) {
        Logs.begin(NAME);
        try {
            run();
        } catch (final SettingsException e) {
            Logs.lastWords(String.valueOf(e.getMessage()));
            System.exit(1);
        } catch (final Exception e) {
            LOG.error("{}: cannot start", NAME, e);
            System.exit(1);
        }
    }

    /**
     * Ends the process, on a thread of its own: the clean stop waits for the one that says so. KCL does
     * not start twice in one process, and whoever looks after processes replaces one that has ended.
     */
    private static void end(final String cause) {
        Logs.lastWords(NAME + ": ends, for another to take its place: " + cause);
        final Thread _ = Thread.ofPlatform().name("end").start(() -> System.exit(EXIT_DEAD));
    }

    private static void run() throws Exception {
        final List<Setting<?>> declared = new ArrayList<>(ConsumerRoles.SETTINGS);
        declared.addAll(HttpEdgeOptions.SETTINGS);
        declared.addAll(TlsOptions.SETTINGS);
        declared.addAll(AuthOptions.SETTINGS);
        declared.addAll(Logs.SETTINGS);
        declared.addAll(TraceOptions.SETTINGS);
        final Settings settings = Settings.read(System.getenv(), declared);
        Failpoints.check(System.getenv());
        settings.lines().forEach(line -> LOG.info("{}: {}", NAME, line));
        final ConsumerContext context = ConsumerContext.from(settings);
        final ConsumerRoles roles = ConsumerRoles.from(settings);

        // One role after the other.
        final Lifecycle lifecycle =
                new Lifecycle(NAME, 2L * context.stopTimeoutMs() + STOP_MARGIN_MS);
        lifecycle.stopOnSignal();
        try {
            final Vertx vertx = Vertx.vertx();
            lifecycle.onStop("vertx", () -> Lifecycle.await(vertx.close(), HTTP_TIMEOUT_MS));
            final Metrics metrics = lifecycle.start("metrics", Metrics::new);
            final Tracing tracing = lifecycle.start(
                    "traces",
                    () -> Tracing.open(TraceOptions.from(settings), NAME, metrics.registry()));
            final Health health = new Health();
            final HttpEdgeOptions http = HttpEdgeOptions.from(settings);
            final Access access =
                    Auth.from(vertx, http.host(), settings, metrics.registry(), health);
            // First the health, so that a process that waits for its stream says so.
            final @Nullable ConsumerService projector = roles.isProjector()
                    ? new ConsumerService(vertx, context, metrics.registry(), ConsumerMain::end)
                    : null;
            final @Nullable FollowerService follower = roles.isFollower()
                    ? new FollowerService(
                            FollowerContext.from(settings), metrics.registry(), ConsumerMain::end)
                    : null;
            if (projector != null) {
                projector.traced(tracing).addReadiness(health);
            }
            if (follower != null) {
                follower.addReadiness(health);
            }
            final HttpEdge edge = Lifecycle.await(
                    HttpEdge.start(
                            vertx,
                            http,
                            Tls.from(vertx, http.host(), settings, metrics.registry()),
                            metrics.registry(),
                            RequestLog.from(settings, metrics.registry()),
                            new SystemRoutes(
                                    metrics,
                                    health,
                                    access,
                                    (request, grant) -> Problem.of(
                                                    ProblemCode.ROUTE_NOT_FOUND, "no such path")
                                            .send(request))),
                    HTTP_TIMEOUT_MS);
            lifecycle.onStop(
                    "http", () -> Lifecycle.await(edge.stop(HTTP_GRACE_MS), HTTP_TIMEOUT_MS));
            if (projector != null) {
                lifecycle.onStop("projector", projector::close);
                projector.start();
            }
            if (follower != null) {
                lifecycle.onStop("follower", follower::close);
                follower.start();
            }
            LOG.info("{}: started, health and metrics on port {}", NAME, edge.port());
        } catch (final Exception e) {
            lifecycle.stop();
            throw e;
        }
        lifecycle.awaitStop();
    }
}
