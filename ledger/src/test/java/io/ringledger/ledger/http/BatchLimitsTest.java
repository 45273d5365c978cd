package io.ringledger.ledger.http;

import static io.ringledger.ledger.http.CommandServer.assertProblem;
import static io.ringledger.ledger.http.CommandServer.await;
import static io.ringledger.ledger.http.CommandServer.json;
import static io.ringledger.ledger.http.CommandServer.request;
import static io.ringledger.ledger.http.CommandServer.send;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringledger.kit.RawClient;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Clients that send their batches slowly, or do not read the answers. */
@Timeout(60)
final class BatchLimitsTest {
    private static final String JSON = "Content-Type: application/json\r\n";
    private static final String IN_FLIGHT = "ringledger_http_batches_in_flight";
    private static final String BYTES = "ringledger_http_batch_bytes";
    private static final String CONNECTIONS = "ringledger_http_connections";
    private static final String ACCEPTED = "ringledger_http_results_total{result=\"accepted\"}";
    private static final int IDLE_MS = 2_000;

    private CommandServer server;

    @BeforeEach
    void start() throws Exception {
        server = new CommandServer(40_000, 100_000, 40_000, IDLE_MS);
    }

    @AfterEach
    void stop() throws Exception {
        server.stop();
    }

    private static String credits(final String account, final int count) {
        final List<String> commands = new ArrayList<>();
        commands.add("{\"op\":\"openAccount\",\"accountId\":\"" + account
                + "\",\"idempotencyKey\":\"open\",\"currency\":\"CZK\"}");
        for (int i = 1; i < count; i++) {
            commands.add("{\"op\":\"credit\",\"accountId\":\"" + account
                    + "\",\"idempotencyKey\":\"k" + i + "\",\"amount\":1}");
        }
        final String body = "{\"commands\":[" + String.join(",", commands) + "]}";
        return request("POST", "/v1/batches", JSON, body);
    }

    private static void assertApplied(final RawClient.Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(json(answer).getJsonArray("results").getJsonObject(0).getInteger("status"))
                .isEqualTo(201);
    }

    @Test
    void shouldNotBeKeptFromBatchesBySlowSenders() throws IOException {
        final List<RawClient> slow = new ArrayList<>();
        final String whole = credits("slow", 2);
        final int end = whole.length() - 10;
        try (RawClient client = server.connect()) {
            for (int i = 0; i < 10 * CommandServer.MAX_BATCHES; i++) {
                final RawClient sender = server.connect();
                slow.add(sender);
                sender.send(whole.substring(0, end));
            }
            final int begun = end - whole.indexOf('{');
            await(() -> server.meter(BYTES) == slow.size() * begun);
            assertThat(server.meter(IN_FLIGHT)).isZero();
            assertApplied(send(client, credits("a", 2)));
            slow.getFirst().send(whole.substring(end));
            assertApplied(slow.getFirst().answer());
            await(() -> server.meter(BYTES) == (slow.size() - 1) * begun);
        } finally {
            for (final RawClient sender : slow) {
                sender.close();
            }
        }
        await(() -> server.meter(BYTES) == 0 && server.meter(IN_FLIGHT) == 0);
    }

    @Test
    void shouldBoundTheBytesOfBatchesBeingReceived() throws IOException {
        final int length = CommandServer.MAX_BATCH_BODY;
        try (RawClient first = server.connect();
                RawClient second = server.connect()) {
            first.send(
                    request("POST", "/v1/batches", JSON, " ".repeat(length)).substring(0, length));
            await(() -> server.meter(BYTES) > length - 1_000);
            final String body = " ".repeat(length / 2);
            second.send(request("POST", "/v1/batches", JSON, body));
            assertProblem(second.answer(), 503, "overloaded", "not_applied", "same_key");
            second.awaitClose();
            await(() -> server.meter(BYTES) < length);
            try (RawClient small = server.connect()) {
                assertApplied(send(small, credits("a", 10)));
            }
        }
        await(() -> server.meter(BYTES) == 0);
        try (RawClient second = server.connect()) {
            assertApplied(send(second, credits("b", 10_000)));
        }
    }

    /** Its bytes wait on its side for the server to take them, as over a slow line. */
    @Test
    void shouldDeliverTheRefusalToAClientThatIsStillSendingItsBatch() throws IOException {
        final String batch =
                request("POST", "/v1/batches", JSON, " ".repeat(CommandServer.MAX_BATCH_BODY));
        try (RawClient first = server.connect();
                RawClient second = server.connectSendingLittleAtOnce()) {
            first.send(batch.substring(0, batch.length() - 1));
            await(() -> server.meter(BYTES) == CommandServer.MAX_BATCH_BODY - 1);
            second.send(batch);
            assertProblem(second.answer(), 503, "overloaded", "not_applied", "same_key");
            second.awaitClose();
        }
    }

    @Test
    void shouldKeepTheSlotUntilTheAnswerIsTakenOrTheClientClosed() throws IOException {
        final int batches = 3;
        final int count = 10_000;
        try (RawClient client = server.connectWithLittleRoom()) {
            final Thread sender = Thread.ofVirtual().start(() -> sendAll(client, batches, count));
            // The answers have more bytes than the kernel takes, so one is stuck.
            await(() -> server.meter(ACCEPTED) >= (batches - 1) * count);
            // The next one may have been begun, too.
            assertThat(server.meter(IN_FLIGHT)).isBetween(1.0, 2.0);
            await(() -> server.meter(CONNECTIONS) == 0);
            await(() -> server.meter(IN_FLIGHT) == 0);
            assertThat(server.meter(BYTES)).isZero();
            sender.interrupt();
        }
    }

    private static void sendAll(final RawClient client, final int batches, final int count) {
        try {
            for (int i = 0; i < batches; i++) {
                client.send(credits("account-with-a-long-name-" + i, count));
            }
        } catch (final IOException e) {
            // The server closed while the last one was on its way.
            assertThat(e).isNotNull();
        }
    }

    @Test
    void shouldCloseAConnectionWhoseAnswerFails() throws IOException {
        server.ingress.spoil("k1");
        try (RawClient spoiled = server.connect();
                RawClient other = server.connect()) {
            spoiled.send(credits("a", 3));
            spoiled.awaitClose();
            assertThat(server.meter("ringledger_http_results_total{result=\"internal_error\"}"))
                    .isPositive();
            assertApplied(send(other, credits("b", 1)));
        }
        await(() -> server.meter(IN_FLIGHT) == 0);
        assertThat(server.meter("ringledger_http_commands_in_flight")).isZero();
    }

    @Test
    void shouldRefuseLessRoomThanOneBatchNeeds() {
        assertThatThrownBy(() -> new CommandHttpOptions(1_000, 10_000, 1, 1_000, 2_000, 1_999))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("RINGLEDGER_HTTP_MAX_BATCH_BYTES_RECEIVED=1999")
                .hasMessageContaining("RINGLEDGER_HTTP_MAX_BATCH_BODY_BYTES=2000");
    }
}
