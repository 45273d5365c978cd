package io.ringledger.ledger.log;

import org.jspecify.annotations.Nullable;

import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.core.client.config.SdkAdvancedAsyncClientOption;
import software.amazon.awssdk.http.Protocol;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

import java.net.URI;
import java.time.Duration;

/** Makes the Kinesis client of the write side, with every option that matters set here. */
public final class KinesisClients {
    private static final int MAX_CONNECTIONS = 64;
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);

    private KinesisClients() {}

    /**
     * A client whose retries are off: the appender resends the same bytes itself, one at a time.
     * HTTP/1.1, because an append is one request at a time and a stuck connection then holds up
     * nothing else.
     *
     * @param endpoint another address than AWS's, or null
     * @param callTimeout after which the outcome of a call is unknown, where the call itself does not
     *     say otherwise
     */
    public static KinesisAsyncClient create(
            final @Nullable URI endpoint, final Duration callTimeout) {
        final ClientOverrideConfiguration override = ClientOverrideConfiguration.builder()
                .retryStrategy(DefaultRetryStrategy.doNotRetry())
                .apiCallTimeout(callTimeout)
                .apiCallAttemptTimeout(callTimeout)
                .build();
        return KinesisAsyncClient.builder()
                .region(AwsRegion.require())
                .httpClientBuilder(NettyNioAsyncHttpClient.builder()
                        .protocol(Protocol.HTTP1_1)
                        .maxConcurrency(MAX_CONNECTIONS)
                        .connectionTimeout(CONNECT_TIMEOUT)
                        .connectionAcquisitionTimeout(callTimeout)
                        .readTimeout(callTimeout)
                        .writeTimeout(callTimeout))
                .overrideConfiguration(override)
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
