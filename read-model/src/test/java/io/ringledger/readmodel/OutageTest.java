package io.ringledger.readmodel;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringledger.readmodel.Queries.Answer;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Postgres stops, hangs, and has no room: answers stay quick and honest, and work comes back. */
final class OutageTest {
    private static final long DEADLINE_NS = TimeUnit.SECONDS.toNanos(30);

    private static Views views;

    @BeforeAll
    static void start() throws Exception {
        views = Views.start();
        views.progress(0, 10);
        views.account(0, 1, "a", 5, 0, 0);
    }

    @AfterAll
    static void stop() {
        if (views != null) {
            views.close();
        }
    }

    @Test
    void shouldAnswerWhilePostgresIsStoppedAndRecover() throws Exception {
        try (Queries queries = new Queries(views.environment())) {
            assertThat(queries.get("/v1/accounts/a").status()).isEqualTo(200);
            views.postgres().stopServer();
            try {
                for (final String target : new String[] {
                    "/v1/accounts/a",
                    "/v1/accounts/a/balance",
                    "/v1/accounts/a/entries",
                    "/v1/accounts/a?after=0-1"
                }) {
                    assertUnavailable(queries.get(target));
                }
                final Answer ready = queries.get("/health/ready");
                assertThat(ready.status()).isEqualTo(503);
                assertThat(ready.body())
                        .isEqualTo("{\"status\":\"not_ready\",\"parts\":[{\"name\":\"views\","
                                + "\"ready\":false,\"reason\":\"Postgres cannot be asked\"}]}");
                assertThat(queries.get("/health/live").status()).isEqualTo(200);
                assertThat(queries.get("/v1/accounts/@").status()).isEqualTo(400);
            } finally {
                views.postgres().startServer();
            }
            awaitOk(queries, "/v1/accounts/a");
            awaitOk(queries, "/health/ready");
        }
    }

    @Test
    void shouldStartBeforePostgresDoes() throws Exception {
        views.postgres().stopServer();
        try (Queries queries = new Queries(views.environment())) {
            assertUnavailable(queries.get("/v1/accounts/a?after=0-1"));
            views.postgres().startServer();
            awaitOk(queries, "/v1/accounts/a?after=0-1");
        } finally {
            views.postgres().startServer();
        }
    }

    @Test
    void shouldKeepWaitingThroughARestart() throws Exception {
        try (Queries queries =
                new Queries(views.environment("RINGLEDGER_AFTER_TIMEOUT_MS", "30000"))) {
            final CompletableFuture<Answer> waiting = queries.start("/v1/accounts/a?after=0-11");
            awaitMetric(queries, "ringledger_after_waiters 1.0");
            views.postgres().stopServer();
            views.postgres().startServer();
            assertThat(waiting.isDone()).isFalse();
            views.progress(0, 11);

            final Answer answer = Queries.await(waiting);
            assertThat(answer.status()).as(answer.body()).isEqualTo(200);
            assertThat(answer.member("position")).isEqualTo("0-11");
        }
    }

    @Test
    void shouldSayUnavailableWhenTheWaitEndsWithoutPostgres() throws Exception {
        try (Queries queries =
                new Queries(views.environment("RINGLEDGER_AFTER_TIMEOUT_MS", "5000"))) {
            final CompletableFuture<Answer> waiting =
                    queries.start("/v1/accounts/a?after=0-9999999");
            awaitMetric(queries, "ringledger_after_waiters 1.0");
            views.postgres().stopServer();
            try {
                assertUnavailable(Queries.await(waiting));
            } finally {
                views.postgres().startServer();
            }
        }
    }

    @Test
    void shouldRefuseWhatThePoolHasNoRoomFor() throws Exception {
        try (Queries queries = new Queries(views.environment(
                        "RINGLEDGER_QUERY_POOL_SIZE", "1",
                        "RINGLEDGER_QUERY_PIPELINING", "1",
                        "RINGLEDGER_QUERY_POOL_QUEUE_SIZE", "1",
                        "RINGLEDGER_QUERY_STATEMENT_TIMEOUT_MS", "400",
                        "RINGLEDGER_QUERY_TIMEOUT_MS", "800"));
                Connection lock = views.connect();
                Statement statement = lock.createStatement()) {
            assertThat(queries.get("/v1/accounts/a").status()).isEqualTo(200);
            lock.setAutoCommit(false);
            statement.execute("LOCK TABLE ledger_view.accounts IN ACCESS EXCLUSIVE MODE");
            final List<CompletableFuture<Answer>> answers = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                answers.add(queries.start("/v1/accounts/a"));
            }
            int overloaded = 0;
            int unavailable = 0;
            for (final CompletableFuture<Answer> future : answers) {
                final Answer answer = Queries.await(future);
                assertThat(answer.status()).as(answer.body()).isEqualTo(503);
                assertThat(answer.header("retry-after")).isEqualTo("1");
                assertThat(answer.member("outcome")).isEqualTo("not_applied");
                assertThat(answer.member("retry")).isEqualTo("same_key");
                switch (answer.member("code")) {
                    case "overloaded" -> overloaded++;
                    case "view_unavailable" -> unavailable++;
                    default -> throw new AssertionError(answer.body());
                }
            }
            // One holds the connection and one waits for it; Postgres ends both.
            assertThat(unavailable).isEqualTo(2);
            assertThat(overloaded).isEqualTo(4);
            lock.rollback();
            awaitOk(queries, "/v1/accounts/a");
        }
    }

    @Test
    void shouldGiveUpConnectionsThatSayNothing() throws Exception {
        try (SilentProxy proxy = new SilentProxy(views.postgres().port())) {
            final Map<String, String> environment = views.environment(
                    "RINGLEDGER_QUERY_POOL_SIZE", "2",
                    "RINGLEDGER_QUERY_TIMEOUT_MS", "200",
                    "RINGLEDGER_QUERY_SILENCE_TIMEOUT_MS", "600");
            environment.put(
                    "RINGLEDGER_POSTGRES_URI",
                    "postgresql://127.0.0.1:" + proxy.port() + "/ringledger");
            try (Queries queries = new Queries(environment)) {
                assertThat(queries.get("/v1/accounts/a").status()).isEqualTo(200);
                proxy.fallSilent();
                for (int i = 0; i < 12; i++) {
                    assertUnavailable(queries.get("/v1/accounts/a"));
                }
                proxy.serveNewConnections();
                awaitOk(queries, "/v1/accounts/a");
                // What was given up was closed, not left behind.
                await("silent connections close", () -> proxy.open() <= 2);
            }
        }
    }

    @Test
    void shouldNotBeReadyWithoutTheSchema() throws Exception {
        views.sql("CREATE DATABASE empty");
        final Map<String, String> environment = views.environment();
        environment.put(
                "RINGLEDGER_POSTGRES_URI",
                "postgresql://127.0.0.1:" + views.postgres().port() + "/empty");
        try (Queries queries = new Queries(environment)) {
            assertThat(queries.get("/health/ready").status()).isEqualTo(503);
            assertUnavailable(queries.get("/v1/accounts/a"));
        }
    }

    private static void assertUnavailable(final Answer answer) {
        assertThat(answer.body())
                .isEqualTo("{\"type\":\"/problems/view_unavailable\","
                        + "\"title\":\"The view is not available\",\"status\":503,"
                        + "\"detail\":\"the view cannot be read now\","
                        + "\"code\":\"view_unavailable\",\"outcome\":\"not_applied\","
                        + "\"retry\":\"same_key\"}");
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.header("retry-after")).isEqualTo("1");
    }

    private static void awaitOk(final Queries queries, final String target) throws Exception {
        await(target + " is answered", () -> queries.get(target).status() == 200);
    }

    private static void awaitMetric(final Queries queries, final String line) throws Exception {
        await(line, () -> queries.get("/metrics").body().contains(line));
    }

    private static void await(final String what, final Condition condition) throws Exception {
        final long startNs = System.nanoTime();
        while (!condition.isTrue()) {
            if (System.nanoTime() - startNs > DEADLINE_NS) {
                throw new AssertionError("did not come: " + what);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    private interface Condition {
        boolean isTrue() throws Exception;
    }
}
