package io.ringledger.kit;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringledger.kit.tls.Tls;
import io.ringledger.kit.tls.TlsOptions;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Clients that do not read their answers, or read them slowly; in plain text, and encrypted. */
@Timeout(60)
@ParameterizedClass
@ValueSource(strings = {"off", "self_signed"})
final class UnreadAnswersTest {
    private static final int IDLE_MS = 500;
    private static final int BACKLOG_MS = GuardLoop.BACKLOG_LIMITS * IDLE_MS;

    /** More than the kernel takes in on its two sides. */
    private static final int BIG_BYTES = 32 << 20;

    private static final int LITTLE_ROOM = 65_536;
    private static final String BIG = "GET /v1/big HTTP/1.1\r\nHost: h\r\n\r\n";
    private static final String SMALL = "GET /v1/small HTTP/1.1\r\nHost: h\r\n\r\n";
    private static final String HELD = "GET /v1/held HTTP/1.1\r\nHost: h\r\n\r\n";

    private final Vertx vertx = Vertx.vertx();
    private final Metrics metrics = new Metrics();
    private final Promise<Void> release = Promise.promise();
    private final Buffer big = Buffer.buffer(new byte[BIG_BYTES]);
    private HttpEdge edge;

    private final String tls;

    UnreadAnswersTest(final String tls) {
        this.tls = tls;
    }

    @BeforeEach
    void start() throws Exception {
        final HttpEdgeOptions options = new HttpEdgeOptions(
                "127.0.0.1", 0, 1, 128, 8, 0, 64, IDLE_MS, 20_000, 256, 1_024, 8_192, 2_048);
        edge = Lifecycle.await(
                HttpEdge.start(
                        vertx,
                        options,
                        Tls.from(
                                vertx,
                                "127.0.0.1",
                                Settings.read(Map.of("RINGLEDGER_TLS", tls), TlsOptions.SETTINGS),
                                metrics.registry()),
                        metrics.registry(),
                        this::handle),
                10_000);
    }

    private RawClient connect(final int receiveBytes) throws IOException {
        return tls.equals("off")
                ? new RawClient(edge.port(), receiveBytes)
                : new RawClient(TlsClients.connect(edge.port(), receiveBytes));
    }

    @AfterEach
    void stop() throws Exception {
        Lifecycle.await(edge.stop(100), 10_000);
        Lifecycle.await(vertx.close(), 10_000);
        metrics.close();
    }

    private void handle(final HttpServerRequest request) {
        switch (request.path()) {
            case "/v1/big" -> request.response().end(big);
            case "/v1/held" ->
                release.future().onComplete(released -> request.response().end("held"));
            default -> request.response().end("small");
        }
    }

    private void awaitClosed() {
        final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (edge.openConnections() != 0 && System.nanoTime() < deadline) {
            LockSupport.parkNanos(1_000_000);
        }
        assertThat(edge.openConnections()).isZero();
    }

    private void assertUnreadTimeouts(final int expected) {
        assertThat(metrics.scrape())
                .contains("ringledger_http_connection_events_total{event=\"unread_timeout\"} "
                        + expected + ".0");
    }

    @ParameterizedTest
    @ValueSource(strings = {BIG, BIG + SMALL, BIG + BIG + SMALL, BIG + HELD, BIG + "GET /v1/sm"})
    void shouldCloseAClientThatDoesNotReadItsAnswers(final String requests) throws IOException {
        try (RawClient client = connect(LITTLE_ROOM)) {
            client.send(SMALL);
            assertThat(client.answer().body()).isEqualTo("small");
            client.send(requests);
            awaitClosed();
        }
        assertUnreadTimeouts(1);
    }

    @Test
    void shouldCloseAClientThatTakesForEverToReadItsAnswer() throws IOException {
        try (RawClient client = connect(LITTLE_ROOM)) {
            final long start = System.nanoTime();
            client.send(BIG + HELD);
            final byte[] piece = new byte[LITTLE_ROOM];
            long got = 0;
            long last = start;
            long longestPauseNs = 0;
            for (int count = 0; count >= 0; count = client.read(piece)) {
                got += count;
                longestPauseNs = Math.max(longestPauseNs, System.nanoTime() - last);
                last = System.nanoTime();
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            }
            assertThat(got).isLessThan(BIG_BYTES);
            // Where it always took something it was not for the idle limit; a machine that let this
            // client stand still for as long shows only that it was closed.
            if (longestPauseNs < TimeUnit.MILLISECONDS.toNanos(IDLE_MS / 2)) {
                assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start))
                        .isGreaterThan(BACKLOG_MS * 9L / 10);
            }
        }
        awaitClosed();
        assertUnreadTimeouts(1);
    }

    @Test
    void shouldLetASlowClientReadItsAnswer() throws IOException {
        try (RawClient client = connect(LITTLE_ROOM)) {
            client.send(BIG + SMALL);
            final byte[] piece = new byte[1 << 20];
            final long start = System.nanoTime();
            long got = 0;
            while (got < BIG_BYTES) {
                final int count = client.read(piece);
                assertThat(count).as("got=" + got).isPositive();
                got += count;
                // Spread over more than the idle limit, and much less than that of a backlog.
                final long dueNs =
                        got * TimeUnit.MILLISECONDS.toNanos(3L * IDLE_MS / 2) / BIG_BYTES;
                final long earlyNs = start + dueNs - System.nanoTime();
                if (earlyNs > 0) {
                    LockSupport.parkNanos(earlyNs);
                }
            }
        }
        assertUnreadTimeouts(0);
    }

    @Test
    void shouldNotCloseAClientThatWaitsForItsAnswer() throws IOException {
        try (RawClient client = connect(0)) {
            client.send(SMALL);
            assertThat(client.answer().body()).isEqualTo("small");
            client.send(HELD);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(BACKLOG_MS * 3L / 2));
            release.complete();
            assertThat(client.answer().body()).isEqualTo("held");
        }
        assertUnreadTimeouts(0);
    }
}
