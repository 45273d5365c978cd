package io.ringledger.kit;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** While an event loop stands still (a pause of the process, say), no client is late. */
@Timeout(60)
final class StalledLoopTest {
    private static final int LIMIT_MS = 1_500;
    private static final String REQUEST = "GET /v1/x HTTP/1.1\r\nHost: h\r\n\r\n";

    private final Vertx vertx = Vertx.vertx();
    private final Metrics metrics = new Metrics();
    private final CountDownLatch stalled = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);
    private HttpEdge edge;

    @BeforeEach
    void start() throws Exception {
        final HttpEdgeOptions options = new HttpEdgeOptions(
                "127.0.0.1", 0, 1, 128, 8, 0, 64, 60_000, LIMIT_MS, 256, 1_024, 8_192, 2_048);
        edge = Lifecycle.await(
                HttpEdge.start(vertx, options, metrics.registry(), this::handle), 10_000);
    }

    @AfterEach
    void stop() throws Exception {
        goOn.countDown();
        Lifecycle.await(edge.stop(100), 10_000);
        Lifecycle.await(vertx.close(), 10_000);
        metrics.close();
    }

    private void handle(final HttpServerRequest request) {
        if (request.path().equals("/v1/stall")) {
            stalled.countDown();
            try {
                assertThat(goOn.await(20, TimeUnit.SECONDS)).isTrue();
            } catch (final InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        request.response().end("done");
    }

    @Test
    void shouldNotCountWhatAClientHadNoChanceToUse() throws Exception {
        try (RawClient half = new RawClient(edge.port());
                RawClient other = new RawClient(edge.port())) {
            half.send(REQUEST.substring(0, 10));
            // By its answer, what was sent before it has been read.
            other.send(REQUEST);
            assertThat(other.answer().status()).isEqualTo(200);
            other.send(REQUEST.replace("/v1/x", "/v1/stall"));
            assertThat(stalled.await(20, TimeUnit.SECONDS)).isTrue();
            half.send(REQUEST.substring(10));
            TimeUnit.MILLISECONDS.sleep(LIMIT_MS + 700L);
            goOn.countDown();
            assertThat(half.answer().status()).isEqualTo(200);
            assertThat(other.answer().status()).isEqualTo(200);
        }
    }
}
