package io.ringledger.consumer;

import software.amazon.awssdk.http.Protocol;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClientBuilder;
import software.amazon.kinesis.common.KinesisClientUtil;

import java.time.Duration;

/** The SDK clients of the KCL application. Thread-safe. */
final class AwsClients implements AutoCloseable {
    private static final int MAX_CONNECTIONS = 256;
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration ATTEMPT_TIMEOUT = Duration.ofSeconds(10);

    private final KinesisAsyncClient kinesis;
    private final DynamoDbAsyncClient dynamoDb;

    AwsClients(final ConsumerContext context) {
        kinesis = kinesis(context);
        dynamoDb = dynamoDb(context);
    }

    /** Over HTTP/2 as KCL wants it for fan-out, without a limit of a call: a subscription is one. */
    private static KinesisAsyncClient kinesis(final ConsumerContext context) {
        final KinesisAsyncClientBuilder builder = KinesisAsyncClient.builder();
        if (context.isHttp1()) {
            builder.httpClientBuilder(NettyNioAsyncHttpClient.builder()
                    .protocol(Protocol.HTTP1_1)
                    .maxConcurrency(MAX_CONNECTIONS)
                    .connectionTimeout(CONNECT_TIMEOUT));
        } else {
            KinesisClientUtil.adjustKinesisClientBuilder(builder);
        }
        if (context.kinesisEndpoint() != null) {
            builder.endpointOverride(context.kinesisEndpoint());
        }
        return builder.build();
    }

    private static DynamoDbAsyncClient dynamoDb(final ConsumerContext context) {
        return DynamoDbAsyncClient.builder()
                .httpClientBuilder(NettyNioAsyncHttpClient.builder()
                        .protocol(Protocol.HTTP1_1)
                        .maxConcurrency(MAX_CONNECTIONS)
                        .connectionTimeout(CONNECT_TIMEOUT))
                .overrideConfiguration(
                        o -> o.apiCallTimeout(CALL_TIMEOUT).apiCallAttemptTimeout(ATTEMPT_TIMEOUT))
                .applyMutation(builder -> {
                    if (context.dynamoDbEndpoint() != null) {
                        builder.endpointOverride(context.dynamoDbEndpoint());
                    }
                })
                .build();
    }

    KinesisAsyncClient kinesis() {
        return kinesis;
    }

    DynamoDbAsyncClient dynamoDb() {
        return dynamoDb;
    }

    @Override
    public void close() {
        kinesis.close();
        dynamoDb.close();
    }
}
