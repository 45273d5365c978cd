package io.ringledger.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringledger.emulators.DynamoDbLocal;
import io.ringledger.emulators.KinesisLocal;
import io.ringledger.emulators.LocalAws;
import io.ringledger.ledger.LedgerProcess;
import io.ringledger.localstack.ServiceCommand;
import io.ringledger.localstack.faults.Fault;
import io.ringledger.localstack.faults.FaultProxies;
import io.ringledger.localstack.faults.FaultRule;
import io.ringledger.model.Partitions;
import io.ringledger.model.frame.EpochMarker;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an operator sees when the write side is pointed to the wrong thing, or what it stands on is
 * away: the message, the exit, and that nothing is lost. The pages of {@code docs/operating} quote
 * these messages.
 */
@Timeout(180)
final class BadLuckTest {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final long SOON_MS = 30_000;
    private static final Pattern RECORDED_AT = Pattern.compile("\"recordedAt\":\"([^\"]+)\"");
    private static final Pattern CLOCK_AHEAD =
            Pattern.compile("ringledger_partition_clock_ahead_seconds\\{.*?\\} (\\S+)");

    /** A JVM that starts fast. */
    private static final List<String> JVM = List.of(
            "-Xmx512m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xshare:auto",
            "-XX:-UsePerfData");

    @TempDir
    private static Path folder;

    private static KinesisLocal kinesis;
    private static DynamoDbLocal dynamoDb;
    private static FaultProxies faults;
    private static KinesisAsyncClient client;

    @BeforeAll
    static void start() throws Exception {
        kinesis = KinesisLocal.start();
        dynamoDb = DynamoDbLocal.start();
        faults = FaultProxies.start(kinesis.endpoint(), dynamoDb.endpoint());
        client = LocalAws.kinesis(kinesis.endpoint());
    }

    @AfterAll
    static void stop() {
        client.close();
        faults.close();
        kinesis.close();
        dynamoDb.close();
    }

    /** So that a test that fails does not fail those after it. */
    @AfterEach
    void clearFaults() {
        faults.dynamoDb().script().clear();
        faults.kinesis().script().clear();
    }

    @Test
    void shouldLeaveAStreamAloneThatHoldsSomethingElse() throws Exception {
        createStream("foreign");
        put("foreign", List.of("{\"order\":1}".getBytes(StandardCharsets.UTF_8)));
        final Path log = folder.resolve("foreign.log");
        final Process process = launch("foreign", 0, Map.of(), log);
        try {
            assertThat(process.waitFor(SOON_MS, TimeUnit.MILLISECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        assertThat(Files.readString(log))
                .contains("cannot start: the log of partition 0 cannot be read: not a Ringledger"
                        + " frame: recordLength=11; the stream holds something else than this"
                        + " ledger: set RINGLEDGER_STREAM to the ledger's own stream, or keep other"
                        + " producers out of it; no event was written");
        assertThat(process.exitValue()).isEqualTo(1);
        assertThat(records("foreign")).hasSize(1);
    }

    @Test
    void shouldRefuseAStreamThatDoesNotExist() {
        assertRefused("missing", Map.of(), "there is no stream 'missing'", "RINGLEDGER_STREAM");
    }

    @Test
    void shouldRefuseAVersionFromTheFuture() throws Exception {
        createStream("future");
        final byte[] later = new OwnHistory(1, 1).frames(1, 1).getFirst().clone();
        later[4] = 2;
        put("future", List.of(later));
        assertRefused("future", Map.of(), "version=2, known=1", "start that version or a later");
        assertThat(records("future")).hasSize(1);
    }

    @Test
    void shouldRefuseAnotherNumberOfPartitions() throws Exception {
        createStream("partitions");
        put("partitions", new OwnHistory(2, 3).frames(1, 3));
        // The ledger's table is new, the log knows.
        assertRefused(
                "partitions", Map.of(), "partitions=2", "configured 1", "RINGLEDGER_PARTITIONS");
        assertThat(records("partitions")).hasSize(3);
        // The table knows, from now on.
        assertRefused(
                "partitions",
                Map.of("RINGLEDGER_PARTITIONS", "2"),
                "was not created with 2 partitions",
                "set RINGLEDGER_PARTITIONS and RINGLEDGER_IDEMPOTENCY_WINDOW_MS to what they were",
                "item 'ledger#partitions'");
    }

    @Test
    void shouldRefuseAStreamThatWasTrimmedPastTheNewestSnapshot() throws Exception {
        createStream("trimmed");
        final OwnHistory history = new OwnHistory(1, 10);
        put("trimmed", history.frames(7, 10));
        final Path snapshots = folder.resolve("trimmed");
        final Map<String, String> store =
                Map.of("RINGLEDGER_SNAPSHOT_STORE", snapshots.toUri().toString());
        history.storeSnapshot(snapshots, 5);
        assertRefused(
                "trimmed",
                store,
                "begins with frame 7",
                "trimmed past the newest usable snapshot",
                "restore an older snapshot or the stream's records");
        assertThat(frames("trimmed")).isEqualTo(4);

        // Somebody finds the snapshot that leads up to it: nothing was lost.
        history.storeSnapshot(snapshots, 6);
        try (LedgerProcess ledger = start("trimmed", store, System::currentTimeMillis);
                Api api = api(ledger)) {
            assertThat(credit(api, "alice", "k11", 1).body()).contains("\"balance\":55");
            // Its key is in the snapshot alone.
            assertReplayed(credit(api, "alice", "k6", 6));
        }
    }

    @Test
    void shouldRefuseAStreamThatEndsBeforeASnapshot() throws Exception {
        createStream("behind");
        final OwnHistory history = new OwnHistory(1, 10);
        put("behind", history.frames(1, 6));
        final Path snapshots = folder.resolve("behind");
        history.storeSnapshot(snapshots, 4);
        history.storeSnapshot(snapshots, 9);
        assertRefused(
                "behind",
                Map.of("RINGLEDGER_SNAPSHOT_STORE", snapshots.toUri().toString()),
                "a snapshot of partition 0 goes up to 9, but the log ends at 6",
                "the stream has lost events or is another one",
                "RINGLEDGER_SNAPSHOT_STORE");
        assertThat(frames("behind")).isEqualTo(6);
    }

    @Test
    void shouldWaitForDynamoDbAndKinesisAndLoseNothingWhileTheyAreAway() throws Exception {
        createStream("away");
        faults.dynamoDb().script().add(FaultRule.always(Fault.RESET_REQUEST, ""));
        faults.kinesis().script().add(FaultRule.always(Fault.RESET_REQUEST, ""));
        final Path log = folder.resolve("away.log");
        final int port = freePort();
        final Process process =
                launch("away", port, Map.of("RINGLEDGER_ANSWER_TIMEOUT_MS", "1000"), log);
        try (Api api = new Api(URI.create("http://127.0.0.1:" + port))) {
            awaitNotReady(api, "partition 0: no_owner, waiting for the ledger table (DynamoDB)");
            Stacks.await(
                    "says so",
                    SOON_MS,
                    () -> read(log)
                            .contains("the ledger table 'ringledger' cannot be reached, no"
                                    + " commands are taken until it is: waited "));
            faults.dynamoDb().script().clear();

            awaitNotReady(api, "partition 0: no_owner, recovering: cannot read the log");
            assertThat(read(log)).contains("partition 0 cannot read the log yet, trying again");
            assertProblem(credit(api, "alice", "early", 1), "no_owner", "not_applied");
            faults.kinesis().script().clear();

            awaitReady(api);
            open(api, "alice");
            assertThat(credit(api, "alice", "k1", 100).body()).contains("\"balance\":100");
            faults.dynamoDb().script().add(FaultRule.always(Fault.DROP_REQUEST, ""));
            assertProblem(credit(api, "alice", "k2", 10), "outcome_unknown", "unknown");
            awaitNotReady(api, "partition 0: the lease table (DynamoDB) has not answered for ");
            faults.dynamoDb().script().clear();

            awaitReady(api);
            assertReplayed(credit(api, "alice", "k2", 10));
            assertThat(credit(api, "alice", "k3", 1).body()).contains("\"balance\":111");
            assertThat(process.isAlive()).isTrue();
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void shouldKeepLedgerTimeAndKeysWhateverTheClockIsSetTo() throws Exception {
        createStream("clock");
        final Map<String, String> window =
                Map.of("RINGLEDGER_IDEMPOTENCY_WINDOW_MS", Long.toString(2 * HOUR.toMillis()));
        // Always behind the log's own clock: ahead of that one none may start.
        final long beginMs = -4 * HOUR.toMillis();
        final AtomicLong offsetMs = new AtomicLong(beginMs);
        final Instant first;
        Instant last;
        try (LedgerProcess ledger = startAt("clock", window, offsetMs);
                Api api = api(ledger)) {
            open(api, "alice");
            first = recordedAt(credit(api, "alice", "k1", 1));
            offsetMs.set(beginMs - HOUR.toMillis());
            last = recordedAt(credit(api, "alice", "k2", 1));
            assertThat(last).isBetween(first, first.plusSeconds(60));
        }
        // An hour behind at the start: ledger time stands still, keys are kept.
        try (LedgerProcess ledger = startAt("clock", window, offsetMs);
                Api api = api(ledger)) {
            assertThat(clockAheadSeconds(api)).isBetween(-3700.0, -3500.0);
            assertThat(recordedAt(credit(api, "alice", "k3", 1))).isEqualTo(last);
            assertReplayed(credit(api, "alice", "k1", 1));
        }
        // An hour ahead of the last event: it follows, and the keys of the window, two hours, are
        // still there.
        offsetMs.set(beginMs + HOUR.toMillis());
        try (LedgerProcess ledger = startAt("clock", window, offsetMs);
                Api api = api(ledger)) {
            assertThat(clockAheadSeconds(api)).isBetween(3500.0, 3700.0);
            last = recordedAt(credit(api, "alice", "k4", 1));
            assertThat(last).isBetween(first.plus(HOUR), first.plus(HOUR).plusSeconds(60));
            assertReplayed(credit(api, "alice", "k1", 1));
        }
        // Two hours of ledger time after its command a key has expired, and not before.
        offsetMs.set(beginMs + 2 * HOUR.toMillis() + 1_000);
        try (LedgerProcess ledger = startAt("clock", window, offsetMs);
                Api api = api(ledger)) {
            assertReplayed(credit(api, "alice", "k4", 1));
            assertThat(credit(api, "alice", "k1", 1).body()).contains("\"balance\":5");
        }
    }

    @Test
    void shouldNotServeWithAClockThatIsAheadOfTheLogs() throws Exception {
        createStream("ahead");
        final AtomicLong offsetMs = new AtomicLong(Duration.ofMinutes(4).toMillis());
        try (LedgerProcess ledger = startAt("ahead", Map.of(), offsetMs);
                Api api = api(ledger)) {
            open(api, "alice");
            credit(api, "alice", "k1", 1);
        }
        offsetMs.set(Duration.ofMinutes(7).toMillis());
        assertThatThrownBy(() -> startAt("ahead", Map.of(), offsetMs).close())
                .hasMessageContaining("ms ahead of the log's")
                .hasMessageContaining("late retries be booked twice")
                .hasMessageContaining("set the clock");
        assertThat(frames("ahead")).isEqualTo(2);

        // On a machine whose clock is right nothing has happened.
        offsetMs.set(0);
        try (LedgerProcess ledger = startAt("ahead", Map.of(), offsetMs);
                Api api = api(ledger)) {
            assertReplayed(credit(api, "alice", "k1", 1));
        }
    }

    private static LedgerProcess startAt(
            final String stream, final Map<String, String> settings, final AtomicLong offsetMs)
            throws Exception {
        return start(stream, settings, () -> System.currentTimeMillis() + offsetMs.get());
    }

    private static LedgerProcess start(
            final String stream,
            final Map<String, String> settings,
            final java.util.function.LongSupplier clock)
            throws Exception {
        return LedgerProcess.start(environment(stream, 0, settings), clock, cause -> {
            throw new AssertionError("the ledger stopped", cause);
        });
    }

    private static void assertRefused(
            final String stream, final Map<String, String> settings, final String... words) {
        final var refusal = assertThatThrownBy(
                () -> start(stream, settings, System::currentTimeMillis).close());
        for (final String word : words) {
            refusal.hasMessageContaining(word);
        }
    }

    private static Process launch(
            final String stream, final int port, final Map<String, String> settings, final Path log)
            throws IOException {
        return ServiceCommand.of("ledger", "io.ringledger.ledger.LedgerMain", JVM)
                .start(environment(stream, port, settings), log);
    }

    private static Map<String, String> environment(
            final String stream, final int port, final Map<String, String> settings) {
        final Map<String, String> environment = new HashMap<>();
        environment.put("RINGLEDGER_HTTP_PORT", Integer.toString(port));
        environment.put("RINGLEDGER_STREAM", stream);
        environment.put("RINGLEDGER_PARTITIONS", "1");
        environment.put("RINGLEDGER_CREATE_LEDGER_TABLE", "true");
        environment.put(
                "RINGLEDGER_KINESIS_ENDPOINT", faults.kinesis().endpoint().toString());
        environment.put(
                "RINGLEDGER_DYNAMODB_ENDPOINT", faults.dynamoDb().endpoint().toString());
        environment.put("RINGLEDGER_EXPECTED_KEYS", "1000");
        environment.putAll(settings);
        return environment;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static void createStream(final String stream) throws InterruptedException {
        client.createStream(request -> request.streamName(stream).shardCount(1)).join();
        Stacks.await(
                "stream " + stream,
                SOON_MS,
                () -> client.describeStreamSummary(request -> request.streamName(stream))
                        .join()
                        .streamDescriptionSummary()
                        .streamStatusAsString()
                        .equals("ACTIVE"));
    }

    private static void put(final String stream, final List<byte[]> records) {
        for (final byte[] record : records) {
            client.putRecord(request -> request.streamName(stream)
                            .partitionKey("0")
                            .explicitHashKey(Partitions.explicitHashKey(0, 1))
                            .data(SdkBytes.fromByteArray(record)))
                    .join();
        }
    }

    private static List<Record> records(final String stream) {
        final String iterator = client.getShardIterator(request -> request.streamName(stream)
                        .shardId("shardId-000000000000")
                        .shardIteratorType(ShardIteratorType.TRIM_HORIZON))
                .join()
                .shardIterator();
        return client.getRecords(request -> request.shardIterator(iterator))
                .join()
                .records();
    }

    private static long frames(final String stream) {
        return records(stream).stream()
                .filter(record -> !EpochMarker.isMarker(record.data().asByteArray()))
                .count();
    }

    private static Api api(final LedgerProcess ledger) {
        return new Api(URI.create("http://127.0.0.1:" + ledger.port()));
    }

    private static void open(final Api api, final String id) throws Exception {
        final HttpResponse<String> opened = api.post(
                "/v1/accounts",
                "open-" + id,
                "{\"accountId\":\"" + id + "\",\"currency\":\"EUR\"}");
        assertThat(opened.statusCode()).as(opened.body()).isEqualTo(201);
    }

    private static HttpResponse<String> credit(
            final Api api, final String id, final String key, final long amount) throws Exception {
        return api.post("/v1/accounts/" + id + "/credit", key, "{\"amount\":" + amount + "}");
    }

    private static void assertReplayed(final HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
        assertThat(response.headers().firstValue("Idempotency-Replayed")).hasValue("true");
    }

    private static void assertProblem(
            final HttpResponse<String> response, final String code, final String outcome) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(503);
        assertThat(response.body())
                .contains("\"code\":\"" + code + "\"", "\"outcome\":\"" + outcome + "\"");
        assertThat(response.headers().firstValue("Retry-After")).isPresent();
    }

    private static void awaitReady(final Api api) throws InterruptedException {
        Stacks.await("ready", SOON_MS, () -> readiness(api).contains("\"status\":\"ready\""));
    }

    private static void awaitNotReady(final Api api, final String reason)
            throws InterruptedException {
        Stacks.await(reason, SOON_MS, () -> readiness(api).contains(reason));
    }

    private static String readiness(final Api api) {
        try {
            return api.get("/health/ready").body();
        } catch (final IOException e) {
            // Its port is not open yet.
            return "";
        } catch (final InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Instant recordedAt(final HttpResponse<String> response) {
        final Matcher matcher = RECORDED_AT.matcher(response.body());
        assertThat(matcher.find()).as(response.body()).isTrue();
        return Instant.parse(matcher.group(1));
    }

    private static double clockAheadSeconds(final Api api) throws Exception {
        final Matcher matcher = CLOCK_AHEAD.matcher(api.get("/metrics").body());
        assertThat(matcher.find()).isTrue();
        return Double.parseDouble(matcher.group(1));
    }

    private static String read(final Path log) {
        try {
            return Files.readString(log);
        } catch (final IOException e) {
            return "";
        }
    }
}
