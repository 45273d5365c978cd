package io.ringledger.localstack.faults;

import java.net.URI;
import java.util.List;

/**
 * A proxy in front of Kinesis and one in front of DynamoDB. Thread-safe.
 *
 * @param kinesis the one in front of Kinesis
 * @param dynamoDb the one in front of DynamoDB
 */
public record FaultProxies(FaultProxy kinesis, FaultProxy dynamoDb) implements AutoCloseable {
    /** Starts both, without rules; blocks. */
    public static FaultProxies start(final URI kinesis, final URI dynamoDb) throws Exception {
        return start(kinesis, dynamoDb, System.nanoTime());
    }

    /** The same with a seed for the rules that have a probability. */
    public static FaultProxies start(final URI kinesis, final URI dynamoDb, final long seed)
            throws Exception {
        final FaultProxy first = FaultProxy.start(kinesis, seed);
        try {
            return new FaultProxies(first, FaultProxy.start(dynamoDb, ~seed));
        } catch (final Exception e) {
            first.close();
            throw e;
        }
    }

    /** For a person: where each is scripted. */
    public List<String> addresses() {
        return List.of(
                "faults of Kinesis:  curl " + kinesis.endpoint().resolve(FaultControl.PATH),
                "faults of DynamoDB: curl " + dynamoDb.endpoint().resolve(FaultControl.PATH));
    }

    @Override
    public void close() {
        kinesis.close();
        dynamoDb.close();
    }
}
