package io.ringledger.ledger.http;

import static io.ringledger.ledger.http.CommandServer.assertProblem;
import static io.ringledger.ledger.http.CommandServer.json;
import static io.ringledger.ledger.http.CommandServer.post;
import static io.ringledger.ledger.http.CommandServer.request;
import static io.ringledger.ledger.http.CommandServer.send;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringledger.kit.RawClient;
import io.ringledger.kit.tls.Fingerprint;
import io.ringledger.model.Partitions;
import io.vertx.core.json.JsonObject;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Forwarding to an owner that speaks TLS and has announced its certificate. */
@Timeout(60)
final class ForwardingTlsTest {
    private static final int ANSWER_MS = 5_000;
    private static final int PARTITION = 1;
    private static final String AMOUNT = "{\"amount\":5}";
    private static final Fingerprint OF_SOMEBODY_ELSE =
            new Fingerprint("0123456789abcdef".repeat(4));

    private final String id = idIn(PARTITION);
    private CommandServer asked;
    private CommandServer owner;

    @BeforeEach
    void start() throws Exception {
        asked = server("off");
        owner = server("self_signed");
        asked.ingress.elsewhere(PARTITION, owner.address());
    }

    @AfterEach
    void stop() throws Exception {
        asked.stop();
        owner.stop();
    }

    private static CommandServer server(final String tls) throws Exception {
        return new CommandServer(
                ANSWER_MS, 20_000, 10_000, 30_000, Map.of(), Map.of("RINGLEDGER_TLS", tls));
    }

    @Test
    void shouldForwardToTheCertificateThatWasAnnounced() throws IOException {
        try (RawClient client = asked.connect()) {
            open(client);
            for (int i = 1; i <= 20; i++) {
                final RawClient.Answer answer = credit(client, "k" + i);
                assertThat(answer.status()).isEqualTo(201);
                assertThat(json(answer).getLong("balance")).isEqualTo(5L * i);
            }
            final JsonObject result = json(send(
                            client,
                            request(
                                    "POST",
                                    "/v1/batches",
                                    "Content-Type: application/json\r\n",
                                    "{\"commands\":[{\"op\":\"credit\",\"idempotencyKey\":\"b\","
                                            + "\"accountId\":\"" + id + "\",\"amount\":1}]}")))
                    .getJsonArray("results")
                    .getJsonObject(0);
            assertThat(result.getInteger("status")).isEqualTo(201);
        }
        assertThat(asked.ingress.published()).isEmpty();
        assertThat(owner.ingress.published()).hasSize(22);
        // The requests came one after the other, so they shared a connection.
        assertThat(owner.meter("ringledger_http_connections")).isEqualTo(1);
    }

    @Test
    void shouldSendNothingToAnotherCertificate() throws IOException {
        asked.ingress.elsewhere(PARTITION, owner.announced(OF_SOMEBODY_ELSE));
        try (RawClient client = asked.connect()) {
            assertNoOwner(post(client, "/v1/accounts", "open", opening()));
            assertThat(owner.ingress.published()).isEmpty();

            asked.ingress.elsewhere(PARTITION, owner.address());
            open(client);
            assertThat(credit(client, "k").status()).isEqualTo(201);
            // What is open to the right one is no way to the wrong one.
            asked.ingress.elsewhere(PARTITION, owner.announced(OF_SOMEBODY_ELSE));
            assertNoOwner(credit(client, "again"));
            assertThat(owner.ingress.published()).containsExactly("open", "k");

            asked.ingress.elsewhere(PARTITION, owner.address());
            final RawClient.Answer answer = credit(client, "again");
            assertThat(json(answer).getLong("balance")).as("booked once").isEqualTo(10);
        }
    }

    @Test
    void shouldSendNothingInPlainTextToAnOwnerThatAnnouncedTls() throws Exception {
        final CommandServer plain = server("off");
        try (RawClient client = asked.connect()) {
            asked.ingress.elsewhere(PARTITION, plain.announced(OF_SOMEBODY_ELSE));
            assertNoOwner(credit(client, "k"));
            assertThat(plain.ingress.published()).isEmpty();
        } finally {
            plain.stop();
        }
    }

    @Test
    void shouldNotApplyWhatComesInPlainTextToAPortWithTls() throws IOException {
        asked.ingress.elsewhere(PARTITION, owner.plainAddress());
        try (RawClient client = asked.connect()) {
            assertProblem(credit(client, "k"), 503, "outcome_unknown", "unknown", "same_key");
            assertThat(owner.ingress.published()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://127.0.0.1:1",
                "https://127.0.0.1#0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
                "https://127.0.0.1:1#0123456789abcdef",
                "127.0.0.1",
                "127.0.0.1:x",
                ""
            })
    void shouldKnowAnAddressThatIsNone(final String announced) throws IOException {
        assertThatThrownBy(() -> OwnerAddress.parse(announced))
                .isInstanceOf(IllegalArgumentException.class);
        asked.ingress.elsewhere(PARTITION, announced);
        try (RawClient client = asked.connect()) {
            assertNoOwner(credit(client, "k"));
        }
    }

    private void open(final RawClient client) throws IOException {
        assertThat(post(client, "/v1/accounts", "open", opening()).status()).isEqualTo(201);
    }

    private String opening() {
        return "{\"accountId\":\"" + id + "\",\"currency\":\"CZK\"}";
    }

    private RawClient.Answer credit(final RawClient client, final String key) throws IOException {
        return post(client, "/v1/accounts/" + id + "/credit", key, AMOUNT);
    }

    private static void assertNoOwner(final RawClient.Answer answer) {
        assertProblem(answer, 503, "no_owner", "not_applied", "same_key");
    }

    private static String idIn(final int partition) {
        for (int i = 0; ; i++) {
            final byte[] id = ("account-" + i).getBytes(StandardCharsets.US_ASCII);
            if (Partitions.partitionOf(id, id.length, 3) == partition) {
                return "account-" + i;
            }
        }
    }
}
