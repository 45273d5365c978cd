package io.ringledger.kit;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringledger.kit.trace.Correlation;
import io.ringledger.kit.trace.TraceParent;
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
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Which correlation id an answer has; that every one has one is {@link RawClient}'s to see. */
@Timeout(60)
final class CorrelationTest {
    private static final String TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
    private static final String SAMPLED = "00-" + TRACE_ID + "-b7ad6b7169203331-01";
    private static final String NOT_SAMPLED = "00-" + TRACE_ID + "-b7ad6b7169203331-00";
    private static final int MAX_BODY = 64;

    private final Vertx vertx = Vertx.vertx();
    private final Metrics metrics = new Metrics();
    private final CountDownLatch held = new CountDownLatch(2);
    private HttpEdge edge;

    @BeforeEach
    void start() throws Exception {
        final HttpEdgeOptions options = new HttpEdgeOptions(
                "127.0.0.1", 0, 1, 128, 2, 0, 8, 2_000, 500, 256, 1_024, 8_192, MAX_BODY);
        edge = Lifecycle.await(
                HttpEdge.start(
                        vertx,
                        options,
                        metrics.registry(),
                        new SystemRoutes(metrics, new Health(), this::handle)),
                10_000);
    }

    @AfterEach
    void stop() throws Exception {
        Lifecycle.await(edge.stop(100), 10_000);
        Lifecycle.await(vertx.close(), 10_000);
        metrics.close();
    }

    private void handle(final HttpServerRequest request) {
        if (request.path().equals("/v1/held")) {
            held.countDown();
            return;
        }
        if (request.path().equals("/v1/broken")) {
            throw new IllegalStateException("planted");
        }
        final TraceParent sampled = Correlation.sampled(request);
        final String answer = Correlation.idOf(request)
                + ' '
                + Correlation.onwards(request)
                + ' '
                + (sampled == null ? "no" : sampled.header());
        HttpBody.collect(request, MAX_BODY, null, body -> request.response().end(answer));
    }

    private RawClient.Answer get(final String path, final String headers) throws IOException {
        try (RawClient client = new RawClient(edge.port())) {
            client.send("GET " + path + " HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n");
            return client.answer();
        }
    }

    private static @Nullable String id(final RawClient.Answer answer) {
        return answer.headers().get("correlation-id");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/v1/x", "/v1/broken", "/health/live", "/health/ready", "/problems/none"})
    void shouldBeTheTraceIdOfTheClient(final String path) throws IOException {
        for (final String sent : new String[] {SAMPLED, NOT_SAMPLED}) {
            assertThat(id(get(path, "TraceParent: " + sent + "\r\n"))).isEqualTo(TRACE_ID);
        }
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            'Content-Length: 1000',                                       '',            413
            'Transfer-Encoding: chunked',                                 'xyz~',        400
            'Content-Length: 5',                                          '12',          408
            'Content-Length: 5~Transfer-Encoding: chunked',               '0~~',         400
            """)
    void shouldBeItWhereTheEdgeAnswersToo(final String head, final String body, final int status)
            throws IOException {
        try (RawClient client = new RawClient(edge.port())) {
            final String request = "POST /v1/x HTTP/1.1~Host: h~traceparent: " + SAMPLED + '~'
                    + head + "~~" + body;
            client.send(request.replace("~", "\r\n"));
            final RawClient.Answer answer = client.answer();
            assertThat(answer.status()).isEqualTo(status);
            assertThat(id(answer)).isEqualTo(TRACE_ID);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "traceparent: 00-" + TRACE_ID + "-b7ad6b7169203331-0x\r\n",
                "traceparent: " + SAMPLED + "\r\ntraceparent: " + SAMPLED + "\r\n",
                "correlation-id: " + TRACE_ID + "\r\n"
            })
    void shouldBeNewWhereTheClientHasNone(final String headers) throws IOException {
        final Set<String> ids = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            final RawClient.Answer answer = get("/v1/x", headers);
            final String id = Objects.requireNonNull(id(answer));
            assertThat(id).isNotEqualTo(TRACE_ID);
            assertThat(ids.add(id)).isTrue();
            final String[] seen = answer.body().split(" ", -1);
            assertThat(seen[0]).isEqualTo(id);
            assertThat(seen[1]).startsWith("00-" + id + '-').endsWith("-00");
            assertThat(TraceParent.parse(seen[1])).isNotNull();
            assertThat(seen[2]).isEqualTo("no");
        }
    }

    @Test
    void shouldHandTheClientsOwnContextOnwards() throws IOException {
        assertThat(get("/v1/x", "traceparent: " + SAMPLED + "\r\n").body())
                .isEqualTo(TRACE_ID + ' ' + SAMPLED + ' ' + SAMPLED);
        assertThat(get("/v1/x", "traceparent: " + NOT_SAMPLED + "\r\n").body())
                .isEqualTo(TRACE_ID + ' ' + NOT_SAMPLED + " no");
    }

    @Test
    void shouldHaveOneWhereTooManyConnectionsAreOpen() throws Exception {
        try (RawClient first = new RawClient(edge.port());
                RawClient second = new RawClient(edge.port())) {
            first.send("GET /v1/held HTTP/1.1\r\nHost: h\r\n\r\n");
            second.send("GET /v1/held HTTP/1.1\r\nHost: h\r\n\r\n");
            // Whoever waits for an answer makes no room for others.
            assertThat(held.await(10, TimeUnit.SECONDS)).isTrue();
            try (RawClient third = new RawClient(edge.port())) {
                assertThat(third.answer().status()).isEqualTo(503);
            }
        }
    }
}
