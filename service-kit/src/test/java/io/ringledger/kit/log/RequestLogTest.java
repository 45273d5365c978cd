package io.ringledger.kit.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;

import io.ringledger.kit.Health;
import io.ringledger.kit.HttpEdge;
import io.ringledger.kit.HttpEdgeOptions;
import io.ringledger.kit.Lifecycle;
import io.ringledger.kit.Metrics;
import io.ringledger.kit.Problem;
import io.ringledger.kit.ProblemCode;
import io.ringledger.kit.RawClient;
import io.ringledger.kit.Settings;
import io.ringledger.kit.SystemRoutes;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

@Timeout(60)
final class RequestLogTest {
    private static final String TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
    private static final String SAMPLED =
            "traceparent: 00-" + TRACE_ID + "-b7ad6b7169203331-01\r\n";
    private static final int LINES = 5;
    private static final int SLOW_MS = 200;

    private final Vertx vertx = Vertx.vertx();
    private final Metrics metrics = new Metrics();
    private final AtomicLong nowNs = new AtomicLong(TimeUnit.SECONDS.toNanos(1_000));
    private final BlockingQueue<ILoggingEvent> lines = new LinkedBlockingQueue<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger(RequestLog.class);
    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(final ILoggingEvent event) {
            lines.add(event);
        }
    };
    private final RequestLog log = new RequestLog(SLOW_MS, LINES, nowNs::get);
    private HttpEdge edge;

    @BeforeEach
    void start() throws Exception {
        appender.setContext(logger.getLoggerContext());
        appender.start();
        logger.addAppender(appender);
        logger.setLevel(Level.INFO);
        final HttpEdgeOptions options = HttpEdgeOptions.from(
                Settings.read(Map.of("RINGLEDGER_HTTP_PORT", "0"), HttpEdgeOptions.SETTINGS));
        edge = Lifecycle.await(
                HttpEdge.start(
                        vertx,
                        options,
                        metrics.registry(),
                        log,
                        new SystemRoutes(metrics, new Health(), this::handle)),
                10_000);
    }

    @AfterEach
    void stop() throws Exception {
        logger.detachAppender(appender);
        logger.setLevel(null);
        Lifecycle.await(edge.stop(100), 10_000);
        Lifecycle.await(vertx.close(), 10_000);
        metrics.close();
    }

    private void handle(final HttpServerRequest request) {
        final String path = request.path();
        if (path.endsWith("/balance")) {
            throw new IllegalStateException("planted");
        }
        if (path.endsWith("/withdraw")) {
            Problem.of(ProblemCode.OUTCOME_UNKNOWN, "detail")
                    .send(request, nowNs.get() - 7_000_000, 3);
        } else if (path.endsWith("/credit")) {
            Problem.of(ProblemCode.INSUFFICIENT_FUNDS, "detail")
                    .withPosition("3-17")
                    .send(request, nowNs.get(), 3);
        } else {
            final long tookMs = path.endsWith("/slow") ? SLOW_MS + 1 : SLOW_MS;
            request.response().end();
            log.answered(
                    request, 200, "ok", nowNs.get() - TimeUnit.MILLISECONDS.toNanos(tookMs), 1, 42);
        }
    }

    private RawClient.Answer ask(final String method, final String path, final String headers)
            throws IOException {
        try (RawClient client = new RawClient(edge.port())) {
            client.send(method + ' ' + path + " HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n"
                    + headers + "\r\n");
            return client.answer();
        }
    }

    private ILoggingEvent line() throws InterruptedException {
        final ILoggingEvent line = lines.poll(10, TimeUnit.SECONDS);
        assertThat(line).as("a line").isNotNull();
        return line;
    }

    private static Map<String, Object> fields(final ILoggingEvent line) {
        return line.getKeyValuePairs().stream()
                .collect(Collectors.toMap(pair -> pair.key, pair -> pair.value));
    }

    @Test
    void shouldHaveALineForEachAnswerOf5xx() throws Exception {
        final RawClient.Answer answer = ask("POST", "/v1/accounts/alice/withdraw?x=secret", "");
        final ILoggingEvent line = line();
        assertThat(line.getFormattedMessage()).isEqualTo("request");
        assertThat(line.getLevel()).isEqualTo(Level.INFO);
        assertThat(fields(line))
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "correlationId",
                        answer.headers().get("correlation-id"),
                        "reason",
                        "error",
                        "method",
                        "POST",
                        "route",
                        "/v1/accounts/{id}/withdraw",
                        "status",
                        503,
                        "code",
                        "outcome_unknown",
                        "milliseconds",
                        7L,
                        "partition",
                        3));
    }

    @Test
    void shouldSayWhereASampledRequestIsRecorded() throws Exception {
        assertThat(ask("POST", "/v1/accounts/alice/credit", SAMPLED).status()).isEqualTo(422);
        assertThat(fields(line()))
                .containsEntry("correlationId", TRACE_ID)
                .containsEntry("reason", "sampled")
                .containsEntry("code", "insufficient_funds")
                .containsEntry("partition", 3)
                .containsEntry("sequence", 17L);
    }

    @Test
    void shouldHaveALineForASlowRequestAndNoneForTheOthers() throws Exception {
        ask("GET", "/v1/accounts/alice/quick", "");
        ask("POST", "/v1/accounts/alice/credit", "");
        ask("BREW", "/v1/accounts/alice/slow", "");
        assertThat(fields(line()))
                .containsEntry("reason", "slow")
                .containsEntry("method", "other")
                .containsEntry("route", "other")
                .containsEntry("milliseconds", SLOW_MS + 1L)
                .containsEntry("partition", 1)
                .containsEntry("sequence", 42L);
        assertThat(lines).isEmpty();
    }

    @Test
    void shouldHaveTheStackOfAFault() throws Exception {
        final String id =
                ask("GET", "/v1/accounts/alice/balance", "").headers().get("correlation-id");
        final ILoggingEvent fault = line();
        assertThat(fault.getLevel()).isEqualTo(Level.ERROR);
        assertThat(fault.getThrowableProxy().getMessage()).isEqualTo("planted");
        assertThat(fields(fault))
                .containsEntry("correlationId", id)
                .containsEntry("reason", "fault");
        assertThat(fields(line()))
                .containsEntry("correlationId", id)
                .containsEntry("code", "internal_error")
                .doesNotContainKey("milliseconds");
    }

    /** Whoever samples everything neither fills the disk nor hides the errors. */
    @Test
    void shouldWriteNoMoreThanItsBudgetASecond() throws Exception {
        for (int i = 0; i < 3 * LINES; i++) {
            ask("GET", "/v1/accounts/alice", SAMPLED);
        }
        for (int i = 0; i < LINES; i++) {
            assertThat(fields(line())).containsEntry("reason", "sampled");
        }
        ask("POST", "/v1/accounts/alice/withdraw", SAMPLED);
        assertThat(fields(line())).containsEntry("reason", "error");
        nowNs.addAndGet(TimeUnit.SECONDS.toNanos(1));
        ask("GET", "/v1/accounts/alice", SAMPLED);
        assertThat(fields(line())).containsEntry("linesLeftOut", 2L * LINES);
        assertThat(lines).isEmpty();
    }

    @Test
    void shouldNameRoutesWithoutWhatClientsPutThere() {
        assertThat(List.of(
                                "/v1/accounts",
                                "/v1/accounts/alice",
                                "/v1/accounts/alice/creditLimit",
                                "/v1/accounts/alice/entries",
                                "/v1/accounts/alice/entries/more",
                                "/v1/accounts/",
                                "/v1/batches",
                                "/v1/alice",
                                "/problems/alice",
                                "/health/ready",
                                "alice")
                        .stream()
                        .map(RouteName::of))
                .containsExactly(
                        "/v1/accounts",
                        "/v1/accounts/{id}",
                        "/v1/accounts/{id}/creditLimit",
                        "/v1/accounts/{id}/entries",
                        "other",
                        "/v1/accounts/{id}",
                        "/v1/batches",
                        "other",
                        "/problems/{code}",
                        "/health/ready",
                        "other");
    }
}
