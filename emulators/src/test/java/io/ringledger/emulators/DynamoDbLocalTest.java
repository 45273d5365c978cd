package io.ringledger.emulators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.CreateGlobalSecondaryIndexAction;
import software.amazon.awssdk.services.dynamodb.model.GlobalSecondaryIndexUpdate;
import software.amazon.awssdk.services.dynamodb.model.IndexStatus;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ProjectionType;
import software.amazon.awssdk.services.dynamodb.model.QueryRequest;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.TableDescription;

import java.net.ConnectException;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

class DynamoDbLocalTest {
    private static DynamoDbLocal dynamoDb;
    private static DynamoDbAsyncClient client;

    @BeforeAll
    static void start() {
        dynamoDb = DynamoDbLocal.start();
        client = LocalAws.dynamoDb(dynamoDb.endpoint());
    }

    @AfterAll
    static void close() {
        client.close();
        dynamoDb.close();
    }

    @Test
    void shouldRefuseAConditionalWriteWhoseConditionFails() {
        createTable(client, "owners");
        takeOwnership(client, "owners", "first");

        assertThatThrownBy(() -> takeOwnership(client, "owners", "second"))
                .hasCauseInstanceOf(ConditionalCheckFailedException.class);

        final Map<String, AttributeValue> item = client.getItem(b -> b.tableName("owners")
                        .key(Map.of("id", AttributeValue.fromS("p0")))
                        .consistentRead(true))
                .join()
                .item();
        assertThat(item.get("owner")).isEqualTo(AttributeValue.fromS("first"));
    }

    @Test
    void shouldAddAnIndexThatAnswersQueries() {
        createTable(client, "leases");
        takeOwnership(client, "leases", "worker-1");

        final CreateGlobalSecondaryIndexAction byOwner = CreateGlobalSecondaryIndexAction.builder()
                .indexName("byOwner")
                .keySchema(key("owner", KeyType.HASH), key("id", KeyType.RANGE))
                .projection(p -> p.projectionType(ProjectionType.KEYS_ONLY))
                .build();
        final GlobalSecondaryIndexUpdate create =
                GlobalSecondaryIndexUpdate.builder().create(byOwner).build();
        client.updateTable(b -> b.tableName("leases")
                        .attributeDefinitions(text("id"), text("owner"))
                        .globalSecondaryIndexUpdates(create))
                .join();
        Await.until("index byOwner is active", Duration.ofSeconds(10), () -> {
            final TableDescription table =
                    client.describeTable(b -> b.tableName("leases")).join().table();
            return table.hasGlobalSecondaryIndexes()
                    && table.globalSecondaryIndexes().getFirst().indexStatus()
                            == IndexStatus.ACTIVE;
        });

        final QueryRequest query = QueryRequest.builder()
                .tableName("leases")
                .indexName("byOwner")
                .keyConditionExpression("#o = :o")
                .expressionAttributeNames(Map.of("#o", "owner"))
                .expressionAttributeValues(Map.of(":o", AttributeValue.fromS("worker-1")))
                .build();
        assertThat(client.query(query).join().items())
                .extracting(item -> item.get("id"))
                .containsExactly(AttributeValue.fromS("p0"));
    }

    @Test
    void shouldShowTheSameTablesToEveryRegionAndCredential() {
        createTable(client, "shared");

        try (DynamoDbAsyncClient other = DynamoDbAsyncClient.builder()
                .endpointOverride(dynamoDb.endpoint())
                .region(Region.EU_CENTRAL_1)
                .credentialsProvider(StaticCredentialsProvider.create(
                        AwsBasicCredentials.create("someone", "else")))
                .build()) {
            assertThat(other.listTables().join().tableNames()).contains("shared");
        }
    }

    @Test
    void shouldKeepTwoApart() {
        createTable(client, "mine");

        try (DynamoDbLocal second = DynamoDbLocal.start();
                DynamoDbAsyncClient other = LocalAws.dynamoDb(second.endpoint())) {
            assertThat(other.listTables().join().tableNames()).isEmpty();
        }
        assertThat(client.listTables().join().tableNames()).contains("mine");
    }

    @Test
    void shouldNotListenAfterClose() {
        final DynamoDbLocal other = DynamoDbLocal.start();
        final URI endpoint = other.endpoint();

        other.close();
        other.close();

        assertThatThrownBy(() -> new Socket(endpoint.getHost(), endpoint.getPort()).close())
                .isInstanceOf(ConnectException.class);
    }

    @Test
    void shouldLeaveNoThreadAfterClose() {
        final Set<Thread> before = Thread.getAllStackTraces().keySet();
        final DynamoDbLocal other = DynamoDbLocal.start();
        try (DynamoDbAsyncClient otherClient = LocalAws.dynamoDb(other.endpoint())) {
            createTable(otherClient, "threads");
        }
        assertThat(ownThreads(before)).isNotEmpty();

        other.close();

        Await.until(
                "end of the threads " + ownThreads(before),
                Duration.ofSeconds(10),
                () -> ownThreads(before).isEmpty());
    }

    /** The threads started since that would keep this process alive. */
    private static List<Thread> ownThreads(final Set<Thread> before) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !before.contains(thread) && !thread.isDaemon())
                .toList();
    }

    private static void createTable(final DynamoDbAsyncClient client, final String name) {
        client.createTable(b -> b.tableName(name)
                        .attributeDefinitions(text("id"))
                        .keySchema(key("id", KeyType.HASH))
                        .billingMode(BillingMode.PAY_PER_REQUEST))
                .join();
    }

    private static AttributeDefinition text(final String name) {
        return AttributeDefinition.builder()
                .attributeName(name)
                .attributeType(ScalarAttributeType.S)
                .build();
    }

    private static KeySchemaElement key(final String name, final KeyType type) {
        return KeySchemaElement.builder().attributeName(name).keyType(type).build();
    }

    private static void takeOwnership(
            final DynamoDbAsyncClient client, final String table, final String owner) {
        client.putItem(b -> b.tableName(table)
                        .item(Map.of(
                                "id",
                                AttributeValue.fromS("p0"),
                                "owner",
                                AttributeValue.fromS(owner)))
                        .conditionExpression("attribute_not_exists(id)"))
                .join();
    }
}
