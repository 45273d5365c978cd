package io.ringledger.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringledger.emulators.DynamoDbLocal;
import io.ringledger.emulators.LocalAws;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.TableDescription;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.kinesis.leases.Lease;
import software.amazon.kinesis.leases.dynamodb.DynamoDBLeaseSerializer;
import software.amazon.kinesis.retrieval.kpl.ExtendedSequenceNumber;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

class LeaseTableTest {
    private static DynamoDbLocal local;
    private static DynamoDbAsyncClient dynamoDb;

    @BeforeAll
    static void start() {
        local = DynamoDbLocal.start();
        dynamoDb = LocalAws.dynamoDb(local.endpoint());
    }

    @AfterAll
    static void close() {
        dynamoDb.close();
        local.close();
    }

    private static Shard shard(final int number) {
        return Shard.builder()
                .shardId("shardId-00000000000" + number)
                .hashKeyRange(r -> r.startingHashKey(number + "000").endingHashKey(number + "999"))
                .build();
    }

    private static void prepare(final String table, final Shard... shards) {
        new LeaseTable(dynamoDb, table).prepare(List.of(shards), Deadline.afterMs(30_000));
    }

    private static List<Map<String, AttributeValue>> rows(final String table) {
        return dynamoDb.scan(s -> s.tableName(table).consistentRead(true))
                .join()
                .items();
    }

    /** As KCL's own code reads them. */
    private static List<Lease> leases(final String table) {
        return rows(table).stream()
                .map(row -> new DynamoDBLeaseSerializer().fromDynamoRecord(row))
                .sorted((a, b) -> a.leaseKey().compareTo(b.leaseKey()))
                .toList();
    }

    @Test
    void shouldMakeTheTableThatKclExpects() {
        prepare("fresh", shard(1), shard(2));

        final TableDescription table =
                dynamoDb.describeTable(t -> t.tableName("fresh")).join().table();
        assertThat(table.billingModeSummary().billingMode()).isEqualTo(BillingMode.PAY_PER_REQUEST);
        assertThat(table.keySchema())
                .containsExactlyElementsOf(new DynamoDBLeaseSerializer().getKeySchema());
        assertThat(table.globalSecondaryIndexes()).singleElement().satisfies(index -> {
            assertThat(index.indexName()).isEqualTo("LeaseOwnerToLeaseKeyIndex");
            assertThat(index.keySchema())
                    .containsExactlyElementsOf(
                            new DynamoDBLeaseSerializer().getWorkerIdToLeaseKeyIndexKeySchema());
        });
        assertThat(leases("fresh")).hasSize(2).first().satisfies(lease -> {
            assertThat(lease.leaseKey()).isEqualTo("shardId-000000000001");
            assertThat(lease.checkpoint()).isEqualTo(ExtendedSequenceNumber.TRIM_HORIZON);
            assertThat(lease.leaseOwner()).isNull();
            assertThat(lease.leaseCounter()).isZero();
            assertThat(lease.hashKeyRangeForLease().serializedStartingHashKey()).isEqualTo("1000");
        });
    }

    @Test
    void shouldLeaveWhatIsThereAndHealWhatIsMissing() {
        prepare("again", shard(1), shard(2));
        dynamoDb.updateItem(u -> u.tableName("again")
                        .key(Map.of("leaseKey", AttributeValue.fromS("shardId-000000000001")))
                        .updateExpression("SET checkpoint = :c, leaseOwner = :o")
                        .expressionAttributeValues(Map.of(
                                ":c", AttributeValue.fromS("4711"),
                                ":o", AttributeValue.fromS("worker"))))
                .join();
        dynamoDb.deleteItem(d -> d.tableName("again")
                        .key(Map.of("leaseKey", AttributeValue.fromS("shardId-000000000002"))))
                .join();

        prepare("again", shard(1), shard(2), shard(3));

        assertThat(leases("again"))
                .extracting(lease -> lease.checkpoint().sequenceNumber())
                .containsExactly("4711", "TRIM_HORIZON", "TRIM_HORIZON");
        assertThat(leases("again").getFirst().leaseOwner()).isEqualTo("worker");
    }

    @Test
    void shouldLeaveAReshardedStreamToKcl() {
        final Shard child =
                shard(2).toBuilder().parentShardId("shardId-000000000001").build();

        prepare("resharded", shard(1), child);

        assertThat(rows("resharded")).isEmpty();
    }

    @Test
    void shouldLetSeveralWorkersPrepareAtOnce() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            final List<Future<Void>> done = threads.invokeAll(IntStream.range(0, 4)
                    .<Callable<Void>>mapToObj(i -> () -> {
                        prepare("together", shard(1), shard(2), shard(3));
                        return null;
                    })
                    .toList());
            for (final Future<Void> worker : done) {
                worker.get(60, TimeUnit.SECONDS);
            }
        }

        assertThat(rows("together")).hasSize(3);
    }
}
