package io.ringledger.benchmarks.peer;

import io.ringledger.kit.Health;
import io.ringledger.kit.HttpEdge;
import io.ringledger.kit.HttpEdgeOptions;
import io.ringledger.kit.Lifecycle;
import io.ringledger.kit.Metrics;
import io.ringledger.kit.Setting;
import io.ringledger.kit.Settings;
import io.ringledger.kit.SystemRoutes;
import io.ringledger.ledger.http.CommandHttpHandler;
import io.ringledger.ledger.http.CommandHttpOptions;
import io.ringledger.readmodel.PostgresSettings;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The peer as a service: the ledger's HTTP server and command handler, with a {@link TableLedger}
 * behind them. It reads the settings of the ledger's HTTP side and of the read model's database.
 */
public final class PeerService implements AutoCloseable {
    private static final long LIMIT_MS = 10_000;
    private static final long STOP_GRACE_MS = 2_000;

    private final Lifecycle lifecycle;
    private final HttpEdge edge;

    private PeerService(final Lifecycle lifecycle, final HttpEdge edge) {
        this.lifecycle = lifecycle;
        this.edge = edge;
    }

    /** What {@link #main} takes. */
    public static List<String> arguments(final TableOptions options) {
        return List.of(
                Integer.toString(options.connections()),
                Integer.toString(options.pipelining()),
                Integer.toString(options.maxInFlight()));
    }

    /** Runs until a signal; the environment says where everything is, the arguments how. */
    public static void main(final String[] arguments) throws Exception {
        final PeerService service = start(
                System.getenv(),
                new TableOptions(
                        Integer.parseInt(arguments[0]),
                        Integer.parseInt(arguments[1]),
                        Integer.parseInt(arguments[2])));
        service.lifecycle.stopOnSignal();
        service.lifecycle.awaitStop();
    }

    /** Starts it; blocks until it listens. */
    public static PeerService start(
            final Map<String, String> environment, final TableOptions options) throws Exception {
        final List<Setting<?>> declared = new ArrayList<>(HttpEdgeOptions.SETTINGS);
        declared.addAll(CommandHttpOptions.SETTINGS);
        declared.addAll(PostgresSettings.declarations());
        final Settings settings = Settings.read(environment, declared);
        final HttpEdgeOptions http = HttpEdgeOptions.from(settings);
        final Lifecycle lifecycle = new Lifecycle("peer", LIMIT_MS);
        try {
            final Vertx vertx =
                    Vertx.vertx(new VertxOptions().setEventLoopPoolSize(http.eventLoops()));
            lifecycle.onStop("event loops", () -> Lifecycle.await(vertx.close(), LIMIT_MS));
            final Metrics metrics = lifecycle.start("metrics", Metrics::new);
            final TableLedger ledger = new TableLedger(
                    vertx, PostgresSettings.from(settings).connectOptions(), options);
            lifecycle.onStop("connections", () -> Lifecycle.await(ledger.close(), LIMIT_MS));
            final CommandHttpHandler commands = new CommandHttpHandler(
                    vertx, ledger, CommandHttpOptions.from(settings, http), metrics.registry());
            final HttpEdge edge = Lifecycle.await(
                    HttpEdge.start(
                            vertx,
                            http,
                            metrics.registry(),
                            new SystemRoutes(metrics, new Health(), commands)),
                    LIMIT_MS);
            lifecycle.onStop("http", () -> Lifecycle.await(edge.stop(STOP_GRACE_MS), LIMIT_MS));
            return new PeerService(lifecycle, edge);
        } catch (final Exception e) {
            lifecycle.stop();
            throw e;
        }
    }

    /** The port that it listens on. */
    public int port() {
        return edge.port();
    }

    @Override
    public void close() {
        lifecycle.stop();
    }
}
