package io.ringledger.benchmarks.echo;

import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;

import java.util.concurrent.TimeUnit;

/**
 * A process that parses the JSON of every request and answers 201 at once, with JSON that has the
 * members of a transaction and so the size of the ledger's answer. What Vert.x does by default, with
 * its own JSON: no checks, no limits, no timers, no metrics. As many event loops as the ledger has.
 * It ends by a signal.
 */
public final class EchoMain {
    private static final String LOOPBACK = "127.0.0.1";
    private static final int BACKLOG = 4_096;
    private static final int CREATED = 201;
    private static final long START_LIMIT_S = 10;
    private static final long LIMIT = 1_000_000_000_000L;

    private static final CharSequence JSON = HttpHeaders.createOptimized("application/json");

    private EchoMain() {}

    /** Listens on the port that is its only argument. */
    public static void main(final String[] arguments) throws Exception {
        final int port = Integer.parseInt(arguments[0]);
        final int eventLoops = Runtime.getRuntime().availableProcessors();
        final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(eventLoops));
        vertx.deployVerticle(
                        () -> new Listener(port), new DeploymentOptions().setInstances(eventLoops))
                .await(START_LIMIT_S, TimeUnit.SECONDS);
    }

    /** One server on one event loop. */
    private static final class Listener extends VerticleBase {
        private final int port;

        Listener(final int port) {
            this.port = port;
        }

        @Override
        public Future<?> start() {
            return vertx.createHttpServer(new HttpServerOptions()
                            .setHost(LOOPBACK)
                            .setPort(port)
                            .setAcceptBacklog(BACKLOG))
                    .requestHandler(
                            request -> request.body().onSuccess(body -> answer(request, body)))
                    .listen();
        }
    }

    private static void answer(final HttpServerRequest request, final Buffer body) {
        final long amount = body.toJsonObject().getLong("amount");
        final String path = request.path();
        final int idEnd = path.lastIndexOf('/');
        final JsonObject answer = new JsonObject()
                .put("transactionId", "0-1234567")
                .put("accountId", path.substring(path.lastIndexOf('/', idEnd - 1) + 1, idEnd))
                .put("type", path.substring(idEnd + 1))
                .put("amount", amount)
                .put("currency", "EUR")
                .put("balance", amount)
                .put("held", 0)
                .put("creditLimit", LIMIT)
                .put("available", LIMIT + amount)
                .putNull("reference")
                .put("recordedAt", "2026-11-01T12:00:00.000Z");
        request.response()
                .setStatusCode(CREATED)
                .putHeader(HttpHeaders.CONTENT_TYPE, JSON)
                .end(answer.toBuffer());
    }
}
