package io.ringledger.ledger.http;

import static io.ringledger.ledger.http.CommandServer.assertProblem;
import static io.ringledger.ledger.http.CommandServer.await;
import static io.ringledger.ledger.http.CommandServer.json;
import static io.ringledger.ledger.http.CommandServer.post;
import static io.ringledger.ledger.http.CommandServer.request;
import static io.ringledger.ledger.http.CommandServer.send;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringledger.kit.ProblemCode;
import io.ringledger.kit.RawClient;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

@Timeout(60)
final class BatchHttpTest {
    private static final String JSON = "Content-Type: application/json\r\n";
    private static final int ANSWER_MS = 40_000;
    private static final int SHORT_ANSWER_MS = 1_000;
    private static final int MAX_COMMANDS = 20_000;

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

    private static String batch(final List<String> commands) {
        final String body = "{\"commands\":[" + String.join(",", commands) + "]}";
        return request("POST", "/v1/batches", JSON, body);
    }

    private static String open(final String id) {
        return "{\"op\":\"openAccount\",\"accountId\":\"" + id + "\",\"idempotencyKey\":\"open\","
                + "\"currency\":\"CZK\"}";
    }

    private static String credit(final String id, final String key, final long amount) {
        return "{\"op\":\"credit\",\"accountId\":\"" + id + "\",\"idempotencyKey\":\"" + key
                + "\",\"amount\":" + amount + "}";
    }

    private static List<String> credits(final int count) {
        final List<String> commands = new ArrayList<>();
        commands.add(open("a"));
        for (int i = 1; i < count; i++) {
            commands.add(credit("a", "k" + i, 1));
        }
        return commands;
    }

    private static JsonArray results(final RawClient.Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.headers()).containsEntry("content-type", "application/json");
        return json(answer).getJsonArray("results");
    }

    @Test
    void shouldAnswerEveryCommandInOrder() throws IOException {
        try (RawClient client = server.connect()) {
            final JsonArray results = results(send(
                    client,
                    batch(List.of(
                            open("a"),
                            open("b"),
                            credit("b", "k1", 70),
                            credit("a", "k1", 50),
                            credit("a", "k1", 50),
                            credit("a", "k1", 51),
                            "{\"idempotencyKey\":\"w\",\"amount\":51,\"accountId\":\"a\","
                                    + "\"op\":\"withdraw\",\"reference\":\"rent\"}",
                            "{\"op\":\"setCreditLimit\",\"accountId\":\"b\","
                                    + "\"idempotencyKey\":\"l\",\"creditLimit\":9}",
                            credit("nobody", "k", 1)))));

            assertThat(results).hasSize(9);
            assertThat(results.getJsonObject(0).getJsonObject("account").getString("accountId"))
                    .isEqualTo("a");
            assertThat(statuses(results))
                    .containsExactly(201, 201, 201, 201, 201, 422, 422, 200, 404);
            assertThat(results.getJsonObject(3).getJsonObject("transaction").getLong("balance"))
                    .isEqualTo(50);
            assertThat(results.getJsonObject(3).containsKey("replayed")).isFalse();
            assertThat(results.getJsonObject(4).getBoolean("replayed")).isTrue();
            assertThat(results.getJsonObject(4).getJsonObject("transaction"))
                    .isEqualTo(results.getJsonObject(3).getJsonObject("transaction"));
            assertThat(problemCode(results, 5)).isEqualTo("idempotency_key_reused");
            assertThat(problemCode(results, 6)).isEqualTo("insufficient_funds");
            assertThat(results.getJsonObject(6).getJsonObject("problem").getString("position"))
                    .isNotBlank();
            assertThat(results.getJsonObject(7).getJsonObject("account").getLong("available"))
                    .isEqualTo(79);
            assertThat(problemCode(results, 8)).isEqualTo("account_not_found");
        }
    }

    private static List<Integer> statuses(final JsonArray results) {
        final List<Integer> statuses = new ArrayList<>();
        for (int i = 0; i < results.size(); i++) {
            statuses.add(results.getJsonObject(i).getInteger("status"));
        }
        return statuses;
    }

    private static String problemCode(final JsonArray results, final int index) {
        return results.getJsonObject(index).getJsonObject("problem").getString("code");
    }

    @Test
    void shouldTakeTenThousandCommandsAndNoMore() throws IOException {
        try (RawClient client = server.connect()) {
            final JsonArray results = results(send(client, batch(credits(10_000))));
            assertThat(results).hasSize(10_000);
            for (int i = 1; i < 10_000; i++) {
                final JsonObject transaction =
                        results.getJsonObject(i).getJsonObject("transaction");
                if (transaction.getLong("balance") != i) {
                    throw new AssertionError("result " + i + ": " + transaction);
                }
            }
            assertThat(ingress.wakeUps()).as("wakes no writer for each command").isLessThan(1_000);
            final String before = ingress.stateHash();
            assertProblem(
                    send(client, batch(credits(10_001))),
                    400,
                    "invalid_value",
                    "not_applied",
                    "new_key");
            assertThat(ingress.stateHash()).isEqualTo(before);
            assertThat(server.meter("ringledger_http_commands_in_flight")).isZero();
            assertThat(server.meter("ringledger_http_batches_in_flight")).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"op\":\"credit\"}|missing_member|accountId",
                "{\"op\":\"close\",\"accountId\":\"a\",\"idempotencyKey\":\"k\"}|invalid_value|op",
                "{\"op\":\"credit\",\"accountId\":\"a\",\"idempotencyKey\":\"k\"}|missing_member|amount",
                "{\"op\":\"credit\",\"accountId\":\"a\",\"idempotencyKey\":\"k\",\"amount\":1,\"currency\":\"CZK\"}|unknown_member|currency",
                "{\"op\":\"credit\",\"accountId\":\"a\",\"idempotencyKey\":\"k\",\"amount\":1.5}|invalid_value|amount",
                "{\"op\":\"credit\",\"accountId\":\"a\",\"idempotencyKey\":\"\",\"amount\":1}|invalid_idempotency_key|idempotencyKey",
                "{\"op\":\"credit\",\"accountId\":\"@a\",\"idempotencyKey\":\"k\",\"amount\":1}|invalid_account_id|accountId",
                "{\"op\":\"credit\",\"op\":\"credit\"}|duplicate_member|op",
                "{\"op\":\"credit\",\"x\":1}|unknown_member|x",
                "5|invalid_value|",
                "{|malformed_json|",
            })
    void shouldPublishNothingIfAnyCommandIsInvalid(
            final String last, final String code, final String memberOrNull) throws IOException {
        final List<String> commands = credits(1_000);
        commands.add(last);
        try (RawClient client = server.connect()) {
            final RawClient.Answer answer = send(client, batch(commands));
            assertProblem(answer, 400, code, "not_applied", "new_key");
            if (!code.equals("malformed_json")) {
                final String member = memberOrNull == null ? "" : "/" + memberOrNull;
                assertThat(json(answer)
                                .getJsonArray("errors")
                                .getJsonObject(0)
                                .getString("pointer"))
                        .isEqualTo("/commands/1000" + member);
            }
            assertThat(ingress.published()).isEmpty();
            assertThat(results(send(client, batch(List.of(open("z")))))).hasSize(1);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{}|400|missing_member",
                "{\"commands\":[]}|400|invalid_value",
                "{\"commands\":{}}|400|invalid_value",
                "{\"commands\":[],\"commands\":[]}|400|invalid_value",
                "{\"command\":[]}|400|unknown_member",
                "[]|400|invalid_value",
                "``|400|malformed_json",
            })
    void shouldRefuseABadBatch(final String body, final int status, final String code)
            throws IOException {
        try (RawClient client = server.connect()) {
            assertProblem(
                    send(client, request("POST", "/v1/batches", JSON, body)),
                    status,
                    code,
                    "not_applied",
                    "new_key");
            assertThat(ingress.published()).isEmpty();
            assertThat(server.meter("ringledger_http_batches_in_flight")).isZero();
        }
    }

    @Test
    void shouldRefuseWhatComesAfterTheCommands() throws IOException {
        try (RawClient client = server.connect()) {
            for (final String tail : new String[] {",\"commands\":[]}", ",\"x\":1}", "}}", "} x"}) {
                final String body = "{\"commands\":[" + open("a") + "]" + tail;
                assertThat(send(client, request("POST", "/v1/batches", JSON, body))
                                .status())
                        .isEqualTo(400);
            }
            assertThat(ingress.published()).isEmpty();
        }
    }

    @Test
    void shouldRefuseABodyOverItsLimit() throws IOException {
        try (RawClient client = server.connect()) {
            client.send("POST /v1/batches HTTP/1.1\r\nHost: h\r\n" + JSON + "Content-Length: "
                    + (CommandServer.MAX_BATCH_BODY + 1) + "\r\n\r\n");
            assertProblem(client.answer(), 413, "body_too_large", "not_applied", "new_key");
            client.awaitClose();
        }
        await(() -> server.meter("ringledger_http_batches_in_flight") == 0);
    }

    @Test
    void shouldNotLetALaterCommandOvertakeARefusedOne() throws IOException {
        ingress.refuse("k300");
        try (RawClient client = server.connect()) {
            final JsonArray results = results(send(client, batch(credits(1_000))));
            for (int i = 0; i < 1_000; i++) {
                assertThat(results.getJsonObject(i).getInteger("status"))
                        .isEqualTo(i < 300 ? 201 : 503);
            }
            assertThat(problemCode(results, 999)).isEqualTo("overloaded");
            assertThat(server.meter("ringledger_http_commands_in_flight")).isZero();

            assertThat(ingress.published()).hasSize(300);
            ingress.close(ProblemCode.NO_OWNER);
            final JsonArray closed = results(send(client, batch(credits(3))));
            assertThat(problemCode(closed, 2)).isEqualTo("no_owner");
        }
    }

    @Test
    void shouldAnswerUnknownForWhatIsNotDurableInTime() throws Exception {
        server.stop();
        server = new CommandServer(SHORT_ANSWER_MS, MAX_COMMANDS);
        ingress = server.ingress;
        try (RawClient client = server.connect()) {
            results(send(client, batch(List.of(open("a")))));
            ingress.hold();
            final JsonArray results = results(
                    send(client, batch(List.of(credit("a", "k1", 1), credit("b", "k", 1)))));
            assertThat(statuses(results)).containsExactly(503, 503);
            assertThat(problemCode(results, 0)).isEqualTo("outcome_unknown");
            assertThat(server.meter("ringledger_http_commands_in_flight")).isEqualTo(2);
            ingress.release();
            final JsonArray again = results(send(client, batch(List.of(credit("a", "k1", 1)))));
            assertThat(again.getJsonObject(0).getBoolean("replayed")).isTrue();
            assertThat(server.meter("ringledger_http_commands_in_flight")).isZero();
        }
    }

    @Test
    void shouldBoundBatchesAndTheirCommandsInFlight() throws IOException {
        ingress.hold();
        final List<RawClient> clients = new ArrayList<>();
        try (RawClient extra = server.connect()) {
            for (int i = 0; i < CommandServer.MAX_BATCHES; i++) {
                final RawClient client = server.connect();
                clients.add(client);
                client.send(batch(List.of(credit("a", "b" + i, 1))));
            }
            await(() -> ingress.heldCount() == CommandServer.MAX_BATCHES);
            final RawClient.Answer refused = send(extra, batch(List.of(open("x"))));
            assertProblem(refused, 503, "overloaded", "not_applied", "same_key");
            // A large one is refused as overloaded too, and the connection closes.
            try (RawClient large = server.connect()) {
                final RawClient.Answer answer = send(large, batch(credits(1_000)));
                assertProblem(answer, 503, "overloaded", "not_applied", "same_key");
            }
            clients.removeFirst().close();
            await(() -> server.meter("ringledger_http_batches_in_flight")
                    == CommandServer.MAX_BATCHES - 1);
            ingress.release();
            for (final RawClient client : clients) {
                assertThat(results(client.answer())).hasSize(1);
                client.close();
            }
            await(() -> server.meter("ringledger_http_batches_in_flight") == 0);
            ingress.hold();
            try (RawClient first = server.connect();
                    RawClient second = server.connect()) {
                first.send(batch(credits(10_000)));
                await(() -> ingress.heldCount() == 10_000);
                second.send(batch(credits(10_000)));
                await(() -> ingress.heldCount() == 20_000);
                assertProblem(
                        post(extra, "/v1/accounts/a/credit", "one-more", "{\"amount\":1}"),
                        503,
                        "overloaded",
                        "not_applied",
                        "same_key");
            }
            ingress.release();
            await(() -> server.meter("ringledger_http_commands_in_flight") == 0);
        }
    }
}
