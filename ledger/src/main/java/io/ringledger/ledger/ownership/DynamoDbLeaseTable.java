package io.ringledger.ledger.ownership;

import org.jspecify.annotations.Nullable;

import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.ScanRequest;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/**
 * The leases of one stream in a DynamoDB table: an item {@code lease#<stream>#<partition>} for each
 * partition, {@code member#<stream>#<process>} for each process. Conditional writes and strongly
 * consistent reads are linearizable per item; nothing here needs more. Thread-safe.
 *
 * <p>The client may retry: every write is conditional or may be repeated. A conditional write that
 * landed and was sent again fails then, which the next look at the table clears up.
 */
public final class DynamoDbLeaseTable implements LeaseTable {
    private static final String LEASE = "lease#";
    private static final String MEMBER = "member#";
    private static final String OWNER = "owner";
    private static final String EPOCH = "epoch";
    private static final String HEARTBEAT = "heartbeat";
    private static final String SEQUENCE = "sequence";
    private static final String PARTITION = "partition";
    private static final String ADDRESS = "address";

    private static final String IS_MINE = "#owner = :owner AND #epoch = :epoch";

    private final DynamoDbAsyncClient dynamoDb;
    private final String table;
    private final String stream;
    private final AwsRequestOverrideConfiguration timeouts;

    /**
     * @param timeoutMs bounds each call, retries included
     */
    public DynamoDbLeaseTable(
            final DynamoDbAsyncClient dynamoDb,
            final String table,
            final String stream,
            final long timeoutMs) {
        this.dynamoDb = dynamoDb;
        this.table = table;
        this.stream = stream;
        timeouts = AwsRequestOverrideConfiguration.builder()
                .apiCallTimeout(Duration.ofMillis(timeoutMs))
                .apiCallAttemptTimeout(Duration.ofMillis(Math.max(1, timeoutMs / 2)))
                .build();
    }

    @Override
    public CompletionStage<Book> readAll() {
        return scan(null, new ArrayList<>(), new ArrayList<>());
    }

    private CompletableFuture<Book> scan(
            final @Nullable Map<String, AttributeValue> from,
            final List<Lease> leases,
            final List<Member> members) {
        final ScanRequest request = ScanRequest.builder()
                .tableName(table)
                .consistentRead(true)
                .exclusiveStartKey(from)
                .filterExpression("begins_with(#id, :lease) OR begins_with(#id, :member)")
                .expressionAttributeNames(Map.of("#id", LedgerTable.KEY))
                .expressionAttributeValues(Map.of(
                        ":lease", text(LEASE + stream + "#"),
                        ":member", text(MEMBER + stream + "#")))
                .overrideConfiguration(timeouts)
                .build();
        return dynamoDb.scan(request).thenCompose(page -> {
            for (final Map<String, AttributeValue> item : page.items()) {
                if (LedgerTable.text(item, LedgerTable.KEY).startsWith(LEASE)) {
                    leases.add(lease(item));
                } else {
                    members.add(member(item));
                }
            }
            return page.hasLastEvaluatedKey() && !page.lastEvaluatedKey().isEmpty()
                    ? scan(page.lastEvaluatedKey(), leases, members)
                    : CompletableFuture.completedFuture(new Book(leases, members));
        });
    }

    @Override
    public CompletionStage<@Nullable Lease> read(final int partition) {
        return dynamoDb.getItem(request -> request.tableName(table)
                        .key(Map.of(LedgerTable.KEY, text(leaseId(partition))))
                        .consistentRead(true)
                        .overrideConfiguration(timeouts))
                .thenApply(found ->
                        found.hasItem() && !found.item().isEmpty() ? lease(found.item()) : null);
    }

    @Override
    public CompletionStage<Boolean> take(final @Nullable Lease seen, final Lease mine) {
        final PutItemRequest.Builder request = PutItemRequest.builder()
                .tableName(table)
                .item(Map.of(
                        LedgerTable.KEY,
                        text(leaseId(mine.partition())),
                        PARTITION,
                        number(mine.partition()),
                        OWNER,
                        text(mine.owner()),
                        EPOCH,
                        number(mine.epoch()),
                        HEARTBEAT,
                        number(mine.heartbeat()),
                        SEQUENCE,
                        number(mine.sequence())))
                .overrideConfiguration(timeouts);
        if (seen == null) {
            request.conditionExpression("attribute_not_exists(#id)")
                    .expressionAttributeNames(Map.of("#id", LedgerTable.KEY));
        } else {
            request.conditionExpression(
                            IS_MINE + " AND #heartbeat = :heartbeat AND #sequence = :sequence")
                    .expressionAttributeNames(Map.of(
                            "#owner", OWNER,
                            "#epoch", EPOCH,
                            "#heartbeat", HEARTBEAT,
                            "#sequence", SEQUENCE))
                    .expressionAttributeValues(Map.of(
                            ":owner", text(seen.owner()),
                            ":epoch", number(seen.epoch()),
                            ":heartbeat", number(seen.heartbeat()),
                            ":sequence", number(seen.sequence())));
        }
        return whetherItHeld(dynamoDb.putItem(request.build()));
    }

    @Override
    public CompletionStage<Boolean> renew(final Lease mine) {
        return update(mine, mine.owner());
    }

    @Override
    public CompletionStage<Boolean> release(final Lease mine) {
        return update(mine, Lease.NOBODY);
    }

    private CompletionStage<Boolean> update(final Lease mine, final String owner) {
        return whetherItHeld(dynamoDb.updateItem(request -> request.tableName(table)
                .key(Map.of(LedgerTable.KEY, text(leaseId(mine.partition()))))
                .updateExpression(
                        "SET #owner = :next, #heartbeat = :heartbeat, #sequence = :sequence")
                .conditionExpression(IS_MINE)
                .expressionAttributeNames(Map.of(
                        "#owner", OWNER,
                        "#epoch", EPOCH,
                        "#heartbeat", HEARTBEAT,
                        "#sequence", SEQUENCE))
                .expressionAttributeValues(Map.of(
                        ":owner", text(mine.owner()),
                        ":epoch", number(mine.epoch()),
                        ":next", text(owner),
                        ":heartbeat", number(mine.heartbeat()),
                        ":sequence", number(mine.sequence())))
                .overrideConfiguration(timeouts)));
    }

    @Override
    public CompletionStage<?> announce(final Member member) {
        return dynamoDb.putItem(request -> request.tableName(table)
                .item(Map.of(
                        LedgerTable.KEY,
                        text(memberId(member)),
                        OWNER,
                        text(member.owner()),
                        ADDRESS,
                        text(member.address()),
                        HEARTBEAT,
                        number(member.heartbeat())))
                .overrideConfiguration(timeouts));
    }

    @Override
    public CompletionStage<?> remove(final Member member) {
        return dynamoDb.deleteItem(request -> request.tableName(table)
                .key(Map.of(LedgerTable.KEY, text(memberId(member))))
                .overrideConfiguration(timeouts));
    }

    private static CompletionStage<Boolean> whetherItHeld(final CompletableFuture<?> write) {
        return write.handle((done, failure) -> {
            if (failure == null) {
                return true;
            }
            final Throwable cause = failure.getCause() == null ? failure : failure.getCause();
            if (cause instanceof ConditionalCheckFailedException) {
                return false;
            }
            throw failure instanceof final CompletionException known
                    ? known
                    : new CompletionException(failure);
        });
    }

    private static Lease lease(final Map<String, AttributeValue> item) {
        return new Lease(
                Math.toIntExact(LedgerTable.number(item, PARTITION)),
                LedgerTable.text(item, OWNER),
                LedgerTable.number(item, EPOCH),
                LedgerTable.number(item, HEARTBEAT),
                LedgerTable.number(item, SEQUENCE));
    }

    private static Member member(final Map<String, AttributeValue> item) {
        return new Member(
                LedgerTable.text(item, OWNER),
                LedgerTable.text(item, ADDRESS),
                LedgerTable.number(item, HEARTBEAT));
    }

    private String leaseId(final int partition) {
        return LEASE + stream + "#" + partition;
    }

    private String memberId(final Member member) {
        return MEMBER + stream + "#" + member.owner();
    }

    private static AttributeValue text(final String value) {
        return AttributeValue.fromS(value);
    }

    private static AttributeValue number(final long value) {
        return AttributeValue.fromN(Long.toString(value));
    }
}
