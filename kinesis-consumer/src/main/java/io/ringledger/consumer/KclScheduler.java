package io.ringledger.consumer;

import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.kinesis.checkpoint.CheckpointConfig;
import software.amazon.kinesis.common.InitialPositionInStream;
import software.amazon.kinesis.common.InitialPositionInStreamExtended;
import software.amazon.kinesis.common.StreamIdentifier;
import software.amazon.kinesis.coordinator.CoordinatorConfig;
import software.amazon.kinesis.coordinator.Scheduler;
import software.amazon.kinesis.coordinator.WorkerStateChangeListener;
import software.amazon.kinesis.leases.LeaseAssignmentStrategy;
import software.amazon.kinesis.leases.LeaseManagementConfig;
import software.amazon.kinesis.lifecycle.LifecycleConfig;
import software.amazon.kinesis.metrics.MetricsConfig;
import software.amazon.kinesis.metrics.NullMetricsFactory;
import software.amazon.kinesis.processor.ProcessorConfig;
import software.amazon.kinesis.processor.ShardRecordProcessorFactory;
import software.amazon.kinesis.processor.SingleStreamTracker;
import software.amazon.kinesis.retrieval.RetrievalConfig;
import software.amazon.kinesis.retrieval.RetrievalSpecificConfig;
import software.amazon.kinesis.retrieval.fanout.FanOutConfig;
import software.amazon.kinesis.retrieval.polling.PollingConfig;
import software.amazon.kinesis.retrieval.polling.SimpleRecordsFetcherFactory;

/**
 * Puts together a scheduler of KCL 3.5.1 for one worker. Every option that decides how soon a worker
 * starts, and how soon another one takes over, is set here and derived from one number: the fail-over
 * time after which a lease that was not renewed is free.
 *
 * <pre>
 * lease not renewed            after failoverMs           2,000 ms by default
 * leader's lock not renewed    after 1.5 × failoverMs     3,000 ms: then the next leader starts to watch
 * worker reported dead         after 2 × failoverMs       4,000 ms
 * leases assigned              every failoverMs / 2       1,000 ms
 * new leases noticed           every failoverMs / 4       475 ms
 * </pre>
 */
final class KclScheduler {
    private KclScheduler() {}

    /** A scheduler that is ready to run on a thread of its own. */
    static Scheduler create(
            final ConsumerContext context,
            final KinesisAsyncClient kinesis,
            final DynamoDbAsyncClient dynamoDb,
            final String workerId,
            final ShardRecordProcessorFactory processors,
            final boolean isCalledWithoutRecords,
            final WorkerStateChangeListener listener) {
        return new Scheduler(
                new CheckpointConfig(),
                coordinator(context, listener),
                leases(context, kinesis, dynamoDb, workerId),
                new LifecycleConfig().aggregatorUtil(new NoAggregation()),
                // Our own metrics say more; without this KCL sends its own to CloudWatch.
                new MetricsConfig(null, context.application())
                        .metricsFactory(new NullMetricsFactory()),
                new ProcessorConfig(processors)
                        .callProcessRecordsEvenForEmptyRecordList(isCalledWithoutRecords),
                retrieval(context, kinesis));
    }

    private static CoordinatorConfig coordinator(
            final ConsumerContext context, final WorkerStateChangeListener listener) {
        return new CoordinatorConfig(context.application())
                .skipShardSyncAtWorkerInitializationIfLeasesExist(true)
                .parentShardPollIntervalMillis(context.failoverMs())
                .shardConsumerDispatchPollIntervalMillis(200)
                .schedulerInitializationBackoffTimeMillis(500)
                // KclWorker makes a new one, which may start where this one never will.
                .maxInitializationAttempts(3)
                .workerStateChangeListener(listener);
    }

    private static LeaseManagementConfig leases(
            final ConsumerContext context,
            final KinesisAsyncClient kinesis,
            final DynamoDbAsyncClient dynamoDb,
            final String workerId) {
        final LeaseManagementConfig leases = new LeaseManagementConfig(
                        context.application(), context.application(), dynamoDb, kinesis, workerId)
                .failoverTimeMillis(context.failoverMs())
                .leaseAssignmentIntervalMillis(context.failoverMs() / 2L)
                .dynamoDbLockBasedLeaderLeaseDurationInMillis(context.failoverMs() * 3L / 2)
                .dynamoDbLockBasedLeaderHeartbeatPeriodInMillis(context.failoverMs() * 3L / 8)
                .leaseAssignmentStrategy(LeaseAssignmentStrategy.LEASE_COUNT_BASED)
                .gracefulLeaseHandoffConfig(
                        LeaseManagementConfig.GracefulLeaseHandoffConfig.builder()
                                .isGracefulLeaseHandoffEnabled(true)
                                .gracefulLeaseHandoffTimeoutMillis(context.failoverMs() * 5L)
                                .build())
                .leasesRecoveryAuditorExecutionFrequencyMillis(30_000)
                .initialPositionInStream(InitialPositionInStreamExtended.newInitialPosition(
                        InitialPositionInStream.TRIM_HORIZON));
        leases.workerUtilizationAwareAssignmentConfig()
                // Probes the metadata service of EC2, with time-outs of 5 s where there is none.
                .disableWorkerMetrics(true)
                // A worker counts as alive for twice the report interval: with the default of 30 s
                // a
                // dead worker would be given leases for a minute. The first report, after two
                // captures, is what a starting worker waits for.
                .inMemoryWorkerMetricsCaptureFrequencyMillis(200)
                .workerMetricsReporterFreqInMillis(context.failoverMs());
        return leases;
    }

    private static RetrievalConfig retrieval(
            final ConsumerContext context, final KinesisAsyncClient kinesis) {
        final SingleStreamTracker stream = new SingleStreamTracker(
                StreamIdentifier.singleStreamInstance(context.stream()),
                InitialPositionInStreamExtended.newInitialPosition(
                        InitialPositionInStream.TRIM_HORIZON));
        return new RetrievalConfig(kinesis, stream, context.application())
                .retrievalSpecificConfig(retrievalSpecific(context, kinesis));
    }

    private static RetrievalSpecificConfig retrievalSpecific(
            final ConsumerContext context, final KinesisAsyncClient kinesis) {
        if (context.retrieval() == ConsumerContext.Retrieval.FAN_OUT) {
            return new FanOutConfig(kinesis)
                    .streamName(context.stream())
                    .applicationName(context.application());
        }
        final SimpleRecordsFetcherFactory fetcher = new SimpleRecordsFetcherFactory();
        // Set on the fetcher, for PollingConfig raises it to 200 ms, which is what Kinesis allows
        // (5 reads a second and shard) but an emulator need not.
        fetcher.idleMillisBetweenCalls(context.pollIntervalMs());
        return new PollingConfig(context.stream(), kinesis)
                .maxRecords(context.maxRecordsPerRead())
                .recordsFetcherFactory(fetcher);
    }
}
