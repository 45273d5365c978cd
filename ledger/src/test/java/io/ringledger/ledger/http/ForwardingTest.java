package io.ringledger.ledger.http;

import static io.ringledger.ledger.http.CommandServer.assertProblem;
import static io.ringledger.ledger.http.CommandServer.await;
import static io.ringledger.ledger.http.CommandServer.command;
import static io.ringledger.ledger.http.CommandServer.json;
import static io.ringledger.ledger.http.CommandServer.post;
import static io.ringledger.ledger.http.CommandServer.request;
import static io.ringledger.ledger.http.CommandServer.send;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringledger.kit.ProblemCode;
import io.ringledger.kit.RawClient;
import io.ringledger.model.Partitions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;

/** Two processes over real sockets: the first owns nothing of what the second owns. */
@Timeout(60)
final class ForwardingTest {
    private static final String JSON = "Content-Type: application/json\r\n";
    private static final int ANSWER_MS = 2_000;
    private static final int MAX_COMMANDS = 20_000;
    private static final int PARTITIONS = 3;

    private CommandServer asked;
    private CommandServer owner;
    private final List<String> ids =
            IntStream.range(0, PARTITIONS).mapToObj(ForwardingTest::idIn).toList();

    @BeforeEach
    void start() throws Exception {
        asked = new CommandServer(ANSWER_MS, MAX_COMMANDS);
        owner = new CommandServer(ANSWER_MS, MAX_COMMANDS);
        asked.ingress.elsewhere(1, owner.address());
        asked.ingress.elsewhere(2, owner.address());
    }

    @AfterEach
    void stop() throws Exception {
        asked.stop();
        owner.stop();
    }

    @Test
    void shouldGiveTheOwnersAnswerAsItIs() throws IOException {
        try (RawClient client = asked.connect()) {
            final String id = ids.get(1);
            final RawClient.Answer opened = post(client, "/v1/accounts", "open", opening(id));
            assertThat(opened.status()).isEqualTo(201);
            final String path = "/v1/accounts/" + id + "/credit";
            final String body = "{\"amount\":5,\"reference\":\"h\u00e9 \\\"\"}";
            final RawClient.Answer first = post(client, path, "k", body);
            assertThat(first.status()).isEqualTo(201);
            assertThat(json(first).getLong("balance")).isEqualTo(5);
            final RawClient.Answer again = post(client, path, "k", body);
            assertThat(again.body()).isEqualTo(first.body());
            assertThat(again.headers()).containsEntry("idempotency-replayed", "true");
            assertProblem(
                    post(client, "/v1/accounts/" + id + "/withdraw", "w", "{\"amount\":9}"),
                    422,
                    "insufficient_funds",
                    "not_applied",
                    "new_key");
        }
        assertThat(asked.ingress.published()).isEmpty();
        assertThat(owner.ingress.published()).containsExactly("open", "k", "k", "w");
    }

    @Test
    void shouldForwardThePartsOfABatchAndKeepTheOrderOfItsResults() throws IOException {
        final List<String> commands = new ArrayList<>();
        for (final String id : ids) {
            commands.add("{\"op\":\"openAccount\",\"idempotencyKey\":\"open\",\"accountId\":\"" + id
                    + "\",\"currency\":\"CZK\",\"creditLimit\":7}");
        }
        for (int i = 0; i < 900; i++) {
            commands.add("{\"op\":\"credit\",\"idempotencyKey\":\"k" + i + "\",\"accountId\":\""
                    + ids.get(i % PARTITIONS) + "\",\"amount\":" + (i + 1)
                    + ",\"reference\":\"\\\"\\u00e9 " + i + "\"}");
        }
        commands.add("{\"op\":\"setCreditLimit\",\"idempotencyKey\":\"l\",\"accountId\":\""
                + ids.get(2) + "\",\"creditLimit\":11}");
        commands.add("{\"op\":\"withdraw\",\"idempotencyKey\":\"w\",\"accountId\":\"" + ids.get(2)
                + "\",\"amount\":9007199254740991}");
        final JsonArray results;
        try (RawClient client = asked.connect()) {
            results = json(send(client, batch(commands))).getJsonArray("results");
        }
        assertThat(results).hasSize(905);
        final long[] balances = new long[PARTITIONS];
        for (int i = 0; i < 900; i++) {
            balances[i % PARTITIONS] += i + 1;
            final JsonObject transaction =
                    results.getJsonObject(3 + i).getJsonObject("transaction");
            assertThat(transaction.getString("accountId")).isEqualTo(ids.get(i % PARTITIONS));
            assertThat(transaction.getLong("balance")).isEqualTo(balances[i % PARTITIONS]);
            assertThat(transaction.getString("reference")).isEqualTo("\"\u00e9 " + i);
        }
        assertThat(results.getJsonObject(903).getJsonObject("account").getLong("creditLimit"))
                .isEqualTo(11);
        assertThat(results.getJsonObject(904).getJsonObject("problem").getString("code"))
                .isEqualTo("insufficient_funds");
        assertThat(asked.ingress.published()).hasSize(301);
        assertThat(owner.ingress.published()).hasSize(604);
    }

    @Test
    void shouldForwardOnceAndNeverInALoop() throws IOException {
        owner.ingress.elsewhere(1, asked.address());
        try (RawClient client = asked.connect()) {
            final String id = ids.get(1);
            assertProblem(
                    post(client, "/v1/accounts/" + id + "/credit", "k", "{\"amount\":5}"),
                    503,
                    "no_owner",
                    "not_applied",
                    "same_key");
            final JsonObject result = json(send(client, batch(List.of(credit(id)))))
                    .getJsonArray("results")
                    .getJsonObject(0);
            assertThat(result.getJsonObject("problem").getString("code")).isEqualTo("no_owner");
        }
        assertThat(asked.ingress.published()).isEmpty();
        assertThat(owner.ingress.published()).isEmpty();
    }

    @Test
    void shouldSayThatNothingWasAppliedWhereTheOwnerCannotBeReached() throws Exception {
        final int free;
        try (ServerSocket socket = new ServerSocket(0)) {
            free = socket.getLocalPort();
        }
        asked.ingress.elsewhere(1, "127.0.0.1:" + free);
        try (RawClient client = asked.connect()) {
            final String id = ids.get(1);
            assertProblem(
                    post(client, "/v1/accounts/" + id + "/credit", "k", "{\"amount\":5}"),
                    503,
                    "no_owner",
                    "not_applied",
                    "same_key");
            final JsonObject result = json(send(client, batch(List.of(credit(id)))))
                    .getJsonArray("results")
                    .getJsonObject(0);
            assertThat(result.getJsonObject("problem").getString("code")).isEqualTo("no_owner");
        }
    }

    @Test
    void shouldSayThatTheOutcomeIsUnknownWhereTheOwnerDiesWithTheCommand() throws Exception {
        try (ServerSocket dying = new ServerSocket(0)) {
            asked.ingress.elsewhere(1, "127.0.0.1:" + dying.getLocalPort());
            final Thread owners = Thread.ofVirtual().start(() -> {
                for (int i = 0; i < 2; i++) {
                    try (Socket socket = dying.accept()) {
                        assertThat(socket.getInputStream().read()).isPositive();
                    } catch (final IOException e) {
                        throw new AssertionError(e);
                    }
                }
            });
            try (RawClient client = asked.connect()) {
                final String id = ids.get(1);
                assertProblem(
                        post(client, "/v1/accounts/" + id + "/credit", "k", "{\"amount\":5}"),
                        503,
                        "outcome_unknown",
                        "unknown",
                        "same_key");
                final JsonObject result = json(send(client, batch(List.of(credit(id)))))
                        .getJsonArray("results")
                        .getJsonObject(0);
                assertThat(result.getJsonObject("problem").getString("code"))
                        .isEqualTo("outcome_unknown");
            }
            owners.join();
        }
    }

    /** Both processes then log under one id. */
    @Test
    void shouldHandTheCorrelationIdOnToTheOwner() throws Exception {
        final String trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        final List<String> seen = new CopyOnWriteArrayList<>();
        try (ServerSocket listening = new ServerSocket(0)) {
            asked.ingress.elsewhere(1, "127.0.0.1:" + listening.getLocalPort());
            final Thread owners = Thread.ofVirtual().start(() -> {
                for (int i = 0; i < 3; i++) {
                    try (Socket socket = listening.accept()) {
                        seen.add(traceparentOf(socket));
                    } catch (final IOException e) {
                        throw new AssertionError(e);
                    }
                }
            });
            final String path = "/v1/accounts/" + ids.get(1) + "/credit";
            final String key = JSON + "Idempotency-Key: k\r\n";
            try (RawClient client = asked.connect()) {
                final String sent = "traceparent: " + trace + "\r\n";
                final RawClient.Answer traced =
                        send(client, request("POST", path, key + sent, "{\"amount\":5}"));
                assertThat(traced.headers())
                        .containsEntry("correlation-id", trace.substring(3, 35));
                final RawClient.Answer batch = send(
                        client,
                        request(
                                "POST",
                                "/v1/batches",
                                JSON + sent,
                                "{\"commands\":[" + credit(ids.get(1)) + "]}"));
                assertThat(batch.status()).isEqualTo(200);
                final RawClient.Answer untraced =
                        send(client, request("POST", path, key, "{\"amount\":5}"));
                owners.join();
                assertThat(seen.subList(0, 2)).containsExactly(trace, trace);
                assertThat(seen.get(2))
                        .startsWith("00-" + untraced.headers().get("correlation-id") + '-')
                        .endsWith("-00");
            }
        }
    }

    private static String traceparentOf(final Socket socket) throws IOException {
        final BufferedReader reader = new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
        for (String line = reader.readLine();
                line != null && !line.isEmpty();
                line = reader.readLine()) {
            if (line.startsWith("traceparent: ")) {
                return line.substring("traceparent: ".length());
            }
        }
        return "none";
    }

    @Test
    void shouldTakeNothingThatWasMeantForAnotherLedger() throws IOException {
        try (RawClient client = owner.connect()) {
            assertProblem(
                    send(
                            client,
                            request(
                                    "POST",
                                    "/v1/accounts",
                                    JSON + "Idempotency-Key: k\r\nRingledger-Forwarded: other\r\n",
                                    opening(ids.get(1)))),
                    503,
                    "no_owner",
                    "not_applied",
                    "same_key");
        }
        assertThat(owner.ingress.published()).isEmpty();
    }

    @Test
    void shouldSayWhatTheOwnerSaysOfAWholeBatch() throws IOException {
        owner.ingress.room(0);
        try (RawClient client = asked.connect()) {
            final JsonObject result = json(send(client, batch(List.of(credit(ids.get(1))))))
                    .getJsonArray("results")
                    .getJsonObject(0);
            assertThat(result.getJsonObject("problem").getString("code")).isEqualTo("overloaded");
        }
    }

    @Test
    void shouldNotWaitForASilentOwnerForEver() throws IOException {
        owner.ingress.hold();
        try (RawClient client = asked.connect()) {
            final String id = ids.get(1);
            assertProblem(
                    post(client, "/v1/accounts/" + id + "/credit", "k", "{\"amount\":5}"),
                    503,
                    "outcome_unknown",
                    "unknown",
                    "same_key");
        }
        await(() -> owner.ingress.heldCount() == 1);
        owner.ingress.release();
        await(() -> asked.meter("ringledger_http_commands_in_flight") == 0);
    }

    @Test
    void shouldTellTheOwnersRefusalOfTheWholeRequest() throws IOException {
        owner.ingress.close(ProblemCode.OVERLOADED);
        try (RawClient client = asked.connect()) {
            assertProblem(
                    send(
                            client,
                            command(
                                    "POST",
                                    "/v1/accounts/" + ids.get(1) + "/credit",
                                    "k",
                                    "{\"amount\":5}")),
                    503,
                    "overloaded",
                    "not_applied",
                    "same_key");
        }
    }

    private static String credit(final String id) {
        return "{\"op\":\"credit\",\"idempotencyKey\":\"b\",\"accountId\":\"" + id
                + "\",\"amount\":1}";
    }

    private static String opening(final String id) {
        return "{\"accountId\":\"" + id + "\",\"currency\":\"CZK\"}";
    }

    private static String batch(final List<String> commands) {
        return request(
                "POST", "/v1/batches", JSON, "{\"commands\":[" + String.join(",", commands) + "]}");
    }

    private static String idIn(final int partition) {
        for (int i = 0; ; i++) {
            final byte[] id = ("account-" + i).getBytes(StandardCharsets.US_ASCII);
            if (Partitions.partitionOf(id, id.length, PARTITIONS) == partition) {
                return "account-" + i;
            }
        }
    }
}
