package io.ringledger.torture;

import io.ringledger.emulators.LocalAws;

import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Who owns which partition, as the ledger's table in DynamoDB has it: owners call themselves by
 * their process id, a dash and more. Thread-safe.
 */
final class Owners implements AutoCloseable {
    private final DynamoDbAsyncClient dynamoDb;
    private final String table;
    private final int partitions;

    Owners(final URI endpoint, final String table, final int partitions) {
        dynamoDb = LocalAws.dynamoDb(endpoint);
        this.table = table;
        this.partitions = partitions;
    }

    /** The partitions that a process owns. */
    List<Integer> ownedBy(final long pid) {
        final List<Integer> owned = new ArrayList<>();
        for (final Map<String, AttributeValue> item : dynamoDb.scan(
                        request -> request.tableName(table).consistentRead(true))
                .join()
                .items()) {
            final AttributeValue owner = item.get("owner");
            if (owner == null || owner.s() == null || !owner.s().startsWith(pid + "-")) {
                continue;
            }
            final AttributeValue partition = item.get("partition");
            if (partition == null) {
                // The lock of a whole stream.
                return IntStream.range(0, partitions).boxed().toList();
            }
            owned.add(Integer.parseInt(partition.n()));
        }
        return owned;
    }

    @Override
    public void close() {
        dynamoDb.close();
    }
}
