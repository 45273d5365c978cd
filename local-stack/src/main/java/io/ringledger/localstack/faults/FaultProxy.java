package io.ringledger.localstack.faults;

import io.ringledger.kit.Lifecycle;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;

import org.jspecify.annotations.Nullable;

import java.net.URI;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * An HTTP/1.1 reverse proxy on loopback that causes faults by a {@link FaultScript}. Requests are
 * read whole (up to {@value #MAX_BODY_BYTES} bytes), so that they can take effect after their client
 * has gone; answers are streamed. It knows the action of a request by {@code X-Amz-Target}.
 *
 * <p>Thread-safe. {@link #start} and {@link #close} block.
 */
public final class FaultProxy implements AutoCloseable {
    /** Longest request, bytes: AWS takes 5 MiB of Kinesis and 16 MiB of DynamoDB. */
    public static final int MAX_BODY_BYTES = 16 << 20;

    private static final String LOOPBACK = "127.0.0.1";
    private static final long LIMIT_MS = 10_000;
    private static final int MAX_CONNECTIONS = 1_024;
    private static final int MAX_WAITING = 10_000;
    private static final int CONNECT_TIMEOUT_MS = 2_000;

    /** Of one connection alone, so not passed on (RFC 9110); Vert.x sets what it needs. */
    private static final Set<String> HOP_BY_HOP =
            Set.of("connection", "keep-alive", "transfer-encoding", "upgrade", "te", "trailer");

    private final Vertx vertx;
    private final HttpClient client;
    private final FaultScript script;
    private final URI target;
    private @Nullable HttpServer server;

    private FaultProxy(final Vertx vertx, final URI target, final FaultScript script) {
        this.vertx = vertx;
        this.target = target;
        this.script = script;
        client = vertx.createHttpClient(
                new HttpClientOptions()
                        .setConnectTimeout(CONNECT_TIMEOUT_MS)
                        .setKeepAlive(true)
                        .setPipelining(false),
                new PoolOptions()
                        .setHttp1MaxSize(MAX_CONNECTIONS)
                        .setMaxWaitQueueSize(MAX_WAITING));
    }

    /**
     * Starts a proxy without rules.
     *
     * @param target the emulator, {@code http://host:port}
     * @param seed of the rules with a probability
     */
    public static FaultProxy start(final URI target, final long seed) throws Exception {
        // One loop: requests then meet the rules in the order in which they came.
        final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
        final FaultProxy proxy =
                new FaultProxy(vertx, target, new FaultScript(seed, System::nanoTime));
        try {
            proxy.server = Lifecycle.await(
                    vertx.createHttpServer(new HttpServerOptions()
                                    .setHost(LOOPBACK)
                                    .setPort(0)
                                    .setHttp2ClearTextEnabled(false)
                                    // A close of ours is then a reset; we close for nothing else.
                                    .setSoLinger(0)
                                    .setIdleTimeout((int) FaultRule.MAX_DELAY_MS)
                                    .setIdleTimeoutUnit(TimeUnit.MILLISECONDS))
                            .requestHandler(proxy::onRequest)
                            .listen(),
                    LIMIT_MS);
            return proxy;
        } catch (final Exception e) {
            proxy.close();
            throw e;
        }
    }

    /** Where clients find it, for {@code endpointOverride}. */
    public URI endpoint() {
        final HttpServer listening = server;
        if (listening == null) {
            throw new IllegalStateException("not started");
        }
        return URI.create("http://" + LOOPBACK + ":" + listening.actualPort());
    }

    /** Its rules and counts. */
    public FaultScript script() {
        return script;
    }

    @Override
    public void close() {
        try {
            Lifecycle.await(vertx.close(), LIMIT_MS);
        } catch (final Exception e) {
            throw new IllegalStateException("proxy did not stop: " + e.getMessage(), e);
        }
    }

    private void onRequest(final HttpServerRequest request) {
        // A client that has given up is no fault of ours.
        request.exceptionHandler(gone -> {});
        request.response().exceptionHandler(gone -> {});
        if (FaultControl.PATH.equals(request.path())) {
            FaultControl.handle(request, script);
            return;
        }
        final Buffer body = Buffer.buffer();
        request.handler(part -> {
            if (body.length() + part.length() > MAX_BODY_BYTES) {
                request.connection().close();
            } else {
                body.appendBuffer(part);
            }
        });
        request.endHandler(end -> {
            final FaultRule rule = script.onRequest(action(request));
            if (rule == null) {
                forward(request, body, null);
            } else {
                meet(request, body, rule);
            }
        });
    }

    /** {@code Kinesis_20131202.PutRecord} is {@code PutRecord}. */
    private static String action(final HttpServerRequest request) {
        final String header = request.getHeader("X-Amz-Target");
        return header == null ? "" : header.substring(header.lastIndexOf('.') + 1);
    }

    private void meet(final HttpServerRequest request, final Buffer body, final FaultRule rule) {
        switch (rule.fault()) {
            case THROTTLE ->
                AwsErrors.send(request, 400, AwsErrors.THROTTLED, "Rate exceeded (fault proxy)");
            case SERVER_ERROR ->
                AwsErrors.send(request, 500, AwsErrors.INTERNAL, "Broken (fault proxy)");
            case RESET_REQUEST -> request.connection().close();
            case DELAY_REQUEST ->
                vertx.setTimer(rule.delayMs(), fired -> forward(request, body, null));
            case DROP_RESPONSE, DELAY_RESPONSE, RESET_RESPONSE -> forward(request, body, rule);
            case DROP_REQUEST -> {
                // The client waits until it gives up, and closes.
            }
        }
    }

    private void forward(
            final HttpServerRequest request, final Buffer body, final @Nullable FaultRule rule) {
        final RequestOptions options = new RequestOptions()
                .setHost(target.getHost())
                .setPort(target.getPort())
                .setMethod(request.method())
                .setURI(request.uri());
        client.request(options)
                .compose(onward -> {
                    request.headers().forEach(header -> {
                        if (!HOP_BY_HOP.contains(header.getKey().toLowerCase(Locale.ROOT))) {
                            onward.putHeader(header.getKey(), header.getValue());
                        }
                    });
                    return onward.send(body);
                })
                .onSuccess(answer -> onAnswer(request, answer, rule))
                // The emulator is away: so is, for the client, what it wanted to talk to.
                .onFailure(away -> request.connection().close());
    }

    private void onAnswer(
            final HttpServerRequest request,
            final HttpClientResponse answer,
            final @Nullable FaultRule rule) {
        if (rule == null) {
            pass(request, answer);
            return;
        }
        switch (rule.fault()) {
            case DROP_RESPONSE -> answer.handler(ignored -> {});
            case RESET_RESPONSE -> {
                answer.handler(ignored -> {});
                request.connection().close();
            }
            default -> {
                answer.pause();
                vertx.setTimer(rule.delayMs(), fired -> pass(request, answer));
            }
        }
    }

    private static void pass(final HttpServerRequest request, final HttpClientResponse answer) {
        final HttpServerResponse response = request.response();
        if (response.closed()) {
            answer.handler(ignored -> {}).resume();
            return;
        }
        response.setStatusCode(answer.statusCode());
        boolean hasLength = false;
        for (final var header : answer.headers()) {
            final String name = header.getKey().toLowerCase(Locale.ROOT);
            hasLength |= name.equals("content-length");
            if (!HOP_BY_HOP.contains(name)) {
                response.putHeader(header.getKey(), header.getValue());
            }
        }
        response.setChunked(!hasLength);
        answer.pipeTo(response).onFailure(gone -> request.connection().close());
    }
}
