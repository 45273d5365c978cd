package io.ringledger.emulators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.PutRecordResponse;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.kinesis.model.StreamStatus;

import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

class KinesisLocalTest {
    private static KinesisLocal kinesis;
    private static KinesisAsyncClient client;

    @BeforeAll
    static void start() {
        kinesis = KinesisLocal.start();
        client = LocalAws.kinesis(kinesis.endpoint());
    }

    @AfterAll
    static void close() {
        client.close();
        kinesis.close();
    }

    @Test
    void shouldReadWhatWasPutInTheOrderOfThePuts() {
        createStream("order", 2);
        final List<Shard> shards =
                client.listShards(b -> b.streamName("order")).join().shards();
        assertThat(shards).hasSize(2);
        final String secondHalf =
                BigInteger.ONE.shiftLeft(127).add(BigInteger.TEN).toString();
        String before = null;
        for (int i = 0; i < 5; i++) {
            final String payload = "record " + i;
            final String previous = before;
            final PutRecordResponse response = client.putRecord(b -> b.streamName("order")
                            .partitionKey("1")
                            .explicitHashKey(secondHalf)
                            .sequenceNumberForOrdering(previous)
                            .data(SdkBytes.fromUtf8String(payload)))
                    .join();
            assertThat(response.shardId()).isEqualTo(shards.get(1).shardId());
            before = response.sequenceNumber();
        }

        assertThat(read("order", shards.get(1).shardId()))
                .extracting(r -> r.data().asUtf8String())
                .containsExactly("record 0", "record 1", "record 2", "record 3", "record 4");
        assertThat(read("order", shards.get(0).shardId())).isEmpty();
    }

    @Test
    void shouldTakeARecordOf256KiB() {
        createStream("large", 1);
        final byte[] payload = new byte[256 * 1024];
        payload[payload.length - 1] = 7;

        put("large", SdkBytes.fromByteArray(payload)).join();

        assertThat(read("large", "shardId-000000000000").getFirst().data().asByteArray())
                .isEqualTo(payload);
    }

    @Test
    void shouldNotAnswerWhilePausedAndAnswerWhatGatheredOnceResumed() throws Exception {
        createStream("pause", 1);
        put("pause", SdkBytes.fromUtf8String("before")).join();

        kinesis.pause();
        kinesis.pause();
        final CompletableFuture<PutRecordResponse> answer =
                put("pause", SdkBytes.fromUtf8String("while paused"));
        assertThatThrownBy(() -> answer.get(500, TimeUnit.MILLISECONDS))
                .isInstanceOf(TimeoutException.class);
        assertThat(kinesis.isAlive()).isTrue();
        kinesis.resume();
        kinesis.resume();

        answer.get(10, TimeUnit.SECONDS);
        assertThat(read("pause", "shardId-000000000000"))
                .extracting(r -> r.data().asUtf8String())
                .containsExactly("before", "while paused");
    }

    @Test
    void shouldListenOnLoopbackAloneAndRunSideBySide() {
        try (KinesisLocal other = KinesisLocal.start()) {
            assertThat(other.endpoint().getHost()).isEqualTo("127.0.0.1");
            assertThat(other.endpoint()).isNotEqualTo(kinesis.endpoint());
            assertThat(other.pid()).isNotEqualTo(kinesis.pid());
        }
    }

    @Test
    void shouldGoOnWhenCtrlCReachesTheWholeProcessGroup() {
        // One without connections: an open one would let it live on for a while.
        try (KinesisLocal other = KinesisLocal.start()) {
            final ProcessHandle child = ProcessHandle.of(other.pid()).orElseThrow();

            Processes.signal(child, "INT");

            assertThatThrownBy(() -> child.onExit().get(2, TimeUnit.SECONDS))
                    .isInstanceOf(TimeoutException.class);
            try (KinesisAsyncClient otherClient = LocalAws.kinesis(other.endpoint())) {
                assertThat(otherClient.listStreams().join().streamNames()).isEmpty();
            }
        }
    }

    @Test
    void shouldEndTheChildOnClose() {
        final KinesisLocal other = KinesisLocal.start();
        final long startedNs = System.nanoTime();

        other.close();
        other.close();

        assertThat(Await.isAlive(other.pid())).isFalse();
        assertThat(Duration.ofNanos(System.nanoTime() - startedNs))
                .isLessThan(Duration.ofSeconds(2));
    }

    @Test
    void shouldEndAPausedChildOnClose() {
        final KinesisLocal other = KinesisLocal.start();
        other.pause();
        final long startedNs = System.nanoTime();

        other.close();

        assertThat(Await.isAlive(other.pid())).isFalse();
        assertThat(Duration.ofNanos(System.nanoTime() - startedNs))
                .isLessThan(Duration.ofSeconds(2));
    }

    @Test
    void shouldSayWhichCommandInstallsThePackages(@TempDir final Path root) throws Exception {
        final Path folder = root.resolve("emulators/kinesis-local");
        Files.createDirectories(folder);
        Files.createFile(folder.resolve("run.cjs"));
        final String before = System.getProperty("ringledger.root");
        System.setProperty("ringledger.root", root.toString());
        try {
            assertThatThrownBy(KinesisLocal::start)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("npm ci --prefix " + folder);
        } finally {
            System.setProperty("ringledger.root", before);
        }
    }

    @Test
    void shouldSayWhatTheChildPrintedWhenItDoesNotStart(@TempDir final Path root) throws Exception {
        final Path folder = root.resolve("emulators/kinesis-local");
        Files.createDirectories(folder.resolve("node_modules/kinesis-local"));
        Files.createFile(folder.resolve("node_modules/kinesis-local/main.js"));
        Files.writeString(folder.resolve("run.cjs"), "throw new Error('planted');");
        final String before = System.getProperty("ringledger.root");
        System.setProperty("ringledger.root", root.toString());
        try {
            assertThatThrownBy(KinesisLocal::start)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("kinesis-local did not start")
                    .hasMessageContaining("Error: planted");
        } finally {
            System.setProperty("ringledger.root", before);
        }
    }

    private static void createStream(final String name, final int shards) {
        client.createStream(b -> b.streamName(name).shardCount(shards)).join();
        Await.until(
                "stream " + name + " is active",
                Duration.ofSeconds(5),
                () -> client.describeStreamSummary(b -> b.streamName(name))
                                .join()
                                .streamDescriptionSummary()
                                .streamStatus()
                        == StreamStatus.ACTIVE);
    }

    private static CompletableFuture<PutRecordResponse> put(
            final String stream, final SdkBytes data) {
        return client.putRecord(b -> b.streamName(stream).partitionKey("1").data(data));
    }

    private static List<Record> read(final String stream, final String shardId) {
        final String iterator = client.getShardIterator(b -> b.streamName(stream)
                        .shardId(shardId)
                        .shardIteratorType(ShardIteratorType.TRIM_HORIZON))
                .join()
                .shardIterator();
        return client.getRecords(b -> b.shardIterator(iterator)).join().records();
    }
}
