package io.ringledger.ledger.ownership;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringledger.emulators.DynamoDbLocal;

import org.junit.jupiter.api.Test;

import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;

import java.util.List;

/** The ledger's item and the compare-and-set of leases against the real API. */
final class LedgerTableTest {
    private static final String TABLE = "table-test";

    @Test
    void shouldFixPartitionsAndWindowAndCompareAndSetLeases() {
        try (DynamoDbLocal dynamoDb = DynamoDbLocal.start();
                DynamoDbAsyncClient client = DynamoDbClients.create(dynamoDb.endpoint())) {
            assertThatThrownBy(() -> LedgerTable.requireLedger(client, TABLE, "s", 2, 1_000))
                    .hasMessageContaining("there is no table");
            LedgerTable.createIfMissing(client, TABLE);
            LedgerTable.createIfMissing(client, TABLE);
            LedgerTable.requireLedger(client, TABLE, "s", 2, 1_000);
            LedgerTable.requireLedger(client, TABLE, "s", 2, 1_000);
            assertThatThrownBy(() -> LedgerTable.requireLedger(client, TABLE, "s", 3, 1_000))
                    .hasMessageContaining("RINGLEDGER_PARTITIONS");
            assertThatThrownBy(() -> LedgerTable.requireLedger(client, TABLE, "s", 2, 2_000))
                    .hasMessageContaining("RINGLEDGER_IDEMPOTENCY_WINDOW_MS");
            compareAndSet(new DynamoDbLeaseTable(client, TABLE, "s", 10_000));
        }
    }

    private static void compareAndSet(final LeaseTable leases) {
        assertThat(leases.read(0).toCompletableFuture().join()).isNull();
        final Lease first = new Lease(0, "a", 1, 0, 0);
        assertThat(leases.take(null, first).toCompletableFuture().join()).isTrue();
        assertThat(leases.take(null, new Lease(0, "b", 1, 0, 0))
                        .toCompletableFuture()
                        .join())
                .isFalse();
        final Lease beat = new Lease(0, "a", 1, 1, 7);
        assertThat(leases.renew(beat).toCompletableFuture().join()).isTrue();
        assertThat(leases.read(0).toCompletableFuture().join()).isEqualTo(beat);
        // What was seen has moved since.
        final Lease taken = new Lease(0, "b", 2, 2, 7);
        assertThat(leases.take(first, taken).toCompletableFuture().join()).isFalse();
        assertThat(leases.take(beat, taken).toCompletableFuture().join()).isTrue();
        assertThat(leases.renew(beat).toCompletableFuture().join()).isFalse();
        assertThat(leases.release(beat).toCompletableFuture().join()).isFalse();
        assertThat(leases.release(new Lease(0, "b", 2, 2, 9))
                        .toCompletableFuture()
                        .join())
                .isTrue();
        final Lease free = leases.read(0).toCompletableFuture().join();
        assertThat(free).isEqualTo(new Lease(0, Lease.NOBODY, 2, 2, 9));
        final Member member = new Member("a", "host:1", 1);
        leases.announce(member).toCompletableFuture().join();
        assertThat(leases.readAll().toCompletableFuture().join())
                .isEqualTo(new LeaseTable.Book(List.of(free), List.of(member)));
        leases.remove(member).toCompletableFuture().join();
        assertThat(leases.readAll().toCompletableFuture().join().members()).isEmpty();
    }
}
