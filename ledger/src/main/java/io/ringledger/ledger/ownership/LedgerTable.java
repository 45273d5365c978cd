package io.ringledger.ledger.ownership;

import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkServiceException;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ResourceInUseException;
import software.amazon.awssdk.services.dynamodb.model.ResourceNotFoundException;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;

import java.util.Map;
import java.util.concurrent.CompletionException;

/**
 * The table that says what a ledger is and who owns it: one item for the ledger, and the items of
 * {@link DynamoDbLeaseTable}. Thread-safe.
 */
public final class LedgerTable {
    static final String KEY = "id";

    private LedgerTable() {}

    /** Creates the table if it is not there; on AWS the deployment does that instead. */
    public static void createIfMissing(final DynamoDbAsyncClient dynamoDb, final String table) {
        try {
            dynamoDb.createTable(request -> request.tableName(table)
                            .billingMode(BillingMode.PAY_PER_REQUEST)
                            .attributeDefinitions(AttributeDefinition.builder()
                                    .attributeName(KEY)
                                    .attributeType(ScalarAttributeType.S)
                                    .build())
                            .keySchema(KeySchemaElement.builder()
                                    .attributeName(KEY)
                                    .keyType(KeyType.HASH)
                                    .build()))
                    .join();
        } catch (final CompletionException e) {
            if (!(e.getCause() instanceof ResourceInUseException)) {
                throw e;
            }
        }
        dynamoDb.waiter()
                .waitUntilTableExists(request -> request.tableName(table))
                .join();
    }

    /**
     * Fixes the number of partitions and the idempotency window when the ledger is created, and
     * refuses others after that: another number would send accounts to other partitions, another
     * window would decide the past differently.
     *
     * @throws IllegalStateException if the ledger has other values, or the table is missing
     */
    public static void requireLedger(
            final DynamoDbAsyncClient dynamoDb,
            final String table,
            final String stream,
            final int partitions,
            final long idempotencyWindowMs) {
        final AttributeValue count = AttributeValue.fromN(Integer.toString(partitions));
        final AttributeValue window = AttributeValue.fromN(Long.toString(idempotencyWindowMs));
        try {
            dynamoDb.putItem(request -> request.tableName(table)
                            .item(Map.of(
                                    KEY,
                                    AttributeValue.fromS("ledger#" + stream),
                                    "partitions",
                                    count,
                                    "idempotencyWindowMs",
                                    window))
                            .conditionExpression("attribute_not_exists(#id) OR (#partitions ="
                                    + " :partitions AND idempotencyWindowMs = :window)")
                            .expressionAttributeNames(
                                    Map.of("#id", KEY, "#partitions", "partitions"))
                            .expressionAttributeValues(
                                    Map.of(":partitions", count, ":window", window)))
                    .join();
        } catch (final CompletionException e) {
            if (e.getCause() instanceof ConditionalCheckFailedException) {
                throw new IllegalStateException(
                        "the ledger of stream '" + stream + "' was not created with "
                                + partitions + " partitions and an idempotency window of "
                                + idempotencyWindowMs + " ms: both are fixed for ever, set"
                                + " RINGLEDGER_PARTITIONS and RINGLEDGER_IDEMPOTENCY_WINDOW_MS to"
                                + " what they were (item 'ledger#" + stream + "' of table '"
                                + table + "')",
                        e.getCause());
            }
            if (e.getCause() instanceof ResourceNotFoundException) {
                throw new IllegalStateException(
                        "there is no table '" + table
                                + "': create it, or set RINGLEDGER_LEDGER_TABLE to the right name",
                        e.getCause());
            }
            throw e;
        }
    }

    /**
     * True if a failure says that DynamoDB cannot be reached or used for now, so that it is worth
     * another try; false if it has answered and refuses.
     */
    public static boolean isAway(final CompletionException failure) {
        return failure.getCause() instanceof SdkClientException
                || (failure.getCause() instanceof final SdkServiceException answered
                        && (answered.statusCode() >= 500 || answered.isThrottlingException()));
    }

    static String text(final Map<String, AttributeValue> item, final String name) {
        final AttributeValue value = item.get(name);
        if (value == null || value.s() == null) {
            throw new IllegalStateException("item has no text '" + name + "': " + item.keySet());
        }
        return value.s();
    }

    static long number(final Map<String, AttributeValue> item, final String name) {
        final AttributeValue value = item.get(name);
        if (value == null || value.n() == null) {
            throw new IllegalStateException("item has no number '" + name + "': " + item.keySet());
        }
        return Long.parseLong(value.n());
    }
}
