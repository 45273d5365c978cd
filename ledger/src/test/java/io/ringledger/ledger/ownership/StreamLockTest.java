package io.ringledger.ledger.ownership;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringledger.emulators.DynamoDbLocal;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The lock and the ledger's item against the real API. */
final class StreamLockTest {
    private static final String TABLE = "ledger-test";
    private static final long LEASE_MS = 500;
    private static @Nullable DynamoDbLocal dynamoDb;
    private static @Nullable DynamoDbAsyncClient client;

    @BeforeAll
    static void start() {
        dynamoDb = DynamoDbLocal.start();
        client = DynamoDbClients.create(dynamoDb.endpoint());
        LedgerTable.createIfMissing(client(), TABLE);
        LedgerTable.createIfMissing(client(), TABLE);
    }

    @AfterAll
    static void stop() {
        client().close();
        if (dynamoDb != null) {
            dynamoDb.close();
        }
    }

    @Test
    void shouldRefuseASecondOwnerWhileTheFirstIsAlive() throws InterruptedException {
        try (StreamLock first = acquire("two")) {
            assertThat(first.epoch()).isEqualTo(1);
            assertThatThrownBy(() -> acquire("two"))
                    .isInstanceOf(StreamLockedException.class)
                    .hasMessageContaining("'two'")
                    .hasMessageContaining("stop that process");
            assertThat(first.confirm().toCompletableFuture().join()).isTrue();
        }
    }

    @Test
    void shouldPassOnAtOnceWhatWasGivenBackWithAHigherEpoch() throws InterruptedException {
        final StreamLock first = acquire("handed-on");
        first.appended(0, 42);
        first.setDrained();
        first.close();
        try (StreamLock second = acquire("handed-on")) {
            assertThat(second.epoch()).isEqualTo(2);
            assertThat(second.requiredSequence(0)).isEqualTo(42);
        }
    }

    @Test
    void shouldTakeOverFromAnOwnerWhoseHeartbeatStandsStill() throws InterruptedException {
        client().putItem(request -> request.tableName(TABLE)
                        .item(Map.of(
                                "id", AttributeValue.fromS("stream#dead"),
                                "owner", AttributeValue.fromS("a process that was killed"),
                                "heartbeat", AttributeValue.fromN("17"),
                                "epoch", AttributeValue.fromN("4"),
                                "sequences", AttributeValue.fromS("17"))))
                .join();
        try (StreamLock lock = acquire("dead")) {
            assertThat(lock.epoch()).isEqualTo(5);
            assertThat(lock.requiredSequence(0)).isEqualTo(17);
        }
    }

    @Test
    void shouldSayThatItIsLostOnceAnotherHasTakenIt() throws InterruptedException {
        final CountDownLatch lost = new CountDownLatch(1);
        try (StreamLock lock = StreamLock.acquire(
                client(), TABLE, "stolen", 1, LEASE_MS, reason -> lost.countDown())) {
            client().putItem(request -> request.tableName(TABLE)
                            .item(Map.of(
                                    "id", AttributeValue.fromS("stream#stolen"),
                                    "owner", AttributeValue.fromS("a thief"),
                                    "heartbeat", AttributeValue.fromN("0"),
                                    "epoch", AttributeValue.fromN("9"),
                                    "sequences", AttributeValue.fromS("0"))))
                    .join();
            assertThat(lost.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(lock.confirm().toCompletableFuture().join()).isFalse();
        }
        final Map<String, AttributeValue> item = client().getItem(
                        request -> request.tableName(TABLE)
                                .key(Map.of("id", AttributeValue.fromS("stream#stolen"))))
                .join()
                .item();
        assertThat(item.get("owner")).isEqualTo(AttributeValue.fromS("a thief"));
    }

    @Test
    void shouldFixPartitionsAndWindowWhenALedgerIsCreated() {
        LedgerTable.requireLedger(client(), TABLE, "fixed", 4, 1_000);
        LedgerTable.requireLedger(client(), TABLE, "fixed", 4, 1_000);
        assertThatThrownBy(() -> LedgerTable.requireLedger(client(), TABLE, "fixed", 5, 1_000))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("RINGLEDGER_PARTITIONS");
        assertThatThrownBy(() -> LedgerTable.requireLedger(client(), TABLE, "fixed", 4, 2_000))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("RINGLEDGER_IDEMPOTENCY_WINDOW_MS");
        assertThatThrownBy(() -> LedgerTable.requireLedger(client(), "no-table", "x", 4, 1_000))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no-table");
    }

    private static StreamLock acquire(final String stream) throws InterruptedException {
        return StreamLock.acquire(client(), TABLE, stream, 1, LEASE_MS, reason -> {});
    }

    private static DynamoDbAsyncClient client() {
        if (client == null) {
            throw new IllegalStateException("not started");
        }
        return client;
    }
}
