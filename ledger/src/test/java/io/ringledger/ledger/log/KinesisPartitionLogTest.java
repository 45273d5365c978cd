package io.ringledger.ledger.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringledger.emulators.KinesisLocal;
import io.ringledger.emulators.LocalAws;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;

/** The port's promises against the real API. */
final class KinesisPartitionLogTest {
    private static final String STREAM = "log-test";
    private static final long TIMEOUT_MS = 4_000;
    private static @Nullable KinesisLocal kinesis;
    private static @Nullable KinesisAsyncClient client;

    @BeforeAll
    static void start() {
        kinesis = KinesisLocal.start();
        client = KinesisClients.create(kinesis.endpoint(), Duration.ofSeconds(20));
        // The client under test gives up early, which the first call of a cold start may not
        // survive.
        try (KinesisAsyncClient patient = LocalAws.kinesis(kinesis.endpoint())) {
            patient.createStream(request -> request.streamName(STREAM).shardCount(2))
                    .join();
            patient.waiter()
                    .waitUntilStreamExists(request -> request.streamName(STREAM))
                    .join();
        }
    }

    @AfterAll
    static void stop() {
        client().close();
        emulator().close();
    }

    @Test
    void shouldReadBackWhatWasAppendedInOrderThroughAReshard() throws InterruptedException {
        final PartitionLog log = new KinesisPartitionLog(client(), STREAM, 0, 4);
        final PartitionLog other = new KinesisPartitionLog(client(), STREAM, 3, 4);
        @Nullable LogPosition after = null;
        for (int i = 0; i < 20; i++) {
            after = log.append(bytes("a" + i), after, TIMEOUT_MS)
                    .toCompletableFuture()
                    .join();
        }
        other.append(bytes("elsewhere"), null, TIMEOUT_MS).toCompletableFuture().join();
        client().splitShard(request -> request.streamName(STREAM)
                        .shardToSplit("shardId-000000000000")
                        .newStartingHashKey("42535295865117307932921825928971026432"))
                .join();
        client().waiter()
                .waitUntilStreamExists(request -> request.streamName(STREAM))
                .join();
        after = null;
        for (int i = 20; i < 40; i++) {
            after = log.append(bytes("a" + i), after, TIMEOUT_MS)
                    .toCompletableFuture()
                    .join();
        }
        final List<String> expected = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            expected.add("a" + i);
        }
        assertThat(readAll(log)).isEqualTo(expected);
        assertThat(readAll(other)).contains("elsewhere").doesNotContain("a0");
        // From any record on, in the parent and in the child alike.
        final List<LogRecord> all = recordsFrom(log, null);
        for (final int number : List.of(0, 13, 19, 20, 39)) {
            assertThat(texts(recordsFrom(log, all.get(number).position())))
                    .isEqualTo(expected.subList(number, 40));
        }
        final LogPosition trimmed = new LogPosition("shardId-trimmed", "1");
        assertThat(texts(recordsFrom(log, trimmed))).isEqualTo(expected);
    }

    @Test
    void shouldNotRetryByItselfAndSayThatTheOutcomeIsUnknown() throws InterruptedException {
        final PartitionLog log = new KinesisPartitionLog(client(), STREAM, 3, 4);
        final int before = readAll(log).size();
        emulator().pause();
        try {
            assertThatThrownBy(() -> log.append(bytes("late"), null, TIMEOUT_MS)
                            .toCompletableFuture()
                            .join())
                    .isInstanceOf(CompletionException.class)
                    .hasMessageContaining("timeout");
        } finally {
            emulator().resume();
        }
        log.append(bytes("next"), null, TIMEOUT_MS).toCompletableFuture().join();
        final List<String> records = readAll(log).subList(before, readAll(log).size());
        // It may have landed once, never more often.
        assertThat(records).contains("next");
        assertThat(records.stream().filter("late"::equals).count()).isLessThanOrEqualTo(1);
    }

    @Test
    void shouldNameTheStreamThatIsMissing() {
        final PartitionLog log = new KinesisPartitionLog(client(), "no-such-stream", 0, 1);
        assertThatThrownBy(() -> log.reader(null).next().toCompletableFuture().join())
                .hasCauseInstanceOf(LogException.class)
                .hasMessageContaining("no-such-stream")
                .hasMessageContaining("RINGLEDGER_STREAM");
    }

    private static List<String> readAll(final PartitionLog log) {
        return texts(recordsFrom(log, null));
    }

    private static List<LogRecord> recordsFrom(
            final PartitionLog log, final @Nullable LogPosition from) {
        final LogReader reader = log.reader(from);
        final List<LogRecord> records = new ArrayList<>();
        LogPage page;
        do {
            page = reader.next().toCompletableFuture().join();
            records.addAll(page.records());
        } while (!page.isAtEnd());
        return records;
    }

    private static List<String> texts(final List<LogRecord> records) {
        return records.stream()
                .map(record -> new String(record.data(), StandardCharsets.UTF_8))
                .toList();
    }

    private static byte[] bytes(final String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static KinesisAsyncClient client() {
        if (client == null) {
            throw new IllegalStateException("not started");
        }
        return client;
    }

    private static KinesisLocal emulator() {
        if (kinesis == null) {
            throw new IllegalStateException("not started");
        }
        return kinesis;
    }
}
