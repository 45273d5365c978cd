package io.ringledger.benchmarks.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringledger.benchmarks.driver.DriverOptions.Phase;
import io.ringledger.kit.Lifecycle;
import io.ringledger.model.ModelContext;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** Against a server that adds up what it was asked, and refuses or lies if told to. */
final class DriverTest {
    private static final long LIMIT_MS = 10_000;
    private static final int ACCOUNTS = 10;
    private static final int CONNECTIONS = 16;

    /** Fewer than there are connections: a cold start answers no more than one request on each. */
    private static final int CLOSED_IN_TURN = 10;

    private final Vertx vertx = Vertx.vertx();
    private final Set<String> keys = ConcurrentHashMap.newKeySet();
    private final AtomicLong sum = new AtomicLong();
    private final AtomicLong requests = new AtomicLong();
    private final Acknowledged acknowledged = new Acknowledged(ACCOUNTS);
    private volatile int refuseEvery = Integer.MAX_VALUE;
    private volatile int closeEvery = Integer.MAX_VALUE;
    private volatile boolean refusesSecondTries;
    private final Set<String> secondTries = ConcurrentHashMap.newKeySet();
    private volatile boolean hasRetryAfter = true;
    private volatile String problem = "{\"outcome\":\"not_applied\"}";
    private HttpServer server;

    @BeforeEach
    void start() throws Exception {
        server = Lifecycle.await(
                vertx.createHttpServer().requestHandler(this::answer).listen(0, "127.0.0.1"),
                LIMIT_MS);
    }

    @AfterEach
    void stop() throws Exception {
        Lifecycle.await(vertx.close(), LIMIT_MS);
    }

    private void answer(final HttpServerRequest request) {
        request.bodyHandler(body -> {
            final String key = String.valueOf(request.getHeader("Idempotency-Key"));
            final boolean isNew = keys.add(key);
            final boolean isSecondTry = !isNew && refusesSecondTries && secondTries.add(key);
            if (requests.incrementAndGet() % refuseEvery == 0 || isSecondTry) {
                if (hasRetryAfter) {
                    request.response().putHeader("Retry-After", "1");
                }
                request.response().setStatusCode(503).end(problem);
                return;
            }
            final long amount = body.toJsonObject().getLong("amount");
            if (isNew) {
                sum.addAndGet(request.uri().endsWith("/credit") ? amount : -amount);
            }
            if (requests.get() % closeEvery == 0) {
                request.connection().close();
                return;
            }
            request.response().setStatusCode(201).end("{\"a\":" + "1".repeat(300) + "}");
        });
    }

    private InetSocketAddress target() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), server.actualPort());
    }

    private Measured run(final DriverOptions options) throws Exception {
        return HttpDriver.run(
                options,
                thread -> new SingleCommands(
                        ACCOUNTS, CONNECTIONS, new SplittableRandom(7), acknowledged));
    }

    private long acknowledgedSum() {
        long total = 0;
        for (int account = 0; account < ACCOUNTS; account++) {
            total += acknowledged.sum(account);
        }
        return total;
    }

    @Test
    void shouldAskInAClosedLoopAndCountWhatWasAcknowledged() throws Exception {
        final Measured measured = run(DriverOptions.closedLoop(target(), CONNECTIONS, 50, 200));
        assertThat(measured.sent()).isGreaterThanOrEqualTo(CONNECTIONS);
        assertThat(measured.done()).isLessThanOrEqualTo(measured.sent());
        assertThat(measured.sent()).isEqualTo(requests.get());
        assertThat(acknowledged.commands()).isEqualTo(requests.get());
        assertThat(acknowledgedSum()).isEqualTo(sum.get());
        assertThat(keys).as("no key twice").hasSize((int) requests.get());
    }

    @Test
    void shouldSendInAnOpenLoopAsManyAsAreDue() throws Exception {
        final Measured measured = run(DriverOptions.openLoop(
                target(), CONNECTIONS, List.of(new Phase(1_000, 200), new Phase(2_000, 300))));
        assertThat(measured.sent() + measured.unsent()).isBetween(799L, 801L);
        assertThat(measured.slots()).hasSize(2);
        assertThat(acknowledgedSum()).isEqualTo(sum.get());
    }

    @Test
    void shouldAskAgainWithTheSameKeyWhereAConnectionWasClosedIfToldTo() throws Exception {
        closeEvery = CLOSED_IN_TURN;
        final Measured measured =
                run(DriverOptions.openLoop(target(), CONNECTIONS, List.of(new Phase(500, 300)))
                        .reopening());
        assertThat(measured.reopened()).isPositive();
        assertThat(requests.get()).isEqualTo(measured.sent() + measured.reopened());
        assertThat(keys).hasSize((int) measured.sent());
        assertThat(acknowledgedSum()).isEqualTo(sum.get());
    }

    /** The first time was applied and its answer lost: a 503 says nothing of it. */
    @Test
    void shouldGoOnAskingWhereTheSecondTryIsRefused() throws Exception {
        closeEvery = CLOSED_IN_TURN;
        refusesSecondTries = true;
        final Measured measured =
                run(DriverOptions.openLoop(target(), CONNECTIONS, List.of(new Phase(500, 300)))
                        .reopening());
        assertThat(secondTries).isNotEmpty();
        assertThat(measured.refused()).isZero();
        assertThat(acknowledgedSum()).isEqualTo(sum.get());
    }

    @Test
    void shouldHaveNoFigureWhenConnectionsAreClosed() {
        closeEvery = CLOSED_IN_TURN;
        assertThatThrownBy(() -> run(DriverOptions.openLoop(
                        target(), CONNECTIONS, List.of(new Phase(500, 300)))))
                .hasMessageContaining("connection");
    }

    @Test
    void shouldNotGoOnOpeningWhatIsAlwaysClosed() {
        closeEvery = 1;
        assertThatThrownBy(() -> run(
                        DriverOptions.openLoop(target(), CONNECTIONS, List.of(new Phase(500, 300)))
                                .reopening()))
                .hasMessageContaining("connection");
    }

    @Test
    void shouldNotCountRefusalsAsDone() throws Exception {
        refuseEvery = 3;
        final Measured measured = run(DriverOptions.closedLoop(target(), CONNECTIONS, 0, 300));
        assertThat(measured.refused()).isPositive();
        assertThat(acknowledged.commands()).isLessThan(requests.get());
        assertThat(acknowledgedSum()).isEqualTo(sum.get());
    }

    @Test
    void shouldHaveNoFigureWhenAnOutcomeIsUnknown() {
        refuseEvery = 5;
        problem = "{\"outcome\":\"unknown\"}";
        assertThatThrownBy(() -> run(DriverOptions.closedLoop(target(), CONNECTIONS, 0, 2_000)))
                .hasMessageContaining("wrong answer");
    }

    @Test
    void shouldHaveNoFigureWhenARefusalDoesNotSayWhenToComeBack() {
        refuseEvery = 5;
        hasRetryAfter = false;
        assertThatThrownBy(() -> run(DriverOptions.closedLoop(target(), CONNECTIONS, 0, 2_000)))
                .hasMessageContaining("wrong answer");
    }

    @Test
    void shouldReadAnswersThatComeInPieces() {
        final byte[] bytes = "HTTP/1.1 201 Created\r\nContent-Length: 2\r\na: b\r\n\r\nok"
                .getBytes(StandardCharsets.US_ASCII);
        final AnswerParser parser = new AnswerParser();
        for (int to = 0; to < bytes.length; to++) {
            assertThat(parser.parse(bytes, 0, to)).as("to=%d", to).isFalse();
        }
        assertThat(parser.parse(bytes, 0, bytes.length)).isTrue();
        assertThat(parser.status()).isEqualTo(201);
        assertThat(parser.end()).isEqualTo(bytes.length);
    }

    @Test
    void shouldFindAnAccountThatIsNotInTheLog() {
        try (BalanceCheck check =
                new BalanceCheck(1, new ModelContext(1_000, 1, 10, 1, 10, 1, 2))) {
            assertThatThrownBy(() -> check.requireEqual(acknowledged))
                    .hasMessage("not in the log: account-0000000");
        }
    }
}
