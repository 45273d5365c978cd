package io.ringledger.consumer;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.GlobalSecondaryIndex;
import software.amazon.awssdk.services.dynamodb.model.IndexStatus;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ProjectionType;
import software.amazon.awssdk.services.dynamodb.model.ResourceInUseException;
import software.amazon.awssdk.services.dynamodb.model.ResourceNotFoundException;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.TableDescription;
import software.amazon.awssdk.services.dynamodb.model.TableStatus;
import software.amazon.awssdk.services.kinesis.model.Shard;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;

/**
 * The DynamoDB table of a KCL application, made ready before KCL looks at it: on an empty account KCL
 * needs 77 s from start to the first record, on a table that is there, with its index and a lease row
 * per shard, 3 s. Written for KCL 3.5.1, whose layout this follows ({@code DynamoDBLeaseSerializer},
 * {@code DynamoDBLeaseRefresher}): one table holds the leases, the leader's lock and the worker
 * metrics; KCL writes the latter two itself. Stateless; calls block.
 */
final class LeaseTable {
    private static final Logger LOG = LoggerFactory.getLogger(LeaseTable.class);

    private static final String LEASE_KEY = "leaseKey";
    private static final String LEASE_OWNER = "leaseOwner";
    private static final String OWNER_INDEX = "LeaseOwnerToLeaseKeyIndex";
    private static final Duration POLL = Duration.ofMillis(100);

    private final DynamoDbAsyncClient dynamoDb;
    private final String name;

    LeaseTable(final DynamoDbAsyncClient dynamoDb, final String name) {
        this.dynamoDb = dynamoDb;
        this.name = name;
    }

    /**
     * Creates the table where it is missing, and a lease row for each shard that has none. Several
     * workers may do this at once, and at every start: what is there stays as it is.
     *
     * <p>A stream that was resharded is left to KCL, which alone knows the order of parents and
     * children.
     *
     * @throws IllegalStateException if the table is not active before the deadline
     */
    void prepare(final List<Shard> shards, final Deadline deadline) {
        if (describe() == null) {
            create();
        }
        awaitActive(deadline);
        if (shards.stream().anyMatch(shard -> shard.parentShardId() != null)) {
            LOG.info("lease table {}: the stream was resharded, KCL makes the leases", name);
            return;
        }
        final List<String> seeded = new ArrayList<>();
        for (final Shard shard : shards) {
            if (seed(shard)) {
                seeded.add(shard.shardId());
            }
        }
        LOG.info("lease table {}: ready, shards={}, seeded={}", name, shards.size(), seeded);
    }

    private void create() {
        LOG.info("lease table {}: creating", name);
        try {
            dynamoDb.createTable(table -> table.tableName(name)
                            .billingMode(BillingMode.PAY_PER_REQUEST)
                            .attributeDefinitions(text(LEASE_KEY), text(LEASE_OWNER))
                            .keySchema(key(LEASE_KEY, KeyType.HASH))
                            .globalSecondaryIndexes(GlobalSecondaryIndex.builder()
                                    .indexName(OWNER_INDEX)
                                    .keySchema(
                                            key(LEASE_OWNER, KeyType.HASH),
                                            key(LEASE_KEY, KeyType.RANGE))
                                    .projection(p -> p.projectionType(ProjectionType.KEYS_ONLY))
                                    .build()))
                    .join();
        } catch (final CompletionException e) {
            if (!(e.getCause() instanceof ResourceInUseException)) {
                throw e;
            }
            LOG.info("lease table {}: another worker is creating it", name);
        }
    }

    private void awaitActive(final Deadline deadline) {
        while (true) {
            final TableDescription table = describe();
            if (table != null
                    && table.tableStatus() == TableStatus.ACTIVE
                    && (!table.hasGlobalSecondaryIndexes()
                            || table.globalSecondaryIndexes().stream()
                                    .allMatch(i -> i.indexStatus() == IndexStatus.ACTIVE))) {
                return;
            }
            if (!deadline.pause(POLL)) {
                throw new IllegalStateException("lease table not active in time: table=" + name
                        + ", status=" + (table == null ? "missing" : table.tableStatus())
                        + ", waited=" + deadline.elapsedMs() + " ms");
            }
        }
    }

    private @Nullable TableDescription describe() {
        try {
            return dynamoDb.describeTable(t -> t.tableName(name)).join().table();
        } catch (final CompletionException e) {
            if (e.getCause() instanceof ResourceNotFoundException) {
                return null;
            }
            throw e;
        }
    }

    /** Whether the row was missing. */
    private boolean seed(final Shard shard) {
        final Map<String, AttributeValue> lease = Map.of(
                LEASE_KEY,
                AttributeValue.fromS(shard.shardId()),
                "entityType",
                AttributeValue.fromS("LEASE"),
                "checkpoint",
                AttributeValue.fromS("TRIM_HORIZON"),
                "checkpointSubSequenceNumber",
                AttributeValue.fromN("0"),
                "leaseCounter",
                AttributeValue.fromN("0"),
                "ownerSwitchesSinceCheckpoint",
                AttributeValue.fromN("0"),
                "startingHashKey",
                AttributeValue.fromS(shard.hashKeyRange().startingHashKey()),
                "endingHashKey",
                AttributeValue.fromS(shard.hashKeyRange().endingHashKey()));
        try {
            dynamoDb.putItem(put -> put.tableName(name)
                            .item(lease)
                            .conditionExpression("attribute_not_exists(" + LEASE_KEY + ")"))
                    .join();
            return true;
        } catch (final CompletionException e) {
            if (e.getCause() instanceof ConditionalCheckFailedException) {
                return false;
            }
            throw e;
        }
    }

    private static AttributeDefinition text(final String attribute) {
        return AttributeDefinition.builder()
                .attributeName(attribute)
                .attributeType(ScalarAttributeType.S)
                .build();
    }

    private static KeySchemaElement key(final String attribute, final KeyType type) {
        return KeySchemaElement.builder().attributeName(attribute).keyType(type).build();
    }
}
