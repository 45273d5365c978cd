package io.ringledger.ledger.http;

import static io.ringledger.ledger.http.CommandServer.command;
import static io.ringledger.ledger.http.CommandServer.post;
import static io.ringledger.ledger.http.CommandServer.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringledger.kit.ProblemException;
import io.ringledger.kit.RawClient;
import io.ringledger.model.Command;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/** Seeded mutations of good input: an answer that blames the client, never a fault of ours. */
@Timeout(120)
final class FuzzTest {
    private static final long SEED = 20_261_121;
    private static final String JSON = "Content-Type: application/json\r\n";

    private static final String[] BODIES = {
        "{\"amount\":1,\"reference\":\"\\u00e9 é 😀\"}",
        "{\"accountId\":\"b\",\"currency\":\"CZK\",\"creditLimit\":9007199254740991}",
        "{\"creditLimit\":0}",
        "{\"commands\":[{\"op\":\"credit\",\"accountId\":\"a\",\"idempotencyKey\":\"k\","
                + "\"amount\":5},{\"op\":\"openAccount\",\"accountId\":\"c\","
                + "\"idempotencyKey\":\"k\",\"currency\":\"EUR\"}]}",
    };

    private static final Route[] ROUTES = {
        Route.CREDIT, Route.OPEN_ACCOUNT, Route.SET_CREDIT_LIMIT, Route.BATCH
    };

    private final Random random = new Random(SEED);

    /** Changes, inserts, repeats or drops some bytes. */
    private byte[] mutate(final byte[] original) {
        byte[] bytes = original.clone();
        for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
            final int at = random.nextInt(bytes.length);
            switch (random.nextInt(4)) {
                case 0 -> bytes[at] = (byte) random.nextInt(256);
                case 1 -> bytes[at] = (byte) "{}[]\",:\\0-.eE/ntu".charAt(random.nextInt(17));
                case 2 -> bytes = splice(bytes, at, random.nextInt(4), 0);
                default -> bytes = splice(bytes, at, 0, 1 + random.nextInt(8));
            }
        }
        return bytes;
    }

    private static byte[] splice(
            final byte[] bytes, final int at, final int drop, final int repeat) {
        final int end = Math.min(bytes.length - 1, at + drop);
        final int kept = Math.min(at + repeat, bytes.length);
        final byte[] spliced = new byte[kept + bytes.length - end];
        System.arraycopy(bytes, 0, spliced, 0, kept);
        System.arraycopy(bytes, end, spliced, kept, bytes.length - end);
        return spliced;
    }

    @Test
    void shouldDecodeOrRefuseEveryMutatedBody() {
        final CommandDecoder decoder = new CommandDecoder();
        final Command command = new Command();
        int decoded = 0;
        int refused = 0;
        for (int i = 0; i < 60_000; i++) {
            final int which = i % BODIES.length;
            final byte[] body = mutate(BODIES[which].getBytes(StandardCharsets.UTF_8));
            try {
                if (ROUTES[which] == Route.BATCH) {
                    final BatchDecoder batch = new BatchDecoder(body);
                    while (!batch.decode(1)) {
                        assertThat(batch.commands()).isNotEmpty();
                    }
                } else {
                    decoder.decode(ROUTES[which], "a", "k", body, command);
                }
                decoded++;
            } catch (final ProblemException e) {
                if (e.problem().code().status() != 400 || e.problem().toBytes().length == 0) {
                    throw new AssertionError("seed " + SEED + ", mutation " + i, e);
                }
                refused++;
            }
        }
        // Both kinds must have been tried.
        assertThat(decoded).isGreaterThan(2_000);
        assertThat(refused).isGreaterThan(30_000);
    }

    @Test
    void shouldAnswerOrCloseOnEveryMutatedRequest() throws Exception {
        final String[] requests = {
            command("POST", "/v1/accounts/a/credit", "k", BODIES[0]),
            command("POST", "/v1/accounts", "k", BODIES[1]),
            command("PUT", "/v1/accounts/a/creditLimit", "k", BODIES[2]),
            request("POST", "/v1/batches", JSON, BODIES[3]),
        };
        final CommandServer server = new CommandServer(5_000, 100_000, 100);
        try {
            int answers = 0;
            for (int i = 0; i < 400; i++) {
                final String original = requests[i % requests.length];
                try (RawClient client = server.connect()) {
                    client.send(mutate(original.getBytes(StandardCharsets.UTF_8)));
                    answers += isAnswered(client, i) ? 1 : 0;
                }
            }
            assertThat(answers).isGreaterThan(350);
            assertThat(server.meter("ringledger_http_results_total{result=\"internal_error\"}"))
                    .isZero();
            try (RawClient client = server.connect()) {
                assertThat(post(client, "/v1/accounts/a/credit", "last", "{}").status())
                        .isEqualTo(400);
            }
        } finally {
            server.stop();
        }
    }

    /** False if the server has closed the connection without an answer. */
    private static boolean isAnswered(final RawClient client, final int mutation)
            throws IOException {
        try {
            final int status = client.answer().status();
            assertThat(status).as("seed %d, mutation %d", SEED, mutation).isBetween(100, 499);
            return true;
        } catch (final RawClient.ClosedException e) {
            return false;
        }
    }
}
