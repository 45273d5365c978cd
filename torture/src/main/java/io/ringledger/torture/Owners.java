package io.ringledger.torture;

import io.ringledger.emulators.LocalAws;

import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Who owns which partition, as the ledger's table in DynamoDB has it: owners call themselves by
 * their process id, a dash and more. Thread-safe.
 */
final class Owners implements AutoCloseable {
    private final DynamoDbAsyncClient dynamoDb;
    private final String table;

    Owners(final URI endpoint, final String table) {
        dynamoDb = LocalAws.dynamoDb(endpoint);
        this.table = table;
    }

    /** The partitions that a process owns. */
    List<Integer> ownedBy(final long pid) {
        final List<Integer> owned = new ArrayList<>();
        for (final Map<String, AttributeValue> item : dynamoDb.scan(
                        request -> request.tableName(table).consistentRead(true))
                .join()
                .items()) {
            final AttributeValue owner = item.get("owner");
            final AttributeValue partition = item.get("partition");
            if (owner != null && partition != null && owner.s().startsWith(pid + "-")) {
                owned.add(Integer.parseInt(partition.n()));
            }
        }
        return owned;
    }

    @Override
    public void close() {
        dynamoDb.close();
    }
}
