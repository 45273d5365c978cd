package io.ringledger.ledger.http;

import static io.ringledger.ledger.http.CommandServer.assertProblem;
import static io.ringledger.ledger.http.CommandServer.json;
import static io.ringledger.ledger.http.CommandServer.request;
import static io.ringledger.ledger.http.CommandServer.send;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringledger.kit.RawClient;
import io.ringledger.kit.auth.Tokens;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Every route of the command side with every kind of token, over real sockets. */
// Requests are written as they go over the wire, with CRLF.
@SuppressWarnings("StringConcatToTextBlock")
@Timeout(60)
final class CommandAccessTest {
    private static final int ANSWER_MS = 2_000;
    private static final int MAX_COMMANDS = 20_000;
    private static final int LIMIT_MS = 10_000;
    private static final int PARTITIONS = 3;
    private static final String OWN = Tokens.bearer(Tokens.good("own:"));
    private static final String HEAD =
            "Content-Type: application/json\r\nIdempotency-Key: key-1\r\n";

    @TempDir
    private Path folder;

    private CommandServer server;

    @BeforeEach
    void start() throws Exception {
        server = serverWith(Tokens.settings(folder));
        try (RawClient client = server.connect()) {
            for (final String id : List.of("own:1", "other:1", "own")) {
                assertThat(send(
                                        client,
                                        request(
                                                "POST",
                                                "/v1/accounts",
                                                HEAD + Tokens.bearer(Tokens.good("*")),
                                                opening(id)))
                                .status())
                        .isEqualTo(201);
            }
        }
    }

    @AfterEach
    void stop() throws Exception {
        server.stop();
    }

    private static CommandServer serverWith(final Map<String, String> auth) throws Exception {
        return new CommandServer(ANSWER_MS, MAX_COMMANDS, LIMIT_MS, 30_000, auth);
    }

    /** A request that is right but for its token. */
    record Route(String method, String path, String body) {
        String with(final String headers) {
            return request(method, path, HEAD.replace("key-1", "key-2") + headers, body);
        }

        @Override
        public String toString() {
            return method + " " + path;
        }
    }

    static List<Route> routes() {
        return routesOf("own:1", "own:2");
    }

    /** Every route of a command, about an account that is there and one to open. */
    private static List<Route> routesOf(final String id, final String newId) {
        final String account = "/v1/accounts/" + id;
        return List.of(
                new Route("POST", "/v1/accounts", opening(newId)),
                new Route("POST", account + "/credit", "{\"amount\":5}"),
                new Route("POST", account + "/withdraw", "{\"amount\":5}"),
                new Route("PUT", account + "/creditLimit", "{\"creditLimit\":9}"),
                new Route("POST", "/v1/batches", batch(List.of(credit(id)))));
    }

    @ParameterizedTest
    @EnumSource(Tokens.Bad.class)
    void shouldTakeNothingWithABadToken(final Tokens.Bad bad) throws IOException {
        final String state = server.ingress.stateHash();
        try (RawClient client = server.connect()) {
            final List<Route> all = new ArrayList<>(routes());
            all.add(new Route("GET", "/v1/accounts/own:1", ""));
            all.add(new Route("DELETE", "/v1/accounts/own:1", ""));
            all.add(new Route("POST", "/v1/nowhere", ""));
            all.add(new Route("POST", "/v1/accounts/own:1/credit", "not JSON"));
            for (final Route route : all) {
                final RawClient.Answer answer = send(client, route.with(bad.headers()));
                assertProblem(answer, 401, "unauthenticated", "not_applied", "same_key");
                assertThat(answer.headers().get("www-authenticate"))
                        .as("%s", route)
                        .startsWith("Bearer realm=");
            }
        }
        assertThat(server.ingress.published()).hasSize(3);
        assertThat(server.ingress.stateHash()).isEqualTo(state);
    }

    @ParameterizedTest
    @MethodSource("routes")
    void shouldAskForTheScopeToWrite(final Route route) throws IOException {
        try (RawClient client = server.connect()) {
            final String reader = Tokens.bearer(Tokens.good("own:", "read", "operate"));
            final RawClient.Answer refused = send(client, route.with(reader));
            assertProblem(refused, 403, "missing_scope", "not_applied", "never");
            assertThat(server.ingress.published()).hasSize(3);
            final String writer = Tokens.bearer(Tokens.good("own:", "write"));
            assertThat(send(client, route.with(writer)).status()).isIn(200, 201, 422);
            assertThat(server.ingress.published()).hasSize(4);
        }
    }

    @Test
    void shouldAnswerForAnAccountOfAnotherClientAsIfThereWereNone() throws IOException {
        final String state = server.ingress.stateHash();
        try (RawClient client = server.connect()) {
            final List<Route> there = routesOf("other:1", "other:1");
            final List<Route> notThere = routesOf("other:2", "other:2");
            for (int i = 0; i < there.size(); i++) {
                final RawClient.Answer first = send(client, there.get(i).with(OWN));
                final RawClient.Answer second = send(client, notThere.get(i).with(OWN));
                assertThat(first.status()).isEqualTo(second.status());
                assertThat(first.commonHeaders()).isEqualTo(second.commonHeaders());
                assertThat(first.body()).as("%s", there.get(i)).isEqualTo(second.body());
                if (!there.get(i).path().equals("/v1/batches")) {
                    assertProblem(first, 404, "account_not_found", "not_applied", "new_key");
                    assertThat(json(first).getString("position")).isNull();
                }
            }
            // The prefix has to be there whole.
            assertProblem(
                    send(client, routesOf("own", "own").get(1).with(OWN)),
                    404,
                    "account_not_found",
                    "not_applied",
                    "new_key");
            final String nobodys = Tokens.bearer(Tokens.goodWithoutAccounts());
            assertThat(send(client, routes().get(1).with(nobodys)).status()).isEqualTo(404);
        }
        assertThat(server.ingress.published()).hasSize(3);
        assertThat(server.ingress.stateHash()).isEqualTo(state);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "other%3A1",
                "%6Fther:1",
                "own:%2F..%2Fother:1",
                "own:/../other:1",
                "own:1/../other:1",
                "own:1%2F..%2F..%2Fother:1",
                "./other:1",
                "../accounts/other:1",
                "%2E%2E/accounts/other:1",
                "/other:1",
                "other:1%00",
                "own:%00other:1",
                "other%253A1",
                "%256Fther:1",
                "own:%5C..%5Cother:1",
                "OWN:1",
                "own%ef%bc%9a1",
                "%c0%afown:1",
                "own:1;other:1",
                "own:1%0d%0aX:y",
                "%",
                "own:%2",
                "own:%zz",
                "own:1%20",
                "+own:1",
                "",
            })
    void shouldNotReachAnotherAccountByAnySpelling(final String id) throws IOException {
        final String state = server.ingress.stateHash();
        for (final String prefix : List.of("", "http://h", "HTTP://other.example:80")) {
            for (final Route route : routesOf(id, id)) {
                if (!route.path().startsWith("/v1/accounts/")) {
                    continue;
                }
                try (RawClient client = server.connect()) {
                    final Route spelled =
                            new Route(route.method(), prefix + route.path(), route.body());
                    final RawClient.Answer answer = send(client, spelled.with(OWN));
                    assertThat(answer.status())
                            .as("%s: %s", spelled, answer.body())
                            .isIn(400, 404);
                }
            }
        }
        assertThat(server.ingress.published()).hasSize(3);
        assertThat(server.ingress.stateHash()).isEqualTo(state);
    }

    @Test
    void shouldKnowAnOwnAccountByEverySpelling() throws IOException {
        for (final String id : List.of("own%3A1", "%6fwn:1", "%6F%77%6E%3A%31")) {
            try (RawClient client = server.connect()) {
                final RawClient.Answer answer =
                        send(client, routesOf(id, id).get(1).with(OWN));
                assertThat(answer.status()).as(answer.body()).isEqualTo(201);
                assertThat(json(answer).getString("accountId")).isEqualTo("own:1");
            }
        }
        // The same key and content: one command, however it was spelled.
        assertThat(server.ingress.published()).hasSize(6);
    }

    @Test
    void shouldDecideTheOwnCommandsOfABatchAndNoOthers() throws IOException {
        final JsonArray results;
        try (RawClient client = server.connect()) {
            final String body = batch(List.of(
                    credit("own:1"), credit("other:1"), credit("other:2"), credit("own:1")));
            results = json(send(client, new Route("POST", "/v1/batches", body).with(OWN)))
                    .getJsonArray("results");
        }
        assertThat(results).hasSize(4);
        assertThat(results.getJsonObject(0).getInteger("status")).isEqualTo(201);
        assertThat(results.getJsonObject(3).getBoolean("replayed")).isTrue();
        assertThat(results.getJsonObject(1)).isEqualTo(results.getJsonObject(2));
        assertThat(results.getJsonObject(1).getInteger("status")).isEqualTo(404);
        final JsonObject problem = results.getJsonObject(1).getJsonObject("problem");
        assertThat(problem.getString("code")).isEqualTo("account_not_found");
        assertThat(server.ingress.published()).hasSize(5);
        CommandServer.await(() -> server.meter("ringledger_http_commands_in_flight") == 0);
    }

    @Test
    void shouldChargeABatchForItsCommands() throws Exception {
        final Map<String, String> settings = new HashMap<>(Tokens.settings(folder));
        settings.put("RINGLEDGER_RATE_PER_CLIENT", "1");
        settings.put("RINGLEDGER_RATE_BURST", "5");
        final CommandServer slow = serverWith(settings);
        try (RawClient client = slow.connect();
                RawClient throughAnother = server.connect()) {
            final String body = batch(Collections.nCopies(1_000, credit("own:1")));
            final RawClient.Answer first =
                    send(client, new Route("POST", "/v1/batches", body).with(OWN));
            assertThat(json(first).getJsonArray("results")).hasSize(1_000);
            final RawClient.Answer second = send(client, routes().get(1).with(OWN));
            assertProblem(second, 429, "rate_limited", "not_applied", "same_key");
            // 1,000 less the burst, less the seconds that have passed.
            assertThat(Integer.parseInt(second.headers().get("retry-after"))).isBetween(900, 996);

            for (int partition = 0; partition < PARTITIONS; partition++) {
                server.ingress.elsewhere(partition, slow.address());
            }
            final RawClient.Answer single = send(throughAnother, routes().get(1).with(OWN));
            assertProblem(single, 429, "rate_limited", "not_applied", "same_key");
            assertThat(single.headers()).containsKey("retry-after");
            final JsonObject result = json(send(throughAnother, routes().get(4).with(OWN)))
                    .getJsonArray("results")
                    .getJsonObject(0);
            assertThat(result.getInteger("status")).isEqualTo(429);
        } finally {
            slow.stop();
        }
    }

    @Test
    void shouldTakeTheTokenAlongToTheOwner() throws Exception {
        final CommandServer asked = serverWith(Tokens.settings(folder));
        try (RawClient client = asked.connect()) {
            for (int partition = 0; partition < PARTITIONS; partition++) {
                asked.ingress.elsewhere(partition, server.address());
            }
            for (final Route route : routes()) {
                final RawClient.Answer answer = send(client, route.with(OWN));
                assertThat(answer.status()).as(answer.body()).isIn(200, 201, 422);
            }
            assertThat(asked.ingress.published()).isEmpty();
            assertThat(server.ingress.published()).hasSize(8);
        } finally {
            asked.stop();
        }
    }

    @Test
    void shouldTellWhatTheOwnerSaysOfTheToken() throws Exception {
        final CommandServer asked = serverWith(Tokens.settings(folder));
        final Map<String, String> another = new HashMap<>(Tokens.settings(folder));
        another.put("RINGLEDGER_AUTH_AUDIENCE", "another");
        final CommandServer owner = serverWith(another);
        try (RawClient client = asked.connect()) {
            for (int partition = 0; partition < PARTITIONS; partition++) {
                asked.ingress.elsewhere(partition, owner.address());
            }
            final RawClient.Answer single = send(client, routes().get(1).with(OWN));
            assertProblem(single, 401, "unauthenticated", "not_applied", "same_key");
            assertThat(single.headers().get("www-authenticate")).startsWith("Bearer realm=");
            final JsonObject result = json(send(client, routes().get(4).with(OWN)))
                    .getJsonArray("results")
                    .getJsonObject(0);
            assertThat(result.getInteger("status")).isEqualTo(401);
            assertThat(result.getJsonObject("problem").getString("code"))
                    .isEqualTo("unauthenticated");
            assertThat(owner.ingress.published()).isEmpty();
        } finally {
            asked.stop();
            owner.stop();
        }
    }

    private static String opening(final String id) {
        return "{\"accountId\":\"" + id + "\",\"currency\":\"CZK\"}";
    }

    private static String credit(final String id) {
        return "{\"op\":\"credit\",\"idempotencyKey\":\"b\",\"accountId\":\"" + id
                + "\",\"amount\":1}";
    }

    private static String batch(final List<String> commands) {
        return "{\"commands\":[" + String.join(",", commands) + "]}";
    }
}
