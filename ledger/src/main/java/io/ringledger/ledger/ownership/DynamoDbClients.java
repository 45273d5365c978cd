package io.ringledger.ledger.ownership;

import io.ringledger.ledger.log.AwsRegion;

import org.jspecify.annotations.Nullable;

import software.amazon.awssdk.core.client.config.SdkAdvancedAsyncClientOption;
import software.amazon.awssdk.http.Protocol;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;

import java.net.URI;
import java.time.Duration;

/** Makes the DynamoDB client of the write side, with every option that matters set here. */
public final class DynamoDbClients {
    private static final int MAX_CONNECTIONS = 16;
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration ATTEMPT_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(20);

    private DynamoDbClients() {}

    /**
     * A client that retries by itself: what it writes is conditional, so a second try of a write
     * that has landed fails instead of doing harm.
     *
     * @param endpoint another address than AWS's, or null
     */
    public static DynamoDbAsyncClient create(final @Nullable URI endpoint) {
        return DynamoDbAsyncClient.builder()
                .region(AwsRegion.require())
                .httpClientBuilder(NettyNioAsyncHttpClient.builder()
                        .protocol(Protocol.HTTP1_1)
                        .maxConcurrency(MAX_CONNECTIONS)
                        .connectionTimeout(CONNECT_TIMEOUT))
                .overrideConfiguration(override -> override.apiCallTimeout(CALL_TIMEOUT)
                        .apiCallAttemptTimeout(ATTEMPT_TIMEOUT))
                // What follows an answer hands over to the thread whose work it is: no need to pass
                // through a thread of the SDK's on the way.
                .asyncConfiguration(async -> async.advancedOption(
                        SdkAdvancedAsyncClientOption.FUTURE_COMPLETION_EXECUTOR, Runnable::run))
                .applyMutation(builder -> {
                    if (endpoint != null) {
                        builder.endpointOverride(endpoint);
                    }
                })
                .build();
    }
}
