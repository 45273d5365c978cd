package io.ringledger.ledger.http;

import static io.ringledger.ledger.http.CommandServer.assertProblem;
import static io.ringledger.ledger.http.CommandServer.command;
import static io.ringledger.ledger.http.CommandServer.json;
import static io.ringledger.ledger.http.CommandServer.post;
import static io.ringledger.ledger.http.CommandServer.request;
import static io.ringledger.ledger.http.CommandServer.send;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringledger.kit.RawClient;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;

/** Every kind of bad request: the right answer, nothing published, the connection still usable. */
// Headers are written as they go over the wire, with CRLF.
@SuppressWarnings("StringConcatToTextBlock")
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class BadInputTest {
    private static final String JSON = "Content-Type: application/json\r\n";
    private static final String KEY = "Idempotency-Key: k\r\n";
    private static final String CREDIT = "/v1/accounts/a/credit";

    private CommandServer server;
    private String stateBefore;
    private int publishedBefore;

    @BeforeAll
    void start() throws Exception {
        server = new CommandServer(5_000, 100_000);
        try (RawClient client = server.connect()) {
            post(client, "/v1/accounts", "o", "{\"accountId\":\"a\",\"currency\":\"CZK\"}");
        }
        stateBefore = server.ingress.stateHash();
        publishedBefore = server.ingress.published().size();
    }

    @AfterAll
    void stop() throws Exception {
        server.stop();
    }

    /** Nothing has happened, and the connection serves the next request. */
    private void assertHarmless(final RawClient client) throws IOException {
        assertThat(server.ingress.published()).hasSize(publishedBefore);
        assertThat(server.ingress.stateHash()).isEqualTo(stateBefore);
        client.send("GET /health/live HTTP/1.1\r\nHost: h\r\n\r\n");
        assertThat(client.answer().status()).isEqualTo(200);
    }

    private void shouldRefuse(final String request, final int status, final String code)
            throws IOException {
        try (RawClient client = server.connect()) {
            assertProblem(send(client, request), status, code, "not_applied", "new_key");
            assertHarmless(client);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``|malformed_json|",
                "{\"amount\":1|malformed_json|",
                "{\"amount\":1}}|malformed_json|",
                "{\"amount\":1,}|malformed_json|",
                "{\"amount\":1}/* */|malformed_json|",
                "{\"amount\":1,\"amount\":2}|duplicate_member|/amount",
                "{\"amount\":1,\"note\":2}|unknown_member|/note",
                "{\"reference\":\"x\"}|missing_member|/amount",
                "{}|missing_member|/amount",
                "{\"amount\":1.5}|invalid_value|/amount",
                "{\"amount\":1.0}|invalid_value|/amount",
                "{\"amount\":1e2}|invalid_value|/amount",
                "{\"amount\":0}|invalid_value|/amount",
                "{\"amount\":-1}|invalid_value|/amount",
                "{\"amount\":-0}|invalid_value|/amount",
                "{\"amount\":9007199254740992}|invalid_value|/amount",
                "{\"amount\":\"5\"}|invalid_value|/amount",
                "{\"amount\":null}|invalid_value|/amount",
                "{\"amount\":[1]}|invalid_value|/amount",
                "{\"amount\":1,\"reference\":\"\"}|invalid_value|/reference",
                "{\"amount\":1,\"reference\":\"a\\u0000b\"}|invalid_value|/reference",
                "{\"amount\":1,\"reference\":\"\\ud800\"}|invalid_value|/reference",
                "{\"amount\":1,\"reference\":7}|invalid_value|/reference",
                "[{\"amount\":1}]|invalid_value|",
                "{\"\\ud800\":1}|unknown_member|/\uFFFD",
            })
    void shouldRefuseABadBody(final String body, final String code, final String pointerOrNull)
            throws IOException {
        try (RawClient client = server.connect()) {
            final RawClient.Answer answer = post(client, CREDIT, "k", body);
            assertProblem(answer, 400, code, "not_applied", "new_key");
            if (code.equals("malformed_json")) {
                assertThat(json(answer).containsKey("errors")).isFalse();
            } else {
                final String pointer = pointerOrNull == null ? "" : pointerOrNull;
                assertThat(json(answer)
                                .getJsonArray("errors")
                                .getJsonObject(0)
                                .getString("pointer"))
                        .isEqualTo(pointer);
            }
            assertHarmless(client);
        }
    }

    @Test
    void shouldRefuseHugeNumbersDeepNestingAndLongTexts() throws IOException {
        final String amount = "{\"amount\":1" + "0".repeat(400) + "}";
        shouldRefuse(command("POST", CREDIT, "k", amount), 400, "invalid_value");
        final String nested = "{\"amount\":" + "[".repeat(1_000) + "]".repeat(1_000) + "}";
        shouldRefuse(command("POST", CREDIT, "k", nested), 400, "malformed_json");
        final String array = "[".repeat(1_000) + "]".repeat(1_000);
        shouldRefuse(command("POST", CREDIT, "k", array), 400, "malformed_json");
        final String text = "{\"amount\":1,\"reference\":\"" + "é".repeat(257) + "\"}";
        shouldRefuse(command("POST", CREDIT, "k", text), 400, "invalid_value");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"accountId\":\"b\"}|missing_member",
                "{\"currency\":\"CZK\"}|missing_member",
                "{\"accountId\":\"\",\"currency\":\"CZK\"}|invalid_account_id",
                "{\"accountId\":\"a b\",\"currency\":\"CZK\"}|invalid_account_id",
                "{\"accountId\":\"@world.CZK.0\",\"currency\":\"CZK\"}|invalid_account_id",
                "{\"accountId\":\"é\",\"currency\":\"CZK\"}|invalid_account_id",
                "{\"accountId\":5,\"currency\":\"CZK\"}|invalid_value",
                "{\"accountId\":\"b\",\"currency\":\"czk\"}|invalid_value",
                "{\"accountId\":\"b\",\"currency\":\"XXX\"}|invalid_value",
                "{\"accountId\":\"b\",\"currency\":\"CZKK\"}|invalid_value",
                "{\"accountId\":\"b\",\"currency\":203}|invalid_value",
                "{\"accountId\":\"b\",\"currency\":\"CZK\",\"creditLimit\":-1}|invalid_value",
                "{\"accountId\":\"b\",\"currency\":\"CZK\",\"creditLimit\":0.5}|invalid_value",
                "{\"accountId\":\"b\",\"currency\":\"CZK\",\"amount\":1}|unknown_member",
            })
    void shouldRefuseABadOpening(final String body, final String code) throws IOException {
        shouldRefuse(command("POST", "/v1/accounts", "k", body), 400, code);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "POST|/v1/accounts/a/credit?x=1|400|invalid_parameter",
                "POST|/v1/accounts/a/credit?|400|invalid_parameter",
                "POST|/v1/accounts//credit|400|invalid_account_id",
                "POST|/v1/accounts/a%20b/credit|400|invalid_account_id",
                "POST|/v1/accounts/a%2Fb/credit|400|invalid_account_id",
                "POST|/v1/accounts/a%00/credit|400|invalid_account_id",
                "POST|/v1/accounts/a%/credit|400|invalid_account_id",
                "POST|/v1/accounts/a%4/credit|400|invalid_account_id",
                "POST|/v1/accounts/a%zz/credit|400|invalid_account_id",
                "POST|/v1/accounts/%C3%A9/credit|400|invalid_account_id",
                "POST|/v1/accounts/@world.CZK.0/credit|400|invalid_account_id",
                "POST|/v1/accounts/a;b/credit|400|invalid_account_id",
                "POST|/v1/accounts/a/credit/|404|route_not_found",
                "POST|/v1/accounts/a/credit/x|404|route_not_found",
                "POST|/v1/accounts/a/Credit|404|route_not_found",
                "POST|/v1/accounts/a/%63redit|404|route_not_found",
                "POST|/v1/accounts/|404|route_not_found",
                "POST|/v1/accountsx|404|route_not_found",
                "POST|//v1/accounts/a/credit|404|route_not_found",
                "POST|/v1/../v1/accounts|404|route_not_found",
                "POST|/V1/accounts|404|route_not_found",
                "POST|/|404|route_not_found",
                "POST|*|404|route_not_found",
                "POST|x|404|route_not_found",
                "POST|http://h|404|route_not_found",
                "PUT|/v1/accounts|405|method_not_allowed",
                "GET|/v1/accounts|405|method_not_allowed",
                "PATCH|/v1/accounts/a/credit|405|method_not_allowed",
                "POST|/v1/accounts/a|405|method_not_allowed",
                "POST|/v1/accounts/a/balance|405|method_not_allowed",
                "post|/v1/accounts/a/credit|405|method_not_allowed",
                "GET|/v1/accounts/a|404|route_not_found",
                "GET|/v1/accounts/a/creditLimit|404|route_not_found",
                "PUT|/v1/batches|405|method_not_allowed",
            })
    void shouldRefuseABadTarget(
            final String method, final String path, final int status, final String code)
            throws IOException {
        shouldRefuse(command(method, path, "k", "{\"amount\":1}"), status, code);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|415|unsupported_media_type",
                "Content-Type: text/plain|415|unsupported_media_type",
                "Content-Type: application/jsonx|415|unsupported_media_type",
                "Content-Type: application/json; charset=utf-16|415|unsupported_media_type",
                "Content-Type: application/x-www-form-urlencoded|415|unsupported_media_type",
                "Content-Type: application/json#Content-Type: text/plain|415|unsupported_media_type",
                "Content-Type: application/json#Content-Encoding: gzip|415|unsupported_media_type",
            })
    void shouldRefuseABadContentType(final String headers, final int status, final String code)
            throws IOException {
        final String lines = headers.isEmpty() ? "" : headers.replace("#", "\r\n") + "\r\n";
        shouldRefuse(request("POST", CREDIT, lines + KEY, "{\"amount\":1}"), status, code);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/json; charset=utf-8",
                "application/json;charset=\"UTF-8\"",
                "Application/JSON",
                "application/json;",
            })
    void shouldTakeTheSpellingsOfJson(final String type) throws IOException {
        try (RawClient client = server.connect()) {
            final String request =
                    request("POST", CREDIT, "Content-Type: " + type + "\r\n" + KEY, "{}");
            assertProblem(send(client, request), 400, "missing_member", "not_applied", "new_key");
        }
    }

    @Test
    void shouldRefuseABadKey() throws IOException {
        final String body = "{\"amount\":1}";
        shouldRefuse(request("POST", CREDIT, JSON, body), 400, "missing_idempotency_key");
        for (final String key : new String[] {"", "a b", "é", "\"a\"", "a/b", "a".repeat(65)}) {
            final String header = JSON + "Idempotency-Key: " + key + "\r\n";
            shouldRefuse(request("POST", CREDIT, header, body), 400, "invalid_idempotency_key");
        }
        shouldRefuse(
                request("POST", CREDIT, JSON + KEY + KEY, body), 400, "invalid_idempotency_key");
    }

    @Test
    void shouldRefuseALongBodyAndClose() throws IOException {
        final String body = "{\"amount\":1," + " ".repeat(CommandServer.MAX_BODY) + "}";
        try (RawClient client = server.connect()) {
            assertProblem(
                    post(client, CREDIT, "k", body),
                    413,
                    "body_too_large",
                    "not_applied",
                    "new_key");
            client.awaitClose();
        }
        final String just = "{\"amount\":0" + " ".repeat(CommandServer.MAX_BODY - 12) + "}";
        assertThat(just).hasSize(CommandServer.MAX_BODY);
        shouldRefuse(command("POST", CREDIT, "k", just), 400, "invalid_value");
    }

    @Test
    void shouldRefuseLargeHeaders() throws IOException {
        try (RawClient client = server.connect()) {
            final String header = JSON + KEY + "X: " + "x".repeat(9_000) + "\r\n";
            assertProblem(
                    send(client, request("POST", CREDIT, header, "{\"amount\":1}")),
                    431,
                    "headers_too_large",
                    "not_applied",
                    "new_key");
            client.awaitClose();
        }
    }

    @Test
    void shouldRefuseInsteadOfContinue() throws IOException {
        try (RawClient client = server.connect()) {
            client.send("POST " + CREDIT + " HTTP/1.1\r\nHost: h\r\n" + JSON
                    + "Expect: 100-continue\r\nContent-Length: 12\r\n\r\n");
            assertProblem(
                    client.answer(), 400, "missing_idempotency_key", "not_applied", "new_key");
            client.awaitClose();
        }
    }
}
