package io.ringledger.ledger.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringledger.kit.Access;
import io.ringledger.kit.Health;
import io.ringledger.kit.HttpEdge;
import io.ringledger.kit.HttpEdgeOptions;
import io.ringledger.kit.Lifecycle;
import io.ringledger.kit.Metrics;
import io.ringledger.kit.RawClient;
import io.ringledger.kit.Settings;
import io.ringledger.kit.SystemRoutes;
import io.ringledger.kit.auth.Auth;
import io.ringledger.kit.auth.AuthOptions;
import io.ringledger.kit.tls.Fingerprint;
import io.ringledger.kit.tls.Tls;
import io.ringledger.kit.tls.TlsOptions;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** The command side over real sockets, with a fake ingress behind it and small limits. */
final class CommandServer {
    static final int MAX_BODY = 16_384;
    static final int MAX_BATCH_BODY = 4 * 1024 * 1024;
    static final int MAX_BATCHES = 3;
    static final int MAX_BATCH_BYTES = MAX_BATCH_BODY + 100_000;

    final FakeIngress ingress = new FakeIngress(3);
    private final Vertx vertx = Vertx.vertx();
    private final List<Throwable> thrown = new CopyOnWriteArrayList<>();
    private final Metrics metrics = new Metrics();
    private final @Nullable Tls tls;
    private final HttpEdge edge;

    CommandServer(final int answerTimeoutMs, final int maxCommands) throws Exception {
        this(answerTimeoutMs, maxCommands, 10_000);
    }

    CommandServer(final int answerTimeoutMs, final int maxCommands, final int requestTimeoutMs)
            throws Exception {
        this(answerTimeoutMs, maxCommands, requestTimeoutMs, 30_000);
    }

    CommandServer(
            final int answerTimeoutMs,
            final int maxCommands,
            final int requestTimeoutMs,
            final int idleTimeoutMs)
            throws Exception {
        this(answerTimeoutMs, maxCommands, requestTimeoutMs, idleTimeoutMs, Map.of());
    }

    /** With these settings of {@link AuthOptions}. */
    CommandServer(
            final int answerTimeoutMs,
            final int maxCommands,
            final int requestTimeoutMs,
            final int idleTimeoutMs,
            final Map<String, String> auth)
            throws Exception {
        this(answerTimeoutMs, maxCommands, requestTimeoutMs, idleTimeoutMs, auth, Map.of());
    }

    /** With these settings of {@link TlsOptions} as well. */
    CommandServer(
            final int answerTimeoutMs,
            final int maxCommands,
            final int requestTimeoutMs,
            final int idleTimeoutMs,
            final Map<String, String> auth,
            final Map<String, String> tlsSettings)
            throws Exception {
        vertx.exceptionHandler(thrown::add);
        final HttpEdgeOptions options = new HttpEdgeOptions(
                "127.0.0.1",
                0,
                2,
                128,
                1_000,
                0,
                128,
                idleTimeoutMs,
                requestTimeoutMs,
                2_048,
                8_192,
                65_536,
                MAX_BODY);
        final CommandHttpHandler handler = new CommandHttpHandler(
                vertx,
                ingress,
                new CommandHttpOptions(
                        answerTimeoutMs,
                        maxCommands,
                        MAX_BATCHES,
                        MAX_BODY,
                        MAX_BATCH_BODY,
                        MAX_BATCH_BYTES),
                metrics.registry());
        final Health health = new Health();
        final Access access = Auth.from(
                vertx,
                options.host(),
                Settings.read(auth, AuthOptions.SETTINGS),
                metrics.registry(),
                health);
        tls = Tls.from(
                vertx,
                options.host(),
                Settings.read(tlsSettings, TlsOptions.SETTINGS),
                metrics.registry());
        edge = Lifecycle.await(
                HttpEdge.start(
                        vertx,
                        options,
                        tls,
                        metrics.registry(),
                        new SystemRoutes(metrics, health, access, handler)),
                10_000);
    }

    /** Where other processes would reach it, as it announces that. */
    String address() {
        return tls == null ? plainAddress() : announced(tls.fingerprint());
    }

    String plainAddress() {
        return "127.0.0.1:" + edge.port();
    }

    /** As if it had this certificate. */
    String announced(final Fingerprint certificate) {
        return OwnerAddress.announced(plainAddress(), certificate);
    }

    RawClient connect() throws IOException {
        return new RawClient(edge.port());
    }

    /** A client whose kernel keeps hardly anything of what it does not read. */
    RawClient connectWithLittleRoom() throws IOException {
        return new RawClient(edge.port(), 16_384);
    }

    /** A client whose kernel keeps little of a large batch that the server has not taken. */
    RawClient connectSendingLittleAtOnce() throws IOException {
        final Socket socket = new Socket();
        socket.setSendBufferSize(131_072);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), edge.port()), 5_000);
        socket.setSoTimeout(15_000);
        return new RawClient(socket);
    }

    /** The value of a meter without tags, or with exactly these in the text form. */
    double meter(final String name) {
        for (final String line : metrics.scrape().lines().toList()) {
            if (line.startsWith(name + " ")) {
                return Double.parseDouble(line.substring(name.length() + 1));
            }
        }
        throw new AssertionError("no meter " + name);
    }

    static void await(final BooleanSupplier condition) {
        final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
        while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(1_000_000);
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }

    static String request(
            final String method, final String path, final String headers, final String body) {
        final int length = body.getBytes(StandardCharsets.UTF_8).length;
        return method + " " + path + " HTTP/1.1\r\nHost: h\r\n" + headers + "Content-Length: "
                + length + "\r\n\r\n" + body;
    }

    /** A well-formed command, but for its body. */
    static String command(
            final String method, final String path, final String key, final String body) {
        return request(
                method,
                path,
                "Content-Type: application/json\r\nIdempotency-Key: " + key + "\r\n",
                body);
    }

    static RawClient.Answer send(final RawClient client, final String request) throws IOException {
        client.send(request.getBytes(StandardCharsets.UTF_8));
        return client.answer();
    }

    static RawClient.Answer post(
            final RawClient client, final String path, final String key, final String body)
            throws IOException {
        return send(client, command("POST", path, key, body));
    }

    static JsonObject json(final RawClient.Answer answer) {
        return new JsonObject(answer.body());
    }

    static void assertProblem(
            final RawClient.Answer answer,
            final int status,
            final String code,
            final String outcome,
            final String retry) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers()).containsEntry("content-type", "application/problem+json");
        final JsonObject problem = json(answer);
        assertThat(problem.getString("code")).isEqualTo(code);
        assertThat(problem.getInteger("status")).isEqualTo(status);
        assertThat(problem.getString("type")).isEqualTo("/problems/" + code);
        assertThat(problem.getString("outcome")).as(answer.body()).isEqualTo(outcome);
        assertThat(problem.getString("retry")).as(answer.body()).isEqualTo(retry);
        assertThat(problem.getString("title")).isNotBlank();
        assertThat(problem.getString("detail")).isNotBlank();
        if (status == 503) {
            assertThat(answer.headers()).containsEntry("retry-after", "1");
        }
    }

    /** Stops, and fails if anything was thrown out of a handler meanwhile. */
    void stop() throws Exception {
        Lifecycle.await(edge.stop(100), 10_000);
        Lifecycle.await(vertx.close(), 10_000);
        metrics.close();
        assertThat(thrown).isEmpty();
    }
}
