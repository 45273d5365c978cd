package io.ringledger.consumer;

import static io.ringledger.consumer.KclStand.PARTITIONS;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** KCL that ends by itself: the process says so and ends, so that another takes its place. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class KclDeathTest {
    private static final Duration SOON = Duration.ofSeconds(90);
    private static final String STREAM = "deaths";

    /** The row that KCL reads first of all when it starts, and nobody else. */
    private static final String FIRST_ROW = "Migration3.0";

    private static final byte[] DENIED = """
            {"__type":"com.amazon.coral.service#AccessDeniedException","Message":"planted"}""".getBytes(StandardCharsets.UTF_8);

    private static KclStand stand;

    @BeforeAll
    static void start() {
        stand = new KclStand();
        stand.database.reset(PARTITIONS);
        stand.createStream(STREAM, 2);
    }

    @AfterAll
    static void close() {
        stand.close();
    }

    @Test
    void shouldTellWhoStartedItThatKclHasDied() {
        final List<String> deaths = new CopyOnWriteArrayList<>();
        try (ConsumerService consumer = stand.consumer(STREAM, "told", deaths::add)) {
            consumer.start();
            Await.until("running", SOON, () -> consumer.trouble() == null);
            assertThat(deaths).isEmpty();
            Objects.requireNonNull(consumer.worker().scheduler()).shutdown();
            Await.until("dead", SOON, () -> !deaths.isEmpty());
            assertThat(deaths).containsExactly("projector: KCL's scheduler ended");
            assertThat(consumer.trouble()).isEqualTo("not working any more: KCL's scheduler ended");
        }
        try (ConsumerService consumer = stand.consumer(STREAM, "told", deaths::add)) {
            consumer.start();
            Await.until("running", SOON, () -> consumer.trouble() == null);
        }
        assertThat(deaths).as("a stop that is asked for is no death").hasSize(1);
    }

    /** As with a role that may not read its table: KCL tries for a while, and gives up. */
    @Test
    void shouldEndTheProcessWhereKclCannotStart(@TempDir final Path folder) throws Exception {
        final HttpServer refusing = refusing(stand.dynamoDbLocal.endpoint());
        final Path output = folder.resolve("consumer.log");
        try {
            final URI endpoint =
                    URI.create("http://127.0.0.1:" + refusing.getAddress().getPort());
            final Process process = stand.startProcess(STREAM, "ends", output, endpoint);
            try {
                assertThat(process.waitFor(120, TimeUnit.SECONDS))
                        .as(() -> text(output))
                        .isTrue();
                assertThat(process.exitValue()).as(() -> text(output)).isEqualTo(70);
            } finally {
                process.destroyForcibly();
            }
        } finally {
            refusing.stop(0);
        }
        assertThat(text(output))
                .contains("kinesis-consumer: started")
                .contains("ends, for another to take its place: projector: KCL could not start")
                .contains("kinesis-consumer: stopped");
    }

    private static String text(final Path file) {
        try {
            return Files.readString(file);
        } catch (final IOException e) {
            throw new AssertionError(e);
        }
    }

    /** DynamoDB without the right to read KCL's first row. */
    private static HttpServer refusing(final URI dynamoDb) throws IOException {
        final HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        final HttpClient client = HttpClient.newHttpClient();
        server.setExecutor(Executors.newCachedThreadPool(
                Thread.ofPlatform().daemon().name("refusing-", 0).factory()));
        server.createContext("/", exchange -> {
            try (exchange) {
                answer(exchange, dynamoDb, client);
            } catch (final InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        server.start();
        return server;
    }

    private static void answer(
            final HttpExchange exchange, final URI dynamoDb, final HttpClient client)
            throws IOException, InterruptedException {
        final byte[] body = exchange.getRequestBody().readAllBytes();
        if (new String(body, StandardCharsets.UTF_8).contains(FIRST_ROW)) {
            send(exchange, 400, DENIED);
            return;
        }
        final HttpRequest.Builder onwards =
                HttpRequest.newBuilder(dynamoDb).POST(HttpRequest.BodyPublishers.ofByteArray(body));
        for (final String name : List.of("X-Amz-Target", "Authorization", "X-Amz-Date")) {
            final String value = exchange.getRequestHeaders().getFirst(name);
            if (value != null) {
                onwards.header(name, value);
            }
        }
        final HttpResponse<byte[]> answer = client.send(
                onwards.header("Content-Type", "application/x-amz-json-1.0").build(),
                HttpResponse.BodyHandlers.ofByteArray());
        send(exchange, answer.statusCode(), answer.body());
    }

    private static void send(final HttpExchange exchange, final int status, final byte[] body)
            throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/x-amz-json-1.0");
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }
}
