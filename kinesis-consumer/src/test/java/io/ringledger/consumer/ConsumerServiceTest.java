package io.ringledger.consumer;

import static io.ringledger.consumer.KclStand.PARTITIONS;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ConsumerServiceTest {
    private static final Duration SOON = Duration.ofSeconds(90);

    private static KclStand stand;

    private String stream = "";
    private final List<TestLog> logs = IntStream.range(0, PARTITIONS)
            .mapToObj(partition -> new TestLog(partition, PARTITIONS, partition))
            .toList();

    @BeforeAll
    static void start() {
        stand = new KclStand();
    }

    @AfterAll
    static void close() {
        stand.close();
    }

    @BeforeEach
    void reset(final TestInfo test) {
        stand.database.reset(PARTITIONS);
        stream = test.getTestMethod().orElseThrow().getName();
        stand.createStream(stream, 2);
    }

    private void putFrames(final int count) {
        for (int i = 0; i < count; i++) {
            for (int partition = 0; partition < PARTITIONS; partition++) {
                stand.put(stream, partition, logs.get(partition).randomFrames(1, 10, 10));
            }
        }
    }

    private void awaitViews() {
        for (int partition = 0; partition < PARTITIONS; partition++) {
            stand.awaitViews(logs.get(partition), partition, SOON);
        }
    }

    @Test
    void shouldBringTheLogIntoTheViewsStopAndGoOn() {
        putFrames(5);
        final long startNs = System.nanoTime();
        final long stopNs;
        try (ConsumerService consumer = stand.consumer(stream, stream)) {
            consumer.start();
            awaitViews();
            System.out.printf(
                    "start to first views: %d ms%n",
                    Duration.ofNanos(System.nanoTime() - startNs).toMillis());
            assertThat(consumer.trouble()).isNull();
            putFrames(5);
            awaitViews();

            stopNs = System.nanoTime();
        }
        final Duration stopping = Duration.ofNanos(System.nanoTime() - stopNs);
        System.out.printf("clean stop: %d ms%n", stopping.toMillis());
        assertThat(stopping).isLessThan(Duration.ofSeconds(8));
        assertThat(checkpoints())
                .as("a clean stop leaves its checkpoints")
                .hasSize(2)
                .doesNotContain("TRIM_HORIZON");

        putFrames(5);
        try (ConsumerService consumer = stand.consumer(stream, stream)) {
            consumer.start();
            awaitViews();
        }
    }

    /** KCL writes its version down for the application; the second to do so cannot start at once. */
    @Test
    void shouldWorkInEveryProcessWhereTwoBeginAnApplicationAtTheSameMoment() throws Exception {
        putFrames(1);
        try (ConsumerService first = stand.consumer(stream, stream);
                ConsumerService second = stand.consumer(stream, stream)) {
            final Thread other = Thread.ofPlatform().start(second::start);
            first.start();
            other.join();
            Await.until(
                    "both work", SOON, () -> first.trouble() == null && second.trouble() == null);
            putFrames(1);
            awaitViews();
        }
    }

    @Test
    void shouldSubscribeToTheShardsWhereFanOutIsAskedFor() {
        putFrames(3);
        try (ConsumerService consumer = stand.fanOutConsumer(stream, stream)) {
            consumer.start();
            awaitViews();
            putFrames(3);
            awaitViews();
        }
    }

    @Test
    void shouldFollowAShardIntoItsChildren() {
        try (ConsumerService consumer = stand.consumer(stream, stream)) {
            consumer.start();
            putFrames(3);
            awaitViews();
            // Partitions 0 and 1 share this shard; a quarter of all hash keys lies below the split.
            stand.kinesis
                    .splitShard(s -> s.streamName(stream)
                            .shardToSplit("shardId-000000000000")
                            .newStartingHashKey(BigInteger.ONE.shiftLeft(126).toString()))
                    .join();
            stand.awaitActive(stream);
            putFrames(3);
            awaitViews();
            assertThat(consumer.trouble()).isNull();
        }
        putFrames(1);
        try (ConsumerService consumer = stand.consumer(stream, stream)) {
            consumer.start();
            awaitViews();
        }
    }

    private List<String> checkpoints() {
        return stand.leases(stream)
                .map(lease -> KclStand.text(lease, "checkpoint"))
                .toList();
    }

    @Test
    void shouldSkipAndDoubleNothingWhereTheCheckpointIsFarBehindTheViews() {
        putFrames(10);
        try (ConsumerService consumer = stand.consumer(stream, stream)) {
            consumer.start();
            awaitViews();
        }
        // As if it had been killed after its commits and before any checkpoint.
        for (final String shard : List.of("shardId-000000000000", "shardId-000000000001")) {
            stand.dynamoDb
                    .updateItem(u -> u.tableName(stream)
                            .key(Map.of("leaseKey", AttributeValue.fromS(shard)))
                            .updateExpression("SET checkpoint = :c")
                            .expressionAttributeValues(
                                    Map.of(":c", AttributeValue.fromS("TRIM_HORIZON"))))
                    .join();
        }
        putFrames(3);

        try (ConsumerService consumer = stand.consumer(stream, stream)) {
            consumer.start();
            awaitViews();
        }
    }

    /** The steps of docs/operating/restore-postgres.md. */
    @Test
    void shouldBringViewsOfABackupUpAgainUnderANewNameOfTheApplication() {
        putFrames(3);
        try (ConsumerService consumer = stand.consumer(stream, stream)) {
            consumer.start();
            awaitViews();
        }
        // The oldest backup there can be. The checkpoints know nothing of it.
        stand.database.reset(PARTITIONS);
        putFrames(1);
        try (ConsumerService consumer = stand.consumer(stream, stream)) {
            consumer.start();
            Await.until(
                    "halted", SOON, () -> String.valueOf(consumer.trouble()).contains("halted"));
            assertThat(consumer.trouble()).contains("OUT_OF_ORDER", "gap in the frames");
        }
        try (ConsumerService consumer = stand.consumer(stream, stream + "-2")) {
            consumer.start();
            awaitViews();
        }
    }

    @Test
    void shouldWaitForPostgresAndThenGoOn() {
        try (ConsumerService consumer = stand.consumer(stream, stream)) {
            consumer.start();
            putFrames(3);
            awaitViews();
            stand.database.postgres().stopServer();
            try {
                putFrames(3);
                Await.until(
                        "not ready",
                        SOON,
                        () -> String.valueOf(consumer.trouble()).contains("waiting for the views"));
            } finally {
                stand.database.postgres().startServer();
            }

            awaitViews();
            Await.until("ready again", SOON, () -> consumer.trouble() == null);
        }
    }

    @Test
    void shouldHaltAtAForeignRecordSayWhyAndKeepTheRest() {
        try (ConsumerService consumer = stand.consumer(stream, stream)) {
            consumer.start();
            putFrames(3);
            awaitViews();
            stand.put(stream, 0, List.of(kplAggregate()));
            Await.until("halted", SOON, () -> consumer.trouble() != null);
            assertThat(consumer.trouble())
                    .contains("halted", "shardId-000000000000", "FOREIGN_RECORD");
            final long frames = logs.getFirst().frames().size();
            putFrames(3);

            // The other shard, of partitions 2 and 3, goes on.
            for (int partition = 2; partition < PARTITIONS; partition++) {
                stand.awaitViews(logs.get(partition), partition, SOON);
            }
            assertThat(stand.database.frame(0)).isEqualTo(frames);
            assertThat(stand.database.frame(1)).isEqualTo(frames);
            stand.database.assertConserved();
        }
    }

    /** An aggregate of the KPL without records, which KCL's own routine would drop in silence. */
    private static LogRecord kplAggregate() {
        final byte[] magic = {(byte) 0xF3, (byte) 0x89, (byte) 0x9A, (byte) 0xC2};
        final byte[] data = new byte[magic.length + 16];
        System.arraycopy(magic, 0, data, 0, magic.length);
        final byte[] md5OfNothing = {
            (byte) 0xd4,
            0x1d,
            (byte) 0x8c,
            (byte) 0xd9,
            (byte) 0x8f,
            0x00,
            (byte) 0xb2,
            0x04,
            (byte) 0xe9,
            (byte) 0x80,
            0x09,
            (byte) 0x98,
            (byte) 0xec,
            (byte) 0xf8,
            0x42,
            0x7e
        };
        System.arraycopy(md5OfNothing, 0, data, magic.length, md5OfNothing.length);
        return new LogRecord(data, "kpl");
    }

    @Test
    void shouldRefuseViewsOfAnotherNumberOfPartitions() {
        stand.database.execute("UPDATE ledger_view.ledger SET partitions = 3");
        try (ConsumerService consumer = stand.consumer(stream, stream)) {
            assertThatThrownBy(consumer::start)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("views=3, configured=4");
        }
    }

    @Test
    void shouldTakeOverTheShardsOfAKilledWorker(@TempDir final Path folder) throws Exception {
        final Path firstOutput = folder.resolve("first.log");
        final Path secondOutput = folder.resolve("second.log");
        // The first to come leads: the worst one to lose.
        final Process first = stand.startProcess(stream, stream, firstOutput);
        final List<Process> all = new ArrayList<>(List.of(first));
        try {
            putFrames(2);
            awaitProcess(first, firstOutput);
            all.add(stand.startProcess(stream, stream, secondOutput));
            Await.until("two workers, a shard each", SOON, () -> stand.owners(stream) == 2);
            putFrames(2);
            awaitProcess(all.get(1), secondOutput);

            first.destroyForcibly();
            final long killedNs = System.nanoTime();
            assertThat(first.waitFor(10, TimeUnit.SECONDS)).isTrue();
            putFrames(2);
            awaitProcess(all.get(1), secondOutput);
            System.out.printf(
                    "kill -9 of the leading worker to its shards' views: %d ms%n",
                    Duration.ofNanos(System.nanoTime() - killedNs).toMillis());

            all.get(1).destroy();
            assertThat(all.get(1).waitFor(20, TimeUnit.SECONDS))
                    .as("ends on SIGTERM")
                    .isTrue();
        } finally {
            all.forEach(Process::destroyForcibly);
        }
    }

    private void awaitProcess(final Process process, final Path output) throws IOException {
        try {
            awaitViews();
        } catch (final AssertionError e) {
            throw new AssertionError(
                    "worker alive=" + process.isAlive() + ", its output:\n"
                            + Files.readString(output, StandardCharsets.UTF_8),
                    e);
        }
    }
}
