package io.ringledger.readmodel;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringledger.readmodel.Queries.Answer;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Every query over a real socket, out of a real Postgres. */
final class QueryHttpTest {
    private static final Pattern TRANSACTION_ID = Pattern.compile("\"transactionId\":\"1-(\\d+)\"");
    private static final Pattern NEXT = Pattern.compile("\"nextCursor\":\"([^\"]+)\"");

    private static Views views;
    private static Queries queries;

    /** Gives up waiting for a position at once. */
    private static Queries hasty;

    @BeforeAll
    static void start() throws Exception {
        views = Views.start();
        views.progress(1, 5000);
        views.progress(2, 77);
        views.account(1, 0, "@world.CZK.1", -1000, 0, 0);
        views.account(1, 1, "alice", 1200, 200, 500);
        views.account(1, 2, "bob:2", -300, 50, 1000);
        views.account(2, 1, "carol", 9_007_199_254_740_991L, 0, 9_007_199_254_740_991L);
        views.account(1, 3, "paged", 0, 0, 0);
        views.entries(1, 3, 1, 250);
        views.account(1, 4, "odd", 0, 0, 0);
        views.sql("INSERT INTO ledger_view.entries (partition, account_number, sequence, type,"
                + " amount, balance, reference, recorded_at_ms) VALUES"
                + " (1, 4, 7, 1, 900, 900, NULL, 0),"
                + " (1, 4, 4000, 2, -1000, -100, E'a \"b\" \\\\ \\u017e', 1795168800000)");
        queries = new Queries(views.environment(
                "RINGLEDGER_AFTER_TIMEOUT_MS", "20000", "RINGLEDGER_AFTER_MAX_WAITERS", "64"));
        hasty = new Queries(views.environment("RINGLEDGER_AFTER_TIMEOUT_MS", "50"));
    }

    @AfterAll
    static void stop() {
        if (queries != null) {
            queries.close();
        }
        if (hasty != null) {
            hasty.close();
        }
        if (views != null) {
            views.close();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/v1/accounts/alice | {'accountId':'alice','currency':'CZK','balance':1200,"
                        + "'held':200,'creditLimit':500,'available':1500,'status':'open',"
                        + "'position':'1-5000','recordedAt':'2026-11-20T10:00:05.007Z'}",
                "/v1/accounts/alice/balance | {'accountId':'alice','currency':'CZK',"
                        + "'balance':1200,'held':200,'available':1500,"
                        + "'position':'1-5000','recordedAt':'2026-11-20T10:00:05.007Z'}",
                "/v1/accounts/alice/creditLimit | {'accountId':'alice','currency':'CZK',"
                        + "'creditLimit':500,'used':0,'remaining':500,"
                        + "'position':'1-5000','recordedAt':'2026-11-20T10:00:05.007Z'}",
                "/v1/accounts/bob%3A2/creditLimit | {'accountId':'bob:2','currency':'CZK',"
                        + "'creditLimit':1000,'used':350,'remaining':650,"
                        + "'position':'1-5000','recordedAt':'2026-11-20T10:00:05.007Z'}",
                "/v1/accounts/bob:2/balance?after=1-5000 | {'accountId':'bob:2','currency':'CZK',"
                        + "'balance':-300,'held':50,'available':650,"
                        + "'position':'1-5000','recordedAt':'2026-11-20T10:00:05.007Z'}",
                "/v1/accounts/carol | {'accountId':'carol','currency':'CZK',"
                        + "'balance':9007199254740991,'held':0,'creditLimit':9007199254740991,"
                        + "'available':18014398509481982,'status':'open',"
                        + "'position':'2-77','recordedAt':'2026-11-20T10:00:00.084Z'}",
                "/v1/accounts/alice/entries | {'entries':[],'nextCursor':null}",
                "/v1/accounts/odd/entries | {'entries':[{'transactionId':'1-4000',"
                        + "'type':'withdraw','amount':1000,'balance':-100,"
                        + "'reference':'a \\'b\\' \\\\ \u017e',"
                        + "'recordedAt':'2026-11-20T10:00:00.000Z'},"
                        + "{'transactionId':'1-7','type':'credit','amount':900,'balance':900,"
                        + "'reference':null,'recordedAt':'1970-01-01T00:00:00.000Z'}],"
                        + "'nextCursor':null}"
            },
            quoteCharacter = '`')
    void shouldAnswerEveryQuery(final String target, final String body) throws Exception {
        final Answer answer = queries.get(target);

        assertThat(answer.body()).isEqualTo(body.replace('\'', '"'));
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("content-type")).isEqualTo("application/json");
        assertThat(answer.header("cache-control")).isEqualTo("no-store");
        assertThat(answer.header("ringledger-position"))
                .isEqualTo(target.contains("carol") ? "2-77" : "1-5000");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/v1/accounts/nobody | 404 | {'type':'/problems/account_not_found',"
                        + "'title':'There is no such account','status':404,"
                        + "'detail':'the view has no account nobody; one that was just opened"
                        + " shows with after= its position','code':'account_not_found',"
                        + "'outcome':'not_applied','retry':'never'}",
                "/v1/accounts/@world.CZK.1/balance | 400 | {'type':'/problems/invalid_account_id',"
                        + "'title':'The account id is not valid','status':400,"
                        + "'detail':'an account id is 1 to 64 characters of A-Za-z0-9._:-',"
                        + "'code':'invalid_account_id','outcome':'not_applied','retry':'new_key'}",
                "/v1/accounts/alice/entries?limit=0 | 400 | {'type':'/problems/invalid_parameter',"
                        + "'title':'A query parameter is not valid','status':400,"
                        + "'detail':'limit: must be a whole number from 1 to 1000',"
                        + "'code':'invalid_parameter','outcome':'not_applied','retry':'new_key'}",
                "/v1/accounts/alice?after=4-1 | 400 | {'type':'/problems/invalid_parameter',"
                        + "'title':'A query parameter is not valid','status':400,"
                        + "'detail':'after: no such partition: partition=4, partitions=4',"
                        + "'code':'invalid_parameter','outcome':'not_applied','retry':'new_key'}",
                "/v1/accounts/alice?after=1-5001 | 503 | {'type':'/problems/view_behind',"
                        + "'title':'The view is behind','status':503,"
                        + "'detail':'the view has not reached 1-5001 yet','code':'view_behind',"
                        + "'outcome':'not_applied','retry':'same_key'}"
            })
    void shouldRefuseWithProblems(final String target, final int status, final String body)
            throws Exception {
        final Answer answer = hasty.get(target);

        assertThat(answer.body()).isEqualTo(body.replace('\'', '"'));
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.header("content-type")).isEqualTo("application/problem+json");
        assertThat(answer.header("cache-control")).isEqualTo("no-store");
        assertThat(answer.header("retry-after")).isEqualTo(status == 503 ? "1" : "none");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 100, 249, 250, 251, 1000})
    void shouldPageThroughAllEntries(final int limit) throws Exception {
        final List<Long> seen = new ArrayList<>();
        String cursor = "";
        int pages = 0;
        do {
            final Answer page = queries.get("/v1/accounts/paged/entries?limit=" + limit + cursor);
            assertThat(page.status()).as(page.body()).isEqualTo(200);
            final List<Long> sequences = sequences(page);
            assertThat(sequences).hasSizeBetween(1, limit);
            seen.addAll(sequences);
            cursor = nextCursor(page);
            pages++;
            assertThat(pages).isLessThanOrEqualTo(250);
        } while (!cursor.isEmpty());

        assertThat(seen).isEqualTo(descending(250, 1));
        assertThat(pages).isEqualTo((250 + limit - 1) / limit);
    }

    @Test
    void shouldGive100EntriesUnlessAsked() throws Exception {
        assertThat(sequences(queries.get("/v1/accounts/paged/entries"))).hasSize(100);
    }

    @Test
    void shouldPageOverASnapshotWhileEntriesArrive() throws Exception {
        views.account(1, 5, "growing", 0, 0, 0);
        views.entries(1, 5, 1001, 1100);
        final List<Long> seen = new ArrayList<>();
        String cursor = "";
        long next = 1101;
        do {
            final Answer page = queries.get("/v1/accounts/growing/entries?limit=9" + cursor);
            seen.addAll(sequences(page));
            assertThat(seen).hasSizeLessThanOrEqualTo(100);
            cursor = nextCursor(page);
            views.entries(1, 5, next, next + 3);
            next += 4;
        } while (!cursor.isEmpty());

        assertThat(seen).isEqualTo(descending(1100, 1001));
        assertThat(sequences(queries.get("/v1/accounts/growing/entries?limit=1")))
                .containsExactly(next - 1);
    }

    @Test
    void shouldWaitUntilTheViewShowsThePosition() throws Exception {
        views.account(3, 1, "waiting", 5, 0, 0);
        final CompletableFuture<Answer> early = queries.start("/v1/accounts/waiting?after=3-10");
        views.progress(3, 9);
        views.sql("UPDATE ledger_view.accounts SET balance = 6 WHERE account_id = 'waiting'");
        views.progress(3, 10);

        assertThat(Queries.await(early).body()).contains("\"balance\":6", "\"position\":\"3-10\"");
        assertThat(hasty.get("/v1/accounts/waiting?after=3-11").member("code"))
                .isEqualTo("view_behind");
        assertThat(queries.get("/v1/accounts/waiting/entries?after=3-10").body())
                .isEqualTo("{\"entries\":[],\"nextCursor\":null}");
    }

    @Test
    void shouldWaitForAnAccountToAppear() throws Exception {
        final CompletableFuture<Answer> early = queries.start("/v1/accounts/newborn?after=0-1");
        views.account(0, 1, "newborn", 0, 0, 0);
        views.progress(0, 1);

        final Answer answer = Queries.await(early);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(queries.get("/v1/accounts/unborn?after=0-1").member("code"))
                .isEqualTo("account_not_found");
    }

    @Test
    void shouldTakeAPositionOfAnotherPartition() throws Exception {
        final Answer answer = queries.get("/v1/accounts/alice/balance?after=2-77");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(hasty.get("/v1/accounts/alice/balance?after=2-78").member("code"))
                .isEqualTo("view_behind");
    }

    @Test
    void shouldRefuseFurtherWaitersAtOnce() throws Exception {
        try (Queries few = new Queries(views.environment(
                "RINGLEDGER_AFTER_MAX_WAITERS", "2", "RINGLEDGER_AFTER_TIMEOUT_MS", "20000"))) {
            final List<CompletableFuture<Answer>> waiting = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                waiting.add(few.start("/v1/accounts/carol/balance?after=2-90"));
            }
            // One of the three is refused while the other two wait on.
            final Answer refused =
                    (Answer) CompletableFuture.anyOf(waiting.toArray(CompletableFuture[]::new))
                            .get(15, TimeUnit.SECONDS);
            assertThat(refused.body()).contains("too many reads wait for a position already");
            assertThat(refused.member("code")).isEqualTo("view_behind");
            assertThat(refused.header("retry-after")).isEqualTo("1");
            assertThat(waiting.stream().filter(CompletableFuture::isDone)).hasSize(1);
            assertThat(few.get("/metrics").body()).contains("ringledger_after_waiters 2.0");

            views.progress(2, 90);
            for (final CompletableFuture<Answer> waiter : waiting) {
                assertThat(Queries.await(waiter).status()).isIn(200, 503);
            }
            assertThat(waiting.stream().filter(w -> w.join().status() == 200)).hasSize(2);
        } finally {
            views.progress(2, 77);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GET /v1/accounts/a%00b HTTP/1.1 | 400 | invalid_account_id",
                "GET /v1/accounts/%c0%ae%c0%ae/balance HTTP/1.1 | 400 | invalid_account_id",
                "GET /v1/accounts/a';DROP+TABLE+x-- HTTP/1.1 | 400 | invalid_account_id",
                "GET /v1/accounts/../../etc/passwd HTTP/1.1 | 404 | route_not_found",
                "GET /v1/accounts/alice?after=%zz HTTP/1.1 | 400 | invalid_parameter",
                "GET /v1/accounts/alice?after=1-1&after=1-1 HTTP/1.1 | 400 | invalid_parameter",
                "GET /v1/accounts/alice?__proto__=1 HTTP/1.1 | 400 | invalid_parameter",
                "GET /v1/accounts/alice/entries?limit=9999999999 HTTP/1.1 | 400"
                        + " | invalid_parameter",
                "GET /v1/accounts/alice/entries?cursor=AQAAAAAAAAAqqqqqqqqqqqqq HTTP/1.1 | 400"
                        + " | invalid_parameter",
                "POST /v1/accounts/alice HTTP/1.1 | 405 | method_not_allowed",
                "HEAD /v1/accounts/alice HTTP/1.1 | 405 | none",
                "DELETE /v1/accounts/alice/creditLimit HTTP/1.1 | 405 | method_not_allowed",
                "GET /v1/accounts/alice/secret HTTP/1.1 | 404 | route_not_found",
                "GET / HTTP/1.1 | 404 | route_not_found"
            })
    void shouldWithstandHostileTargets(final String line, final int status, final String code)
            throws Exception {
        final String answer = queries.raw(head(line, "Host: x", "Connection: close"));

        assertThat(answer).startsWith("HTTP/1.1 " + status + " ");
        if (!code.equals("none")) {
            assertThat(answer).contains("\"code\":\"" + code + "\"");
        }
        assertThat(queries.get("/v1/accounts/alice").status()).isEqualTo(200);
    }

    @Test
    void shouldRefuseABody() throws Exception {
        final String answer = queries.raw(
                head("GET /v1/accounts/alice HTTP/1.1", "Host: x", "Content-Length: 2") + "{}");
        assertThat(answer).startsWith("HTTP/1.1 413 ").contains("body_too_large");

        final String empty = queries.raw(head(
                "GET /v1/accounts/alice HTTP/1.1",
                "Host: x",
                "Connection: close",
                "Content-Length: 0"));
        assertThat(empty).startsWith("HTTP/1.1 200 ").endsWith("Z\"}");
    }

    @Test
    void shouldKeepTheConnectionAfterARefusal() throws Exception {
        final String answers = queries.raw(head("GET /v1/accounts/@x HTTP/1.1", "Host: x")
                + head("GET /v1/accounts/alice HTTP/1.1", "Host: x", "Connection: close"));
        assertThat(answers).contains("HTTP/1.1 400 ", "HTTP/1.1 200 ");
    }

    @Test
    void shouldBeReadyAndCountQueries() throws Exception {
        assertThat(queries.get("/health/live").status()).isEqualTo(200);
        assertThat(queries.get("/health/ready").body())
                .isEqualTo(
                        "{\"status\":\"ready\",\"parts\":[{\"name\":\"views\",\"ready\":true}]}");
        queries.get("/v1/accounts/alice/balance");
        queries.get("/v1/accounts/nobody/balance");
        queries.get("/v1/accounts/alice?x=1");
        assertThat(queries.get("/metrics").body())
                .contains(
                        "ringledger_queries_seconds_count{outcome=\"ok\",route=\"balance\"}",
                        "ringledger_queries_seconds_count{outcome=\"account_not_found\","
                                + "route=\"balance\"}",
                        "ringledger_queries_seconds_count{outcome=\"invalid_parameter\","
                                + "route=\"none\"}",
                        "ringledger_view_pool_used 0.0",
                        "ringledger_view_pool_max 64.0",
                        "ringledger_after_waiters_max 64.0");
    }

    @Test
    void shouldSayBehindBeforeTheLedgerHasBegun() throws Exception {
        views.sql("DELETE FROM ledger_view.ledger");
        try (Queries early = new Queries(views.environment())) {
            final Answer answer = early.get("/v1/accounts/alice?after=1-1");
            assertThat(answer.member("code")).isEqualTo("view_behind");
            assertThat(early.get("/v1/accounts/alice").status()).isEqualTo(200);
        } finally {
            views.sql("INSERT INTO ledger_view.ledger (partitions) VALUES (4)");
        }
    }

    private static String head(final String... lines) {
        return String.join("\r\n", lines) + "\r\n\r\n";
    }

    private static List<Long> sequences(final Answer page) {
        final List<Long> sequences = new ArrayList<>();
        final Matcher matcher = TRANSACTION_ID.matcher(page.body());
        while (matcher.find()) {
            sequences.add(Long.valueOf(matcher.group(1)));
        }
        return sequences;
    }

    private static String nextCursor(final Answer page) {
        final Matcher matcher = NEXT.matcher(page.body());
        return matcher.find() ? "&cursor=" + matcher.group(1) : "";
    }

    private static List<Long> descending(final long first, final long last) {
        final List<Long> all = new ArrayList<>();
        for (long sequence = first; sequence >= last; sequence--) {
            all.add(sequence);
        }
        return all;
    }
}
