package io.ringledger.kit;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Who gets in, and who gives way, when there are more connections than there may be. */
@Timeout(60)
final class CrowdedEdgeTest {
    private static final int MAX_CONNECTIONS = 8;
    private static final int MAX_PER_ADDRESS = 3;
    private static final int MAX_PIPELINED = 16;
    private static final int NEVER_MS = 3_600_000;

    /** Ticks, by which the age of connections is counted, are a twentieth of it. */
    private static final int REQUEST_MS = 2_000;

    private static final String HERE = "127.0.0.1";
    private static final String CROWD = "127.0.0.2";
    private static final String SMALL = "GET /v1/small HTTP/1.1\r\nHost: h\r\n\r\n";
    private static final String HELD = "GET /v1/held HTTP/1.1\r\nHost: h\r\n\r\n";
    private static final String BIG = "GET /v1/big HTTP/1.1\r\nHost: h\r\n\r\n";
    private static final String REFUSED = "GET /v1/refused HTTP/1.1\r\nHost: h\r\n\r\n";
    private static final String LIVE = "GET /live HTTP/1.1\r\nHost: h\r\n\r\n";

    private final Vertx vertx = Vertx.vertx();
    private final Metrics metrics = new Metrics();
    private final Promise<Void> release = Promise.promise();
    private final AtomicInteger held = new AtomicInteger();
    private final Buffer big = Buffer.buffer(new byte[32 << 20]);
    private final List<RawClient> clients = new ArrayList<>();
    private @Nullable HttpEdge edge;

    @AfterEach
    void stop() throws Exception {
        for (final RawClient client : clients) {
            client.close();
        }
        Lifecycle.await(edge().stop(100), 10_000);
        Lifecycle.await(vertx.close(), 10_000);
        metrics.close();
    }

    private void start(final int maxPerAddress, final int requestMs) throws Exception {
        start(MAX_CONNECTIONS, maxPerAddress, requestMs);
    }

    private void start(final int maxConnections, final int maxPerAddress, final int requestMs)
            throws Exception {
        // One event loop: a connection is displaced by one of its own.
        final HttpEdgeOptions options = new HttpEdgeOptions(
                HERE,
                0,
                1,
                128,
                maxConnections,
                maxPerAddress,
                MAX_PIPELINED,
                NEVER_MS,
                requestMs,
                256,
                1_024,
                8_192,
                2_048);
        edge = Lifecycle.await(
                HttpEdge.start(vertx, options, metrics.registry(), this::handle), 10_000);
    }

    private void handle(final HttpServerRequest request) {
        switch (request.path()) {
            case "/v1/big" -> request.response().end(big);
            case "/v1/refused" ->
                release.future()
                        .onComplete(_ -> request.response().setStatusCode(401).end());
            case "/v1/held" -> {
                held.incrementAndGet();
                release.future().onComplete(released -> request.response().end("held"));
            }
            default ->
                HttpBody.collect(
                        request, 2_048, null, body -> request.response().end("small"));
        }
    }

    private HttpEdge edge() {
        return Objects.requireNonNull(edge);
    }

    private RawClient connect(final String from) throws IOException {
        final RawClient client = new RawClient(edge().port(), 65_536, from);
        clients.add(client);
        return client;
    }

    /** One that has been accepted and counted. */
    private RawClient connected(final String from) throws IOException {
        final int before = edge().openConnections();
        final RawClient client = connect(from);
        await(() -> edge().openConnections() == before + 1);
        return client;
    }

    private static void await(final BooleanSupplier condition) {
        final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(1_000_000);
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }

    private static void assertUsable(final RawClient client) throws IOException {
        client.send(SMALL);
        assertThat(client.answer().body()).isEqualTo("small");
    }

    private static void assertRefused(final RawClient client) throws IOException {
        final RawClient.Answer answer = client.answer();
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.body()).contains("\"code\":\"overloaded\"", "\"not_applied\"");
        client.awaitClose();
    }

    private int events(final String event) {
        final String line = "ringledger_http_connection_events_total{event=\"" + event + "\"} ";
        return metrics.scrape()
                .lines()
                .filter(text -> text.startsWith(line))
                .mapToInt(text -> (int) Double.parseDouble(text.substring(line.length())))
                .sum();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "G",
                LIVE,
                SMALL,
                "POST /v1/small HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n1",
            })
    void shouldLetInAnHonestClientInPlaceOfOneThatDoesNothing(final String sent) throws Exception {
        start(0, NEVER_MS);
        for (int i = 0; i < MAX_CONNECTIONS; i++) {
            final RawClient slow = connected(HERE);
            slow.send(sent);
            if (sent.startsWith("GET")) {
                assertThat(slow.answer().body()).isEqualTo("small");
            }
        }
        for (int i = 1; i <= 3 * MAX_CONNECTIONS; i++) {
            assertUsable(connect(HERE));
            assertThat(edge().openConnections()).isEqualTo(MAX_CONNECTIONS);
            assertThat(events("displaced")).isEqualTo(i);
        }
        assertThat(events("refused")).isZero();
    }

    /** What anybody is answered between two requests to the API is no answer of the API. */
    @Test
    void shouldNotTakeAMixOfRequestsForOneThatWasServed() throws Exception {
        start(0, NEVER_MS);
        final RawClient proven = connected(HERE);
        assertUsable(proven);
        final RawClient impostor = connected(HERE);
        impostor.send(REFUSED + LIVE + REFUSED);
        while (edge().openConnections() < MAX_CONNECTIONS) {
            assertUsable(connected(HERE));
        }
        release.complete();
        assertThat(impostor.answer().status()).isEqualTo(401);
        assertThat(impostor.answer().status()).isEqualTo(200);
        assertThat(impostor.answer().status()).isEqualTo(401);
        assertUsable(connect(HERE));
        impostor.awaitClose();
        assertUsable(proven);
    }

    @Test
    void shouldDisplaceBySmallestMerit() throws Exception {
        start(0, REQUEST_MS);
        final RawClient busy = connected(HERE);
        busy.send(HELD);
        await(() -> held.get() == 1);
        final RawClient proven = connected(HERE);
        assertUsable(proven);
        final RawClient unproven = connected(HERE);
        unproven.send(LIVE);
        assertThat(unproven.answer().status()).isEqualTo(200);
        final RawClient unreading = connected(HERE);
        unreading.send(BIG);
        final List<RawClient> silent = new ArrayList<>();
        while (edge().openConnections() < MAX_CONNECTIONS) {
            silent.add(connected(HERE));
        }
        // Who takes nothing of its answer shows that by the next tick but one.
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(REQUEST_MS / 2));
        for (int i = 0; i < silent.size(); i++) {
            final int before = held.get();
            connect(HERE).send(HELD);
            await(() -> held.get() == before + 1);
        }
        for (final RawClient one : silent) {
            one.awaitClose();
        }
        for (final RawClient one : List.of(unreading, unproven, proven)) {
            final int before = held.get();
            connect(HERE).send(HELD);
            one.awaitClose();
            await(() -> held.get() == before + 1);
        }
        assertThat(edge().openConnections()).isEqualTo(MAX_CONNECTIONS);
        // All wait for their answers: nobody gives way, and nobody lost one.
        assertRefused(connect(HERE));
        release.complete();
        assertThat(busy.answer().body()).isEqualTo("held");
        assertUsable(busy);
    }

    @Test
    void shouldAnswerAHalfSentRequestThatIsDisplaced() throws Exception {
        start(0, NEVER_MS);
        final List<RawClient> slow = new ArrayList<>();
        for (int i = 0; i < MAX_CONNECTIONS; i++) {
            final RawClient client = connected(HERE);
            client.send("POST /v1/small HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n1");
            slow.add(client);
        }
        // The last one's bytes have been read once a later client has been answered.
        for (int i = 0; i < MAX_CONNECTIONS; i++) {
            assertUsable(connect(HERE));
        }
        int answered = 0;
        for (final RawClient client : slow) {
            try {
                assertRefused(client);
                answered++;
            } catch (final RawClient.ClosedException e) {
                // Displaced before its bytes were read.
            }
        }
        assertThat(answered).isPositive();
    }

    @Test
    void shouldNotLetACrowdFromOneAddressDisplaceTheOthers() throws Exception {
        start(0, NEVER_MS);
        final RawClient alone = connected(HERE);
        assertUsable(alone);
        while (edge().openConnections() < MAX_CONNECTIONS) {
            connected(CROWD);
        }
        for (int i = 0; i < 3 * MAX_CONNECTIONS; i++) {
            assertUsable(connect(CROWD));
        }
        assertThat(events("displaced")).isEqualTo(3 * MAX_CONNECTIONS);
        assertUsable(alone);
        assertUsable(connect(HERE));
        assertUsable(alone);
    }

    /** So many that those who may give way are not all looked at. */
    @Test
    void shouldNotLetACrowdFromManyAddressesDisplaceTheAddressWithTheMost() throws Exception {
        start(300, 0, NEVER_MS);
        final List<RawClient> honest = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            honest.add(connected(HERE));
            assertUsable(honest.getLast());
        }
        for (int i = 0; edge().openConnections() < 300; i++) {
            connected("127.0." + (1 + i / 200) + "." + (1 + i % 200));
        }
        // With each that gets in there are fewer with as many as this address has.
        for (int i = 0; i < 30; i++) {
            assertUsable(connect(CROWD));
        }
        assertThat(events("displaced")).isEqualTo(30);
        for (final RawClient client : honest) {
            assertUsable(client);
        }
    }

    @Test
    void shouldLimitTheConnectionsOfAnAddress() throws Exception {
        start(MAX_PER_ADDRESS, NEVER_MS);
        final List<RawClient> crowd = new ArrayList<>();
        for (int i = 0; i < MAX_PER_ADDRESS; i++) {
            crowd.add(connected(CROWD));
        }
        for (int i = 1; i <= 10; i++) {
            assertRefused(connect(CROWD));
            assertThat(events("refused_address")).isEqualTo(i);
        }
        for (int i = 0; i < MAX_PER_ADDRESS; i++) {
            assertUsable(connect(HERE));
        }
        crowd.forEach(client -> assertThat(client).isNotNull());
        assertThat(edge().openConnections()).isEqualTo(2 * MAX_PER_ADDRESS);
        crowd.getFirst().close();
        await(() -> edge().openConnections() == 2 * MAX_PER_ADDRESS - 1);
        assertUsable(connect(CROWD));
        assertThat(events("displaced")).isZero();
    }

    @Test
    void shouldThrowAwayWhatIsPipelinedBeyondTheLimit() throws Exception {
        start(0, NEVER_MS);
        final RawClient client = connected(HERE);
        client.send(HELD + SMALL.repeat(1_000));
        await(() -> held.get() == 1);
        release.complete();
        assertThat(client.answer().body()).isEqualTo("held");
        for (int i = 2; i < MAX_PIPELINED; i++) {
            final RawClient.Answer answer = client.answer();
            assertThat(answer.body()).isEqualTo("small");
            assertThat(answer.headers()).doesNotContainKey("connection");
        }
        final RawClient.Answer last = client.answer();
        assertThat(last.body()).isEqualTo("small");
        assertThat(last.headers()).containsEntry("connection", "close");
        client.awaitClose();
        client.close();
        await(() -> edge().openConnections() == 0);
    }
}
