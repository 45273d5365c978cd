package io.ringledger.readmodel;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringledger.kit.RawClient;
import io.ringledger.kit.auth.Tokens;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.FieldSource;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Every route of the query side with every kind of token, over real sockets. */
@Timeout(60)
final class QueryAccessTest {
    /** What follows the account id. */
    static final List<String> ROUTES = List.of(
            "",
            "/balance",
            "/creditLimit",
            "/entries",
            "?after=0-1",
            "/balance?after=0-1",
            "/entries?limit=5&after=0-1");

    private static final String OWN = Tokens.bearer(Tokens.good("own:"));

    @TempDir
    private static Path folder;

    private static Views views;
    private static Queries service;

    @BeforeAll
    static void start() throws Exception {
        views = Views.start();
        views.account(0, 1, "own:1", 100, 0, 50);
        views.account(0, 2, "other:1", 100, 0, 50);
        views.progress(0, 10);
        final Map<String, String> environment = views.environment();
        environment.putAll(Tokens.settings(folder));
        service = new Queries(environment);
    }

    @AfterAll
    static void stop() {
        service.close();
        views.close();
    }

    private static RawClient.Answer get(final String target, final String headers)
            throws IOException {
        try (RawClient client = new RawClient(service.port())) {
            client.send("GET " + target + " HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n");
            return client.answer();
        }
    }

    private static void assertProblem(
            final RawClient.Answer answer, final int status, final String code) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers()).containsEntry("content-type", "application/problem+json");
        assertThat(answer.body()).contains("\"code\":\"" + code + "\"");
    }

    @ParameterizedTest
    @EnumSource(Tokens.Bad.class)
    void shouldShowNothingWithABadToken(final Tokens.Bad bad) throws IOException {
        for (final String route : ROUTES) {
            final RawClient.Answer answer = get("/v1/accounts/own:1" + route, bad.headers());
            assertProblem(answer, 401, "unauthenticated");
            assertThat(answer.headers().get("www-authenticate")).startsWith("Bearer realm=");
        }
        for (final String other :
                List.of("/v1/accounts", "/v1/accounts/own:1/x", "/v1/x", "/x", "/metrics")) {
            assertProblem(get(other, bad.headers()), 401, "unauthenticated");
        }
    }

    @ParameterizedTest
    @FieldSource("ROUTES")
    void shouldAskForTheScopeToRead(final String route) throws IOException {
        final String target = "/v1/accounts/own:1" + route;
        final String writer = Tokens.bearer(Tokens.good("own:", "write", "operate"));
        assertProblem(get(target, writer), 403, "missing_scope");
        final String reader = Tokens.bearer(Tokens.good("own:", "read"));
        assertThat(get(target, reader).status()).isEqualTo(200);
        assertProblem(get("/metrics", reader), 403, "missing_scope");
    }

    @ParameterizedTest
    @FieldSource("ROUTES")
    void shouldAnswerForAnAccountOfAnotherClientAsIfThereWereNone(final String route)
            throws IOException {
        final RawClient.Answer there = get("/v1/accounts/other:1" + route, OWN);
        final RawClient.Answer notThere = get("/v1/accounts/other:2" + route, OWN);
        final RawClient.Answer ownButNotThere = get("/v1/accounts/own:2" + route, OWN);
        assertProblem(there, 404, "account_not_found");
        assertThat(there.commonHeaders()).isEqualTo(notThere.commonHeaders());
        assertThat(there.body()).isEqualTo(notThere.body().replace("other:2", "other:1"));
        assertProblem(ownButNotThere, 404, "account_not_found");
        assertThat(there.body()).isEqualTo(ownButNotThere.body().replace("own:2", "other:1"));
    }

    @Test
    void shouldUndoPercentEncodingBeforeItAsksWhoseAccountItIs() throws IOException {
        assertThat(get("/v1/accounts/own%3A1", OWN).status()).isEqualTo(200);
        assertProblem(get("/v1/accounts/other%3A1", OWN), 404, "account_not_found");
        assertProblem(get("/v1/accounts/own:%2F..%2Fother:1", OWN), 400, "invalid_account_id");
    }

    @Test
    void shouldSayToOperatorsOnlyWhichPartIsNotReady() throws IOException {
        assertThat(get("/health/ready", "").body()).isEqualTo("{\"status\":\"ready\"}");
        assertThat(get("/health/ready", OWN).body())
                .contains("\"name\":\"keys of tokens\"")
                .contains("\"name\":\"views\"");
        assertThat(get("/metrics", OWN).body()).contains("ringledger_auth_checks_total");
    }
}
