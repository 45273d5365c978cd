package io.ringledger.localstack.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringledger.emulators.KinesisLocal;
import io.ringledger.emulators.LocalAws;
import io.ringledger.ledger.log.KinesisClients;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.KinesisException;
import software.amazon.awssdk.services.kinesis.model.ProvisionedThroughputExceededException;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.kinesis.model.StreamStatus;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** The ledger's own Kinesis client, through the proxy, against the emulator. */
final class FaultProxyTest {
    private static final String STREAM = "faults";
    private static final Duration TIMEOUT = Duration.ofMillis(700);
    private static final long DEADLINE_MS = 20_000;
    private static final int LARGE_BYTES = 900_000;

    private static KinesisLocal kinesis;
    private static FaultProxy proxy;
    private static KinesisAsyncClient direct;
    private static KinesisAsyncClient client;
    private static KinesisAsyncClient patient;

    private final String name = "record-" + System.nanoTime();

    @BeforeAll
    static void start() throws Exception {
        kinesis = KinesisLocal.start(512);
        proxy = FaultProxy.start(kinesis.endpoint(), 7);
        direct = LocalAws.kinesis(kinesis.endpoint());
        client = KinesisClients.create(proxy.endpoint(), TIMEOUT);
        patient = KinesisClients.create(proxy.endpoint(), Duration.ofMillis(DEADLINE_MS));
        direct.createStream(request -> request.streamName(STREAM).shardCount(1)).join();
        await(() -> direct.describeStreamSummary(request -> request.streamName(STREAM))
                        .join()
                        .streamDescriptionSummary()
                        .streamStatus()
                == StreamStatus.ACTIVE);
        // The first calls of a client load classes.
        put(patient, "warm-up");
    }

    @AfterAll
    static void stop() {
        patient.close();
        client.close();
        direct.close();
        proxy.close();
        kinesis.close();
    }

    @AfterEach
    void clear() {
        proxy.script().clear();
    }

    @Test
    void shouldPassWhatMeetsNoRule() {
        final String large = name + "x".repeat(LARGE_BYTES);
        put(patient, large);
        assertThat(records()).containsOnlyOnce(large);
    }

    @Test
    void shouldThrottle() {
        proxy.script().add(FaultRule.always(Fault.THROTTLE, "PutRecord").next(1));
        assertThatThrownBy(() -> put(client, name))
                .hasCauseInstanceOf(ProvisionedThroughputExceededException.class)
                .hasMessageContaining("fault proxy");
        assertThat(records()).doesNotContain(name);
        put(patient, name);
        assertThat(records()).containsOnlyOnce(name);
    }

    @Test
    void shouldThrottleInJsonToo() throws Exception {
        proxy.script().add(FaultRule.always(Fault.THROTTLE, "PutRecord").next(1));
        final HttpResponse<String> response = http(
                "POST",
                proxy.endpoint(),
                "Content-Type",
                "application/x-amz-json-1.1",
                "X-Amz-Target",
                "Kinesis_20131202.PutRecord");
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body())
                .isEqualTo("{\"__type\":\"ProvisionedThroughputExceededException\","
                        + "\"message\":\"Rate exceeded (fault proxy)\"}");
    }

    @Test
    void shouldFailWithAServerError() {
        proxy.script().add(FaultRule.always(Fault.SERVER_ERROR, "PutRecord"));
        assertThatThrownBy(() -> put(client, name))
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOfSatisfying(
                        KinesisException.class, e -> assertThat(e.statusCode()).isEqualTo(500));
        assertThat(records()).doesNotContain(name);
    }

    @Test
    void shouldDropARequestBeforeTheLogSeesIt() {
        proxy.script().add(FaultRule.always(Fault.DROP_REQUEST, "PutRecord"));
        requireTimeout();
        assertThat(records()).doesNotContain(name);
    }

    @Test
    void shouldDropTheAnswerOfAWriteThatLanded() {
        proxy.script().add(FaultRule.always(Fault.DROP_RESPONSE, "PutRecord"));
        requireTimeout();
        await(() -> records().contains(name));
    }

    @Test
    void shouldLetAWriteLandLateWhoseClientHasGone() {
        proxy.script().add(FaultRule.delay(Fault.DELAY_REQUEST, "PutRecord", 2_000));
        requireTimeout();
        assertThat(records()).doesNotContain(name);
        proxy.script().clear();
        put(patient, name + "-next");
        await(() -> records().contains(name));
        assertThat(records()).containsSubsequence(name + "-next", name);
    }

    @Test
    void shouldDelayAnAnswer() {
        proxy.script().add(FaultRule.delay(Fault.DELAY_RESPONSE, "PutRecord", 1_000));
        final long startNs = System.nanoTime();
        put(patient, name);
        assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs))
                .isGreaterThanOrEqualTo(1_000);
        assertThat(records()).containsOnlyOnce(name);
    }

    @Test
    void shouldResetBeforeAndAfterTheWrite() {
        proxy.script().add(FaultRule.always(Fault.RESET_REQUEST, "PutRecord").next(1));
        assertThatThrownBy(() -> put(patient, name)).hasMessageContaining("reset");
        assertThat(records()).doesNotContain(name);
        proxy.script().add(FaultRule.always(Fault.RESET_RESPONSE, "PutRecord").next(1));
        assertThatThrownBy(() -> put(patient, name)).hasMessageContaining("reset");
        assertThat(records()).containsOnlyOnce(name);
    }

    @Test
    void shouldBeScriptedByHand() throws Exception {
        final URI control = proxy.endpoint().resolve("/faults");
        assertThat(http("POST", URI.create(control + "?fault=none")).statusCode())
                .isEqualTo(400);
        assertThat(http("POST", URI.create(control + "?fault=throttle&often=1")).body())
                .contains("no such parameter: often");
        final long before = proxy.script().fired().getOrDefault(Fault.THROTTLE, 0L);
        assertThat(http("POST", URI.create(control + "?fault=throttle&action=PutRecord&limit=1"))
                        .statusCode())
                .isEqualTo(200);
        assertThatThrownBy(() -> put(patient, name))
                .hasCauseInstanceOf(ProvisionedThroughputExceededException.class);
        assertThat(http("GET", control).body()).contains("\"throttle\" : " + (before + 1));
        http("POST", URI.create(control + "?fault=delay_request&delayMs=60000&seconds=60"));
        assertThat(proxy.script().rules())
                .containsExactly(
                        FaultRule.delay(Fault.DELAY_REQUEST, "", 60_000).forMillis(60_000));
        http("DELETE", control);
        assertThat(proxy.script().rules()).isEmpty();
        put(patient, name);
    }

    private void requireTimeout() {
        assertThatThrownBy(() -> put(client, name))
                .hasMessageContaining("did not complete before the specified timeout");
    }

    private static void put(final KinesisAsyncClient through, final String text) {
        through.putRecord(request -> request.streamName(STREAM)
                        .partitionKey("0")
                        .data(SdkBytes.fromUtf8String(text)))
                .join();
    }

    /** What the emulator holds, in its order. */
    private static List<String> records() {
        final String shard = direct.listShards(request -> request.streamName(STREAM))
                .join()
                .shards()
                .getFirst()
                .shardId();
        final String iterator = direct.getShardIterator(request -> request.streamName(STREAM)
                        .shardId(shard)
                        .shardIteratorType(ShardIteratorType.TRIM_HORIZON))
                .join()
                .shardIterator();
        return direct
                .getRecords(request -> request.shardIterator(iterator))
                .join()
                .records()
                .stream()
                .map(record -> record.data().asString(StandardCharsets.UTF_8))
                .toList();
    }

    private static HttpResponse<String> http(
            final String method, final URI uri, final String... headers) throws Exception {
        try (HttpClient http =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            final HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                    .timeout(Duration.ofMillis(DEADLINE_MS))
                    .method(method, HttpRequest.BodyPublishers.noBody());
            if (headers.length > 0) {
                request.headers(headers);
            }
            return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    private static void await(final BooleanSupplier condition) {
        final long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(DEADLINE_MS);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadlineNs);
            Thread.onSpinWait();
        }
    }
}
