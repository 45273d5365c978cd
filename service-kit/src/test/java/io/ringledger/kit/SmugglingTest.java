package io.ringledger.kit;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Requests that two servers may read in two ways, so that one behind another sees a request that the
 * first has not: each is refused, and the connection with it, whatever comes behind.
 */
// Requests are written as they go over the wire, with CRLF.
@SuppressWarnings("StringConcatToTextBlock")
@Timeout(60)
final class SmugglingTest {
    private static final int MAX_BODY = 2_048;
    private static final String HEAD = "POST /v1/echo HTTP/1.1\r\nHost: h\r\n";
    private static final String CHUNKED = HEAD + "Transfer-Encoding: chunked\r\n\r\n";
    private static final String SMUGGLED = "GET /v1/smuggled HTTP/1.1\r\nHost: h\r\n\r\n";

    private final Vertx vertx = Vertx.vertx();
    private final Metrics metrics = new Metrics();
    private final List<String> seen = new CopyOnWriteArrayList<>();
    private HttpEdge edge;

    /** What must not be taken for a request. */
    enum Doubtful {
        LENGTH_AND_CHUNKED(
                HEAD + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        CHUNKED_AND_LENGTH(
                HEAD + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"),
        TWO_LENGTHS(HEAD + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
        THE_SAME_LENGTH_TWICE(HEAD + "Content-Length: 1\r\nContent-Length: 1\r\n\r\na"),
        LENGTHS_IN_A_LIST(HEAD + "Content-Length: 1, 2\r\n\r\nab"),
        LENGTH_WITH_A_SIGN(HEAD + "Content-Length: +1\r\n\r\na"),
        LENGTH_IN_HEX(HEAD + "Content-Length: 0x1\r\n\r\na"),
        LENGTH_BEYOND_A_LONG(HEAD + "Content-Length: 18446744073709551617\r\n\r\na"),
        EMPTY_LENGTH(HEAD + "Content-Length: \r\n\r\n"),
        CHUNKED_NOT_LAST(HEAD + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"),
        NOT_QUITE_CHUNKED(HEAD + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
        CHUNKED_TWICE(HEAD + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n"
                + "0\r\n\r\n"),
        CHUNKED_IN_HTTP_1_0("POST /v1/echo HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n"
                + "\r\n0\r\n\r\n"),
        BARE_LF("POST /v1/echo HTTP/1.1\nHost: h\nContent-Length: 0\n\n"),
        BARE_LF_BETWEEN_FIELDS(HEAD + "A: b\nContent-Length: 0\r\n\r\n"),
        BARE_CR_IN_A_VALUE(HEAD + "A: b\rContent-Length: 5\r\n\r\n"),
        FOLDED_LENGTH(HEAD + "Content-Length:\r\n 0\r\n\r\n"),
        FOLDED_FIRST_FIELD("POST /v1/echo HTTP/1.1\r\n Host: h\r\nContent-Length: 0\r\n\r\n"),
        BLANK_BEFORE_COLON(HEAD + "Content-Length : 0\r\n\r\n"),
        TAB_BEFORE_COLON(HEAD + "Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n"),
        BLANK_IN_A_NAME(HEAD + "A B: c\r\nContent-Length: 0\r\n\r\n"),
        NO_NAME(HEAD + ": c\r\nContent-Length: 0\r\n\r\n"),
        NO_COLON(HEAD + "Content-Length\r\n\r\n"),
        NUL_IN_A_VALUE(HEAD + "A: b\u0000c\r\nContent-Length: 0\r\n\r\n"),
        NUL_IN_A_NAME(HEAD + "A\u0000: b\r\nContent-Length: 0\r\n\r\n"),
        NUL_IN_THE_TARGET("POST /v1/echo\u0000 HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"),
        BLANK_IN_THE_TARGET("POST /v1/echo x HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"),
        CHUNK_SIZE_WITH_A_SIGN(CHUNKED + "+1\r\na\r\n0\r\n\r\n"),
        CHUNK_SIZE_IN_0X(CHUNKED + "0x1\r\na\r\n0\r\n\r\n"),
        CHUNK_SIZE_BEYOND_AN_INT(CHUNKED + "100000001\r\na\r\n0\r\n\r\n"),
        CHUNK_LONGER_THAN_ITS_SIZE(CHUNKED + "1\r\nab\r\n0\r\n\r\n"),
        BARE_LF_BEHIND_A_CHUNK_SIZE(CHUNKED + "1\na\r\n0\r\n\r\n"),
        BARE_LF_BEHIND_A_CHUNK(CHUNKED + "1\r\na\n0\r\n\r\n"),
        BARE_LF_IN_A_CHUNK_EXTENSION(CHUNKED + "1;a\nb\r\na\r\n0\r\n\r\n");

        private final String bytes;

        Doubtful(final String bytes) {
            this.bytes = bytes;
        }
    }

    @BeforeEach
    void start() throws Exception {
        final HttpEdgeOptions options = new HttpEdgeOptions(
                "127.0.0.1", 0, 1, 128, 8, 0, 64, 5_000, 2_000, 256, 1_024, 8_192, MAX_BODY);
        edge = Lifecycle.await(
                HttpEdge.start(vertx, options, metrics.registry(), this::handle), 10_000);
    }

    @AfterEach
    void stop() throws Exception {
        Lifecycle.await(edge.stop(100), 10_000);
        Lifecycle.await(vertx.close(), 10_000);
        metrics.close();
    }

    private void handle(final HttpServerRequest request) {
        HttpBody.collect(request, MAX_BODY, null, body -> {
            seen.add(request.uri());
            request.response().end(request.uri());
        });
    }

    @ParameterizedTest
    @EnumSource(Doubtful.class)
    void shouldRefuseWhatCanBeReadInTwoWays(final Doubtful doubtful) throws IOException {
        try (RawClient client = new RawClient(edge.port())) {
            client.send(doubtful.bytes + SMUGGLED);
            final RawClient.Answer answer = client.answer();
            assertThat(answer.status()).as(answer.body()).isEqualTo(400);
            assertThat(answer.headers())
                    .containsEntry("content-type", "application/problem+json")
                    .containsEntry("x-content-type-options", "nosniff");
            assertThat(answer.body()).contains("\"code\":\"malformed_request\"");
            client.awaitClose();
        }
        assertThat(seen).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "http://other.example/v1/echo",
        "HTTP://H/v1/echo?a=b",
        "/v1/echo%2F..%2Fx",
        "/v1/%00",
        "/v1/%25%32%46",
        "/v1/../v1/echo",
        "//v1/echo",
        "/v1/echo;a=b",
        "/v1/%zz",
        "/v1/%",
        "*",
        "h:80",
        "x",
    })
    void shouldHandOnAnyTargetAsItCame(final String target) throws IOException {
        try (RawClient client = new RawClient(edge.port())) {
            for (final String method : List.of("GET", "POST", "OPTIONS", "CONNECT")) {
                client.send(method + " " + target
                        + " HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
                final RawClient.Answer answer = client.answer();
                assertThat(answer.status()).as(method).isEqualTo(200);
                assertThat(answer.body()).isEqualTo(target);
            }
        }
    }

    /** RFC 9112 lets a server take it for a blank, which is what it does. */
    @Test
    void shouldTakeAFoldedLineForTheValueThatItGoesOnWith() throws IOException {
        try (RawClient client = new RawClient(edge.port())) {
            client.send(
                    HEAD + "A: b\r\n Content-Length: 5\r\nContent-Length: 0\r\n\r\n" + SMUGGLED);
            assertThat(client.answer().body()).isEqualTo("/v1/echo");
            assertThat(client.answer().body()).isEqualTo("/v1/smuggled");
        }
    }

    @Test
    void shouldTakeWhatIsUnusualButClear() throws IOException {
        try (RawClient client = new RawClient(edge.port())) {
            client.send(CHUNKED + "1;name=value\r\na\r\n0\r\nTrailer: x\r\n\r\n" + HEAD
                    + "Content-Length:\t 1 \t\r\n\r\nb\r\n" + SMUGGLED);
            assertThat(client.answer().body()).isEqualTo("/v1/echo");
            assertThat(client.answer().body()).isEqualTo("/v1/echo");
            assertThat(client.answer().body()).isEqualTo("/v1/smuggled");
        }
    }
}
