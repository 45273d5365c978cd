package io.ringledger.benchmarks.stub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringledger.emulators.LocalAws;
import io.ringledger.ledger.log.KinesisClients;
import io.ringledger.ledger.log.KinesisPartitionLog;
import io.ringledger.ledger.log.LogPage;
import io.ringledger.ledger.log.LogPosition;
import io.ringledger.ledger.log.LogReader;
import io.ringledger.ledger.log.LogRecord;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.ProvisionedThroughputExceededException;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** By the SDK, as the write side has it, which speaks CBOR; and once in JSON. */
final class LogStubTest {
    private static final String STREAM = "stubbed";
    private static final long TIMEOUT_MS = 10_000;
    private static final int DELAY_MS = 5;

    private LogStub stub;
    private KinesisAsyncClient kinesis;

    @BeforeEach
    void start() throws Exception {
        stub = LogStub.start(new StubOptions(STREAM, 4, DELAY_MS, 0));
        kinesis = LocalAws.kinesis(stub.endpoint());
    }

    @AfterEach
    void stop() {
        kinesis.close();
        stub.close();
    }

    private static LogPosition append(
            final KinesisPartitionLog log, final byte[] record, final @Nullable LogPosition after) {
        return log.append(record, after, TIMEOUT_MS).toCompletableFuture().join();
    }

    private static byte[] record(final int number) {
        return new byte[] {(byte) number, (byte) 200, 0};
    }

    private static List<LogRecord> readAll(final LogReader reader) {
        final List<LogRecord> records = new ArrayList<>();
        LogPage page;
        do {
            page = reader.next().toCompletableFuture().join();
            records.addAll(page.records());
        } while (!page.isAtEnd());
        return records;
    }

    @Test
    void shouldKeepTheRecordsOfEachPartitionInOrder() {
        final KinesisPartitionLog first = new KinesisPartitionLog(kinesis, STREAM, 0, 2);
        final KinesisPartitionLog second = new KinesisPartitionLog(kinesis, STREAM, 1, 2);
        final LogPosition one = append(first, record(1), null);
        final LogPosition two = append(first, record(2), one);
        append(first, record(3), two);
        append(second, record(9), null);
        assertThat(readAll(first.reader(null)))
                .extracting(LogRecord::data)
                .containsExactly(record(1), record(2), record(3));
        assertThat(readAll(first.reader(two)))
                .extracting(LogRecord::position)
                .first()
                .isEqualTo(two);
        assertThat(readAll(second.reader(null))).hasSize(1);
        final List<byte[]> kept = new ArrayList<>();
        for (int shard = 0; shard < stub.shards(); shard++) {
            kept.addAll(stub.records(shard, 0));
        }
        assertThat(kept).containsExactly(record(1), record(2), record(3), record(9));
        assertThat(stub.records(shardOf(record(1)), 2)).containsExactly(record(3));
    }

    private int shardOf(final byte[] record) {
        for (int shard = 0; shard < stub.shards(); shard++) {
            if (stub.count(shard) > 0 && Arrays.equals(stub.records(shard, 0).getFirst(), record)) {
                return shard;
            }
        }
        throw new AssertionError("not kept");
    }

    @Test
    void shouldAnswerNoSoonerThanItsDelay() {
        final KinesisPartitionLog log = new KinesisPartitionLog(kinesis, STREAM, 0, 1);
        @Nullable LogPosition last = null;
        final long startNs = System.nanoTime();
        for (int i = 0; i < 10; i++) {
            last = append(log, record(i), last);
        }
        assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs))
                .isGreaterThanOrEqualTo(10 * DELAY_MS);
    }

    @Test
    void shouldRefuseAnotherStream() {
        assertThatThrownBy(() -> kinesis.listShards(request -> request.streamName("another"))
                        .join())
                .hasCauseInstanceOf(ResourceNotFoundException.class)
                .hasMessageContaining("no stream another");
    }

    @Test
    void shouldSpeakJsonToo() {
        System.setProperty("aws.cborEnabled", "false");
        try (KinesisAsyncClient json = LocalAws.kinesis(stub.endpoint())) {
            json.putRecord(request -> request.streamName(STREAM)
                            .partitionKey("key")
                            .data(SdkBytes.fromByteArray(record(7))))
                    .join();
            final var summary = json.describeStreamSummary(request -> request.streamName(STREAM))
                    .join();
            assertThat(summary.streamDescriptionSummary().openShardCount()).isEqualTo(4);
        } finally {
            System.clearProperty("aws.cborEnabled");
        }
        int kept = 0;
        for (int shard = 0; shard < stub.shards(); shard++) {
            kept += stub.count(shard);
        }
        assertThat(kept).isEqualTo(1);
    }

    @Test
    void shouldThrottleBeyondTheLimitsOfAShard() throws Exception {
        final byte[] large = new byte[400_000];
        try (LogStub limited = LogStub.start(
                        new StubOptions(STREAM, 1, 0, StubOptions.AWS_SHARD_BYTES_PER_SECOND));
                KinesisAsyncClient client =
                        KinesisClients.create(limited.endpoint(), Duration.ofSeconds(10))) {
            final KinesisPartitionLog log = new KinesisPartitionLog(client, STREAM, 0, 1);
            final LogPosition one = append(log, large, null);
            append(log, large, one);
            assertThatThrownBy(() -> append(log, new byte[1_000_000], one))
                    .hasCauseInstanceOf(ProvisionedThroughputExceededException.class);
            assertThat(limited.throttled()).isEqualTo(1);
            assertThat(limited.count(0)).isEqualTo(2);
        }
    }
}
