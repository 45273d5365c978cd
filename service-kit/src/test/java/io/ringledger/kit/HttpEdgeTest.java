package io.ringledger.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.BindException;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

// Requests are written as they go over the wire, with CRLF.
@SuppressWarnings("StringConcatToTextBlock")
@Timeout(60)
final class HttpEdgeTest {
    private static final int IDLE_MS = 2_000;
    private static final int REQUEST_MS = 600;
    private static final int MAX_BODY = 2_048;
    private static final int MAX_CONNECTIONS = 8;
    private static final int MAX_PIPELINED = 64;

    private final Vertx vertx = Vertx.vertx();
    private final Metrics metrics = new Metrics();
    private final Health health = new Health();
    private final Promise<Void> release = Promise.promise();
    private final AtomicInteger held = new AtomicInteger();
    private HttpEdge edge;
    private int port;

    @BeforeEach
    void start() throws Exception {
        final HttpEdgeOptions options = new HttpEdgeOptions(
                "127.0.0.1",
                0,
                2,
                128,
                MAX_CONNECTIONS,
                0,
                MAX_PIPELINED,
                IDLE_MS,
                REQUEST_MS,
                256,
                1_024,
                8_192,
                MAX_BODY);
        edge = Lifecycle.await(
                HttpEdge.start(
                        vertx,
                        options,
                        metrics.registry(),
                        new SystemRoutes(metrics, health, this::handle)),
                10_000);
        port = edge.port();
    }

    @AfterEach
    void stop() throws Exception {
        Lifecycle.await(edge.stop(100), 10_000);
        Lifecycle.await(vertx.close(), 10_000);
        metrics.close();
    }

    private void handle(final HttpServerRequest request) {
        switch (request.path()) {
            case "/v1/echo" ->
                HttpBody.collect(
                        request, MAX_BODY, null, body -> request.response().end(body));
            case "/v1/held" ->
                HttpBody.collect(request, MAX_BODY, null, body -> {
                    held.incrementAndGet();
                    release.future().onComplete(released -> request.response().end("held"));
                });
            case "/v1/broken" -> throw new IllegalStateException("planted");
            default ->
                HttpBody.refuse(
                        request, MAX_BODY, Problem.of(ProblemCode.ROUTE_NOT_FOUND, "no such path"));
        }
    }

    private static String post(final String path, final String body) {
        return "POST " + path + " HTTP/1.1\r\nHost: h\r\nContent-Length: " + body.length()
                + "\r\n\r\n" + body;
    }

    private static void assertProblem(
            final RawClient.Answer answer, final int status, final String code) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers()).containsEntry("content-type", "application/problem+json");
        assertThat(answer.body())
                .contains("\"code\":\"" + code + "\"")
                .contains("\"status\":" + status)
                .contains("\"type\":\"/problems/" + code + "\"");
    }

    private void assertStillUsable(final RawClient client) throws IOException {
        client.send(post("/v1/echo", "again"));
        assertThat(client.answer().body()).isEqualTo("again");
    }

    private void awaitConnections(final int expected) {
        await(() -> edge.openConnections() == expected);
        assertThat(edge.openConnections()).isEqualTo(expected);
    }

    private static void await(final BooleanSupplier condition) {
        final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Test
    void shouldEchoBodiesInOneOrManyPieces() throws IOException {
        try (RawClient client = new RawClient(port)) {
            assertStillUsable(client);
            client.send("POST /v1/echo HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n01");
            client.send("234");
            client.send("56789");
            assertThat(client.answer().body()).isEqualTo("0123456789");
            client.send("POST /v1/echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "3\r\nabc\r\n");
            client.send("4\r\ndefg\r\n1\r\nh\r\n0\r\n\r\n");
            assertThat(client.answer().body()).isEqualTo("abcdefgh");
            assertStillUsable(client);
        }
    }

    @Test
    void shouldAnswerPipelinedRequestsInOrder() throws IOException {
        try (RawClient client = new RawClient(port)) {
            final StringBuilder requests = new StringBuilder();
            for (int i = 0; i < 50; i++) {
                requests.append(i % 2 == 0 ? post("/v1/echo", "n" + i) : post("/v1/none", "x"));
            }
            client.send(requests.toString());
            for (int i = 0; i < 50; i++) {
                final RawClient.Answer answer = client.answer();
                if (i % 2 == 0) {
                    assertThat(answer.body()).isEqualTo("n" + i);
                } else {
                    assertProblem(answer, 404, "route_not_found");
                }
            }
            assertStillUsable(client);
        }
    }

    @Test
    void shouldRefuseWithoutClosingWhenTheRequestIsThere() throws IOException {
        try (RawClient client = new RawClient(port)) {
            client.send(post("/v1/none", "some body"));
            final RawClient.Answer answer = client.answer();
            assertProblem(answer, 404, "route_not_found");
            assertThat(answer.headers()).doesNotContainKey("connection");
            client.send("GET /v1/none HTTP/1.1\r\nHost: h\r\n\r\n");
            assertProblem(client.answer(), 404, "route_not_found");
            assertStillUsable(client);
        }
    }

    @Test
    void shouldAnswerAFaultWith500AndGoOn() throws IOException {
        try (RawClient client = new RawClient(port)) {
            client.send("GET /v1/broken HTTP/1.1\r\nHost: h\r\n\r\n");
            final RawClient.Answer answer = client.answer();
            assertProblem(answer, 500, "internal_error");
            assertThat(answer.body()).doesNotContain("planted").contains("\"outcome\":\"unknown\"");
            assertStillUsable(client);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {MAX_BODY + 1, 100_000, 2_000_000_000})
    void shouldRefuseALongBodyByItsContentLength(final int length) throws IOException {
        try (RawClient client = new RawClient(port)) {
            client.send("POST /v1/echo HTTP/1.1\r\nHost: h\r\nContent-Length: " + length
                    + "\r\n\r\nabc");
            final RawClient.Answer answer = client.answer();
            assertProblem(answer, 413, "body_too_large");
            assertThat(answer.headers()).containsEntry("connection", "close");
            client.awaitClose();
        }
        awaitConnections(0);
    }

    @Test
    void shouldDeliverTheRefusalToAClientThatIsStillSending() throws IOException {
        try (RawClient client = new RawClient(port)) {
            client.send("POST /v1/echo HTTP/1.1\r\nHost: h\r\nContent-Length: 400000\r\n\r\n");
            client.send("x".repeat(400_000));
            assertProblem(client.answer(), 413, "body_too_large");
            client.awaitClose();
        }
    }

    @Test
    void shouldRefuseALongBodyByItsBytes() throws IOException {
        try (RawClient client = new RawClient(port)) {
            client.send("POST /v1/echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
            final String chunk = "400\r\n" + "x".repeat(0x400) + "\r\n";
            client.send(chunk + chunk);
            client.send("1\r\n");
            client.send("x\r\n");
            assertProblem(client.answer(), 413, "body_too_large");
            client.awaitClose();
        }
        awaitConnections(0);
    }

    @Test
    void shouldStopThrowingAwayAnEndlessBody() throws IOException {
        try (RawClient client = new RawClient(port)) {
            client.send("POST /v1/echo HTTP/1.1\r\nHost: h\r\nContent-Length: 2000000000\r\n\r\n");
            final byte[] piece = new byte[65_536];
            boolean closed = false;
            for (int i = 0; i < 2_000 && !closed; i++) {
                try {
                    client.send(piece);
                } catch (final SocketException e) {
                    closed = true;
                }
            }
            assertThat(closed).isTrue();
        }
        awaitConnections(0);
    }

    @ParameterizedTest
    @CsvSource({
        "longline, 414, uri_too_long",
        "headers, 431, headers_too_large",
        "'GET / HTTP/3.7', 400, malformed_request",
        "'GET / FTP/1.1', 400, malformed_request",
        "garbage, 400, malformed_request",
        "smuggle, 400, malformed_request",
        "twolengths, 400, malformed_request",
        "badlength, 400, malformed_request",
        "negativelength, 400, malformed_request",
        "obsfold, 400, malformed_request",
        "spacename, 400, malformed_request",
    })
    void shouldAnswerWhatIsNotHttpAndClose(final String what, final int status, final String code)
            throws IOException {
        final String bytes = switch (what) {
            case "GET / HTTP/3.7" -> "GET / HTTP/3.7\r\nHost: h\r\n\r\n";
            case "GET / FTP/1.1" -> "GET / FTP/1.1\r\nHost: h\r\n\r\n";
            case "garbage" -> "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\r\n\r\n";
            case "headers" -> "GET / HTTP/1.1\r\nHost: h\r\nX: " + "a".repeat(5_000) + "\r\n\r\n";
            case "smuggle" ->
                "POST /v1/echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n"
                        + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
            case "twolengths" ->
                "POST /v1/echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n"
                        + "\r\nab";
            case "badlength" ->
                "POST /v1/echo HTTP/1.1\r\nHost: h\r\nContent-Length: one\r\n\r\nabc";
            case "negativelength" ->
                "POST /v1/echo HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\nabc";
            case "obsfold" -> "GET /v1/none HTTP/1.1\r\nHost : h\r\n\r\n";
            case "spacename" -> "GET /v1/none HTTP/1.1\r\nHost: h\r\nX Y: z\r\n\r\n";
            default -> "GET /" + "a".repeat(300) + " HTTP/1.1\r\nHost: h\r\n\r\n";
        };
        try (RawClient client = new RawClient(port)) {
            client.send(bytes);
            assertProblem(client.answer(), status, code);
            client.awaitClose();
        }
        awaitConnections(0);
    }

    @Test
    void shouldAnswerABrokenChunkAndClose() throws IOException {
        try (RawClient client = new RawClient(port)) {
            client.send("POST /v1/echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
            client.send("xyz\r\nabc\r\n");
            assertProblem(client.answer(), 400, "malformed_request");
            client.awaitClose();
        }
        awaitConnections(0);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "G",
                "GET /v1/none HTTP/1.1\r\nHost: h\r\n",
                "POST /v1/echo HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n12345",
                "POST /v1/echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n1",
            })
    void shouldAnswer408ToAHalfSentRequestAndClose(final String half) throws IOException {
        try (RawClient client = new RawClient(port)) {
            final long start = System.nanoTime();
            client.send(half);
            assertProblem(client.answer(), 408, "request_timeout");
            final long tookMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
            assertThat(tookMs).isBetween(REQUEST_MS * 9L / 10, 10_000L);
            client.awaitClose();
        }
        awaitConnections(0);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /v1/none HTTP/1.1\r\nX: ",
                "POST /v1/echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n",
            })
    void shouldCutAClientThatSendsAByteNowAndThen(final String beginning) throws IOException {
        try (RawClient client = new RawClient(port)) {
            final long start = System.nanoTime();
            client.send(beginning);
            boolean cut = false;
            while (!cut && System.nanoTime() - start < TimeUnit.SECONDS.toNanos(10)) {
                try {
                    client.send("x");
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
                } catch (final SocketException e) {
                    cut = true;
                }
            }
            assertThat(cut).isTrue();
            assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(12));
        }
        awaitConnections(0);
    }

    @Test
    void shouldCloseAnIdleConnectionButNotOneThatWaitsForItsAnswer() throws Exception {
        try (RawClient idle = new RawClient(port);
                RawClient used = new RawClient(port);
                RawClient waiting = new RawClient(port)) {
            waiting.send(post("/v1/held", ""));
            assertStillUsable(used);
            final long start = System.nanoTime();
            idle.awaitClose();
            used.awaitClose();
            assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(12));
            awaitConnections(1);
            // Twice the time of an idle connection, and it still gets its answer.
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2 * IDLE_MS));
            release.complete();
            assertThat(waiting.answer().body()).isEqualTo("held");
        }
    }

    @Test
    void shouldNotHoldAnEarlierAnswersDelayAgainstTheNextRequest() throws IOException {
        try (RawClient client = new RawClient(port)) {
            client.send(post("/v1/held", ""));
            client.send("POST /v1/echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab");
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2 * REQUEST_MS));
            release.complete();
            assertThat(client.answer().body()).isEqualTo("held");
            client.send("cde");
            assertThat(client.answer().body()).isEqualTo("abcde");
        }
    }

    @Test
    void shouldRefuseConnectionsBeyondTheLimitIfAllAreBusy() throws IOException {
        final List<RawClient> clients = new ArrayList<>();
        try {
            for (int i = 0; i < MAX_CONNECTIONS; i++) {
                final RawClient client = new RawClient(port);
                clients.add(client);
                client.send(post("/v1/held", ""));
            }
            awaitConnections(MAX_CONNECTIONS);
            await(() -> held.get() == MAX_CONNECTIONS);
            try (RawClient oneMore = new RawClient(port)) {
                final RawClient.Answer answer = oneMore.answer();
                assertProblem(answer, 503, "overloaded");
                assertThat(answer.headers()).containsEntry("retry-after", "1");
                oneMore.awaitClose();
            }
            release.complete();
            for (final RawClient client : clients) {
                assertThat(client.answer().body()).isEqualTo("held");
                assertStillUsable(client);
            }
        } finally {
            for (final RawClient client : clients) {
                client.close();
            }
        }
        awaitConnections(0);
        try (RawClient client = new RawClient(port)) {
            assertStillUsable(client);
        }
    }

    @Test
    void shouldAnswerExpectContinue() throws IOException {
        try (RawClient client = new RawClient(port)) {
            client.send("POST /v1/echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n"
                    + "Expect: 100-continue\r\n\r\n");
            assertThat(client.answer().status()).isEqualTo(100);
            client.send("abc");
            assertThat(client.answer().body()).isEqualTo("abc");
            client.send("POST /v1/none HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n"
                    + "Expect: 100-continue\r\n\r\n");
            assertProblem(client.answer(), 404, "route_not_found");
            client.awaitClose();
        }
    }

    @Test
    void shouldLetRequestsInFlightFinishWhenItStops() throws Exception {
        try (RawClient waiting = new RawClient(port);
                RawClient idle = new RawClient(port)) {
            waiting.send(post("/v1/held", ""));
            assertStillUsable(idle);
            awaitConnections(2);
            final Future<Void> stopped = edge.stop(10_000);
            idle.awaitClose();
            assertThat(stopped.isComplete()).isFalse();
            release.complete();
            assertThat(waiting.answer().body()).isEqualTo("held");
            waiting.awaitClose();
            Lifecycle.await(stopped, 5_000);
        }
        // The server tells of its end before the last close has been counted.
        awaitConnections(0);
    }

    @Test
    void shouldFailToStartOnAPortThatIsTaken() {
        final HttpEdgeOptions options = new HttpEdgeOptions(
                "127.0.0.1", port, 2, 128, 8, 0, 64, 1_000, 1_000, 256, 1_024, 8_192, MAX_BODY);
        // Another Vert.x: the same one would share the port.
        final Vertx other = Vertx.vertx();
        try {
            assertThatThrownBy(() -> Lifecycle.await(
                            HttpEdge.start(other, options, metrics.registry(), request -> {}),
                            5_000))
                    .isInstanceOf(BindException.class)
                    .hasMessageContaining("port ")
                    .hasMessageContaining(" of 127.0.0.1 cannot be had")
                    .hasMessageContaining("RINGLEDGER_HTTP_PORT");
        } finally {
            assertThat(other.close()).isNotNull();
        }
    }

    @Test
    void shouldServeTheCommonPaths() throws IOException {
        health.addReadiness("log", () -> Future.succeededFuture());
        try (RawClient client = new RawClient(port)) {
            assertThat(get(client, "/health/live").body()).isEqualTo("{\"status\":\"live\"}");
            assertThat(get(client, "/health/ready").body())
                    .isEqualTo(
                            "{\"status\":\"ready\",\"parts\":[{\"name\":\"log\",\"ready\":true}]}");
            health.addReadiness("views", () -> Future.succeededFuture(reason("not reachable")));
            health.addReadiness("worse", () -> {
                throw new IllegalStateException("planted");
            });
            final RawClient.Answer unready = get(client, "/health/ready");
            assertThat(unready.status()).isEqualTo(503);
            assertThat(unready.body())
                    .contains("{\"name\":\"views\",\"ready\":false,\"reason\":\"not reachable\"}")
                    .contains("{\"name\":\"worse\",\"ready\":false,")
                    .doesNotContain("planted");
            assertThat(get(client, "/metrics").body())
                    .contains("ringledger_http_connections 1.0")
                    .contains("jvm_memory_used_bytes");
            for (final ProblemCode code : ProblemCode.values()) {
                final RawClient.Answer page = get(client, "/problems/" + code.wireName());
                assertThat(page.status()).isEqualTo(200);
                assertThat(page.body()).contains(code.wireName(), code.title());
            }
            assertProblem(get(client, "/problems/none"), 404, "route_not_found");
            client.send(post("/metrics", "x"));
            final RawClient.Answer refused = client.answer();
            assertProblem(refused, 405, "method_not_allowed");
            assertThat(refused.headers()).containsEntry("allow", "GET, HEAD, OPTIONS");
            client.send("OPTIONS /metrics HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(client.answer().status()).isEqualTo(204);
            client.send("HEAD /health/live HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(client.answer().status()).isEqualTo(200);
            assertStillUsable(client);
        }
    }

    private static @Nullable String reason(final String text) {
        return text;
    }

    private static RawClient.Answer get(final RawClient client, final String path)
            throws IOException {
        client.send("GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n");
        return client.answer();
    }
}
