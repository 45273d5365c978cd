package io.ringledger.kit;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.util.Map;

/** What every answer tells a browser, whoever has written it. */
// Requests are written as they go over the wire, with CRLF.
@SuppressWarnings("StringConcatToTextBlock")
@Timeout(60)
final class SecurityHeadersTest {
    private static final int MAX_BODY = 2_048;

    private final Vertx vertx = Vertx.vertx();
    private final Metrics metrics = new Metrics();
    private HttpEdge edge;

    @BeforeEach
    void start() throws Exception {
        final HttpEdgeOptions options = new HttpEdgeOptions(
                "127.0.0.1", 0, 1, 128, 8, 0, 64, 5_000, 500, 256, 1_024, 8_192, MAX_BODY);
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
        if (request.path().equals("/v1/broken")) {
            throw new IllegalStateException("planted");
        }
        HttpBody.collect(request, MAX_BODY, null, body -> request.response().end("{}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /health/live HTTP/1.1",
                "GET /health/ready HTTP/1.1",
                "GET /metrics HTTP/1.1",
                "GET /problems/overloaded HTTP/1.1",
                "GET /problems/none HTTP/1.1",
                "GET /v1/x HTTP/1.1",
                "GET /v1/broken HTTP/1.1",
                "OPTIONS /v1/x HTTP/1.1",
                "OPTIONS /metrics HTTP/1.1",
                "DELETE /metrics HTTP/1.1",
                // Refused below the handlers.
                "GET / HTTP/3.7",
                "GET /v1/x HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2",
                "GET /v1/x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz",
                "GET /v1/x HTTP/1.1\r\nContent-Length: 1000\r\n\r\nslow",
            })
    void shouldTellABrowserToMakeNothingOfAnAnswer(final String head) throws IOException {
        assertThat(answer(head).headers())
                .containsAllEntriesOf(Map.of(
                        "x-content-type-options", "nosniff",
                        "cache-control", "no-store",
                        "content-security-policy", "default-src 'none'; frame-ancestors 'none'",
                        "referrer-policy", "no-referrer"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST /v1/x HTTP/1.1",
                "PUT /v1/x HTTP/1.1",
                "POST /v1/broken HTTP/1.1",
                "POST /metrics HTTP/1.1",
                "POST /v1/x HTTP/1.1\r\nContent-Length: 3000",
            })
    void shouldSayLessToCommands(final String head) throws IOException {
        assertThat(answer(head).headers())
                .containsAllEntriesOf(
                        Map.of("x-content-type-options", "nosniff", "cache-control", "no-store"))
                .doesNotContainKeys("content-security-policy", "referrer-policy");
    }

    private RawClient.Answer answer(final String head) throws IOException {
        try (RawClient client = new RawClient(edge.port())) {
            client.send(head + "\r\nHost: h\r\nOrigin: https://other.example\r\n\r\n");
            final RawClient.Answer answer = client.answer();
            assertThat(answer.headers())
                    .doesNotContainKeys(
                            "server",
                            "x-powered-by",
                            "access-control-allow-origin",
                            "access-control-allow-credentials",
                            // Only where there is TLS.
                            "strict-transport-security");
            return answer;
        }
    }
}
