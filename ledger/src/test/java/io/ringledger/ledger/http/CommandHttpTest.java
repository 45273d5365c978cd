package io.ringledger.ledger.http;

import static io.ringledger.ledger.http.CommandServer.assertProblem;
import static io.ringledger.ledger.http.CommandServer.await;
import static io.ringledger.ledger.http.CommandServer.command;
import static io.ringledger.ledger.http.CommandServer.json;
import static io.ringledger.ledger.http.CommandServer.post;
import static io.ringledger.ledger.http.CommandServer.send;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringledger.kit.ProblemCode;
import io.ringledger.kit.RawClient;
import io.vertx.core.json.JsonObject;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** What commands do, and what happens when they cannot be done now. */
@Timeout(60)
final class CommandHttpTest {
    private static final int ANSWER_MS = 40_000;
    private static final int SHORT_ANSWER_MS = 1_000;
    private static final int MAX_COMMANDS = 4;

    private CommandServer server;
    private FakeIngress ingress;

    @BeforeEach
    void start() throws Exception {
        server = new CommandServer(ANSWER_MS, MAX_COMMANDS);
        ingress = server.ingress;
    }

    @AfterEach
    void stop() throws Exception {
        server.stop();
    }

    private static void open(final RawClient client, final String id, final long creditLimit)
            throws IOException {
        final String body = "{\"accountId\":\"" + id + "\",\"currency\":\"CZK\",\"creditLimit\":"
                + creditLimit + "}";
        assertThat(post(client, "/v1/accounts", "open-" + id, body).status()).isEqualTo(201);
    }

    @Test
    void shouldOpenAnAccount() throws IOException {
        try (RawClient client = server.connect()) {
            final RawClient.Answer answer = post(
                    client,
                    "/v1/accounts",
                    "k1",
                    "{\"accountId\":\"a:1\",\"currency\":\"CZK\",\"creditLimit\":500}");

            assertThat(answer.status()).isEqualTo(201);
            assertThat(answer.headers())
                    .containsEntry("content-type", "application/json")
                    .doesNotContainKey("idempotency-replayed");
            final JsonObject account = json(answer);
            assertThat(account.getString("position")).matches("[0-2]-1");
            account.remove("position");
            assertThat(account)
                    .isEqualTo(new JsonObject()
                            .put("accountId", "a:1")
                            .put("currency", "CZK")
                            .put("balance", 0)
                            .put("held", 0)
                            .put("creditLimit", 500)
                            .put("available", 500)
                            .put("status", "open")
                            .put("recordedAt", "2025-11-20T09:00:00.123Z"));
        }
    }

    @Test
    void shouldCreditWithdrawAndSetTheLimit() throws IOException {
        try (RawClient client = server.connect()) {
            open(client, "a", 0);
            final JsonObject credit = json(post(
                    client,
                    "/v1/accounts/a/credit",
                    "k1",
                    "{\"amount\":1000,\"reference\":\"R \\\"1\\\" \\\\ é😀\"}"));
            assertThat(credit.getString("reference")).isEqualTo("R \"1\" \\ é😀");
            assertThat(credit.getString("type")).isEqualTo("credit");
            assertThat(credit.getLong("amount")).isEqualTo(1_000);
            assertThat(credit.getLong("balance")).isEqualTo(1_000);
            assertThat(credit.getString("transactionId")).matches("[0-2]-2");

            final RawClient.Answer withdrawal =
                    post(client, "/v1/accounts/a/withdraw", "k2", "{\"amount\":300}");
            assertThat(withdrawal.status()).isEqualTo(201);
            assertThat(withdrawal.body())
                    .contains("\"type\":\"withdraw\",\"amount\":300,\"currency\":\"CZK\","
                            + "\"balance\":700,\"held\":0,\"creditLimit\":0,\"available\":700,"
                            + "\"reference\":null,\"recordedAt\":");

            final RawClient.Answer limit = send(
                    client,
                    command("PUT", "/v1/accounts/a/creditLimit", "k3", "{\"creditLimit\":50}"));
            assertThat(limit.status()).isEqualTo(200);
            assertThat(json(limit).getLong("available")).isEqualTo(750);
        }
    }

    @Test
    void shouldGiveTheFirstOutcomeAgain() throws IOException {
        try (RawClient client = server.connect()) {
            open(client, "a", 0);
            final String body = "{\"amount\":10}";
            final RawClient.Answer first = post(client, "/v1/accounts/a/credit", "k", body);
            final RawClient.Answer again = post(client, "/v1/accounts/a/credit", "k", body);
            assertThat(again.status()).isEqualTo(201);
            assertThat(again.body()).isEqualTo(first.body());
            assertThat(again.headers()).containsEntry("idempotency-replayed", "true");

            final RawClient.Answer other =
                    post(client, "/v1/accounts/a/credit", "k", "{\"amount\":11}");
            assertProblem(other, 422, "idempotency_key_reused", "not_applied", "new_key");
            assertThat(json(other).containsKey("position")).isFalse();

            final RawClient.Answer refused =
                    post(client, "/v1/accounts/a/withdraw", "w", "{\"amount\":11}");
            assertProblem(refused, 422, "insufficient_funds", "not_applied", "new_key");
            assertThat(json(refused).getString("position")).matches("[0-2]-3");
            final RawClient.Answer refusedAgain =
                    post(client, "/v1/accounts/a/withdraw", "w", "{\"amount\":11}");
            assertThat(refusedAgain.body()).isEqualTo(refused.body());
            assertThat(refusedAgain.headers()).containsEntry("idempotency-replayed", "true");
        }
    }

    @Test
    void shouldAnswerRecordedRefusals() throws IOException {
        try (RawClient client = server.connect()) {
            open(client, "a", 100);
            final RawClient.Answer twice = post(
                    client, "/v1/accounts", "k1", "{\"accountId\":\"a\",\"currency\":\"EUR\"}");
            assertProblem(twice, 409, "account_exists", "not_applied", "new_key");
            assertThat(json(twice).getString("position")).matches("[0-2]-2");

            final RawClient.Answer nobody =
                    post(client, "/v1/accounts/b/credit", "k2", "{\"amount\":1}");
            assertProblem(nobody, 404, "account_not_found", "not_applied", "new_key");
            assertThat(json(nobody).getString("position")).isNotBlank();

            assertThat(post(client, "/v1/accounts/a/withdraw", "k3", "{\"amount\":60}")
                            .status())
                    .isEqualTo(201);
            assertProblem(
                    send(
                            client,
                            command(
                                    "PUT",
                                    "/v1/accounts/a/creditLimit",
                                    "k4",
                                    "{\"creditLimit\":59}")),
                    422,
                    "credit_limit_in_use",
                    "not_applied",
                    "new_key");
            assertThat(post(client, "/v1/accounts/a/credit", "k5", "{\"amount\":9007199254740991}")
                            .status())
                    .isEqualTo(201);
            assertProblem(
                    post(client, "/v1/accounts/a/credit", "k6", "{\"amount\":61}"),
                    422,
                    "balance_out_of_range",
                    "not_applied",
                    "new_key");
        }
    }

    @Test
    void shouldFindTheAccountBehindPercentEncoding() throws IOException {
        try (RawClient client = server.connect()) {
            open(client, "a:b-1", 0);
            assertThat(post(client, "/v1/accounts/a%3Ab%2d1/credit", "k", "{\"amount\":1}")
                            .status())
                    .isEqualTo(201);
            assertThat(post(
                                    client,
                                    "http://ledger.example/v1/accounts/a:b-1/credit",
                                    "k2",
                                    "{\"amount\":1}")
                            .status())
                    .isEqualTo(201);
        }
    }

    @Test
    void shouldAnswerOutcomeUnknownAfterTheTimeLimitAndIgnoreTheLateOutcome() throws Exception {
        server.stop();
        server = new CommandServer(SHORT_ANSWER_MS, MAX_COMMANDS);
        ingress = server.ingress;
        try (RawClient client = server.connect()) {
            open(client, "a", 0);
            ingress.hold();
            final long start = System.nanoTime();
            final RawClient.Answer answer =
                    post(client, "/v1/accounts/a/credit", "k", "{\"amount\":5}");
            assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start))
                    .isGreaterThanOrEqualTo(SHORT_ANSWER_MS);
            assertProblem(answer, 503, "outcome_unknown", "unknown", "same_key");
            assertThat(server.meter("ringledger_http_commands_in_flight")).isEqualTo(1);

            ingress.release();
            final RawClient.Answer retry =
                    post(client, "/v1/accounts/a/credit", "k", "{\"amount\":5}");
            assertThat(retry.status()).isEqualTo(201);
            assertThat(retry.headers()).containsEntry("idempotency-replayed", "true");
            assertThat(json(retry).getLong("balance")).isEqualTo(5);
            assertThat(server.meter("ringledger_http_commands_in_flight")).isZero();
        }
    }

    @Test
    void shouldIgnoreAClientThatWentAway() throws IOException {
        try (RawClient client = server.connect()) {
            open(client, "a", 0);
        }
        ingress.hold();
        try (RawClient client = server.connect()) {
            client.send(command("POST", "/v1/accounts/a/credit", "k", "{\"amount\":5}"));
            await(() -> ingress.heldCount() == 1);
        }
        await(() -> server.meter("ringledger_http_connections") == 0);
        ingress.release();
        await(() -> server.meter("ringledger_http_abandoned_total") == 1);
        assertThat(server.meter("ringledger_http_commands_in_flight")).isZero();
    }

    @Test
    void shouldRefuseWhenItIsFullOrClosed() throws IOException {
        try (RawClient client = server.connect()) {
            open(client, "a", 0);
            final String before = ingress.stateHash();
            ingress.room(0);
            assertProblem(
                    post(client, "/v1/accounts/a/credit", "k", "{\"amount\":5}"),
                    503,
                    "overloaded",
                    "not_applied",
                    "same_key");
            ingress.room(100);
            ingress.close(ProblemCode.NO_OWNER);
            assertProblem(
                    post(client, "/v1/accounts/a/credit", "k", "{\"amount\":5}"),
                    503,
                    "no_owner",
                    "not_applied",
                    "same_key");
            assertThat(ingress.stateHash()).isEqualTo(before);
            ingress.close(null);
            final RawClient.Answer retry =
                    post(client, "/v1/accounts/a/credit", "k", "{\"amount\":5}");
            assertThat(retry.status()).isEqualTo(201);
            assertThat(retry.headers()).doesNotContainKey("idempotency-replayed");
            assertThat(server.meter("ringledger_http_commands_in_flight")).isZero();
        }
    }

    @Test
    void shouldAnswerAndCountADefect() throws IOException {
        ingress.breakAt("bug");
        final String counter = "ringledger_http_results_total{result=\"internal_error\"}";
        try (RawClient client = server.connect()) {
            open(client, "a", 0);
            assertThat(server.meter(counter)).isZero();
            assertProblem(
                    post(client, "/v1/accounts/a/credit", "bug", "{\"amount\":5}"),
                    500,
                    "internal_error",
                    "unknown",
                    "same_key");
            assertThat(server.meter(counter)).isEqualTo(1);
            assertThat(post(
                                    client,
                                    "/v1/batches",
                                    "no",
                                    "{\"commands\":[{\"op\":\"credit\",\"accountId\":\"a\","
                                            + "\"idempotencyKey\":\"bug\",\"amount\":5}]}")
                            .status())
                    .isEqualTo(500);
            assertThat(server.meter(counter)).isEqualTo(2);
        }
    }

    @Test
    void shouldBoundTheCommandsInFlight() throws IOException {
        final RawClient[] clients = new RawClient[MAX_COMMANDS];
        try (RawClient extra = server.connect()) {
            open(extra, "a", 0);
            ingress.hold();
            for (int i = 0; i < MAX_COMMANDS; i++) {
                clients[i] = server.connect();
                clients[i].send(
                        command("POST", "/v1/accounts/a/credit", "k" + i, "{\"amount\":5}"));
            }
            await(() -> ingress.heldCount() == MAX_COMMANDS);
            assertProblem(
                    post(extra, "/v1/accounts/a/credit", "extra", "{\"amount\":5}"),
                    503,
                    "overloaded",
                    "not_applied",
                    "same_key");
            ingress.release();
            for (final RawClient client : clients) {
                assertThat(client.answer().status()).isEqualTo(201);
                client.close();
            }
            assertThat(post(extra, "/v1/accounts/a/credit", "extra", "{\"amount\":5}")
                            .status())
                    .isEqualTo(201);
        }
    }

    @Test
    void shouldAnswerPipelinedCommandsInOrder() throws IOException {
        try (RawClient client = server.connect()) {
            open(client, "a", 0);
            final StringBuilder requests = new StringBuilder();
            for (int i = 1; i <= 100; i++) {
                requests.append(
                        command("POST", "/v1/accounts/a/credit", "k" + i, "{\"amount\":1}"));
            }
            client.send(requests.toString());
            for (int i = 1; i <= 100; i++) {
                assertThat(json(client.answer()).getLong("balance")).isEqualTo(i);
            }
        }
    }

    @Test
    void shouldTellTheMethodsOfAPath() throws IOException {
        try (RawClient client = server.connect()) {
            client.send("OPTIONS /v1/accounts/a/creditLimit HTTP/1.1\r\nHost: h\r\n\r\n");
            final RawClient.Answer options = client.answer();
            assertThat(options.status()).isEqualTo(204);
            assertThat(options.headers()).containsEntry("allow", "GET, HEAD, OPTIONS, PUT");
            client.send("DELETE /v1/accounts/a/credit HTTP/1.1\r\nHost: h\r\n\r\n");
            final RawClient.Answer delete = client.answer();
            assertProblem(delete, 405, "method_not_allowed", "not_applied", "new_key");
            assertThat(delete.headers()).containsEntry("allow", "OPTIONS, POST");
        }
    }
}
