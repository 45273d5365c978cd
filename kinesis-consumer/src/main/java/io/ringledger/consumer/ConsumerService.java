package io.ringledger.consumer;

import io.micrometer.core.instrument.MeterRegistry;
import io.ringledger.kit.Health;
import io.ringledger.kit.trace.Tracing;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.List;
import java.util.function.Consumer;

/**
 * The projector as a part of a process: a KCL worker that brings the log into the views.
 *
 * <pre>
 * 1 views     schema, number of partitions, progress rows
 * 2 stream    waits until the write side has made it
 * 3 leases    table, index and a row per shard, before KCL looks
 * 4 worker    KCL's scheduler on a thread of its own ({@link KclWorker}); its processors project
 * </pre>
 *
 * {@link #start} and {@link #close} block and are called once, from a thread that is no event loop;
 * the rest is thread-safe. Where a view halts, the process stays up, for inspection, and is not ready.
 * Where KCL dies, whoever made the service hears of it, and should end the process: another can take
 * its place.
 */
public final class ConsumerService implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ConsumerService.class);
    private static final long FIRST_RETRY_MS = 50;
    private static final int PROBE_QUEUE = 4;

    private final Vertx vertx;
    private final ConsumerContext context;
    private final StopSignal stop = new StopSignal();
    private final ShardStatus status = new ShardStatus("VIEW", "the views");
    private final ProjectorMetrics metrics;
    private final Pool probes;
    private final KclWorker worker;
    private Tracing tracing = Tracing.OFF;

    /** One that stays, not ready, where KCL dies. */
    public ConsumerService(
            final Vertx vertx, final ConsumerContext context, final MeterRegistry registry) {
        this(vertx, context, registry, cause -> {});
    }

    /**
     * @param registry where the meters go
     * @param onDeath told the cause if KCL ends by itself; on any thread, which it must not hold up
     */
    public ConsumerService(
            final Vertx vertx,
            final ConsumerContext context,
            final MeterRegistry registry,
            final Consumer<String> onDeath) {
        this.vertx = vertx;
        this.context = context;
        this.metrics = new ProjectorMetrics(registry, status, System::currentTimeMillis);
        this.probes = PgBuilder.pool()
                .connectingTo(
                        context.postgres().connecting(vertx, context.postgres().connectOptions()))
                .with(new PoolOptions().setMaxSize(1).setMaxWaitQueueSize(PROBE_QUEUE))
                .using(vertx)
                .build();
        this.worker = new KclWorker(
                "projector", context, KclWorker.Calls.WITH_RECORDS, stop, status, onDeath);
    }

    /** Traces what sampled requests bring into the views; before the start. */
    public ConsumerService traced(final Tracing with) {
        tracing = with;
        return this;
    }

    /**
     * Makes everything ready and starts the worker. Returns once KCL's thread runs; the first records
     * come a few seconds later.
     *
     * @throws IllegalStateException if something is not there in time, or is of another ledger
     */
    public void start() {
        LOG.info("projector: starting, {}", context);
        final Deadline deadline = Deadline.afterMs(context.startTimeoutMs());
        ViewSetup.prepare(context.postgres(), context.partitions(), deadline);
        worker.start(this::newProcessor, deadline);
    }

    private ProjectorProcessor newProcessor() {
        return new ProjectorProcessor(
                this::newProjection,
                worker::shardLease,
                new ProjectorProcessor.Pace(
                        FIRST_RETRY_MS, context.maxRetryMs(), context.checkpointIntervalMs()),
                stop,
                status,
                metrics);
    }

    private ProjectorProcessor.ShardProjection newProjection() {
        final PgViewStore store =
                new PgViewStore(vertx, context.postgres(), context.statementTimeoutMs());
        final Projection projection = new Projection(
                context.partitions(),
                store,
                context.maxEventsPerBatch(),
                new ProjectionTraces(metrics, tracing));
        return new ProjectorProcessor.ShardProjection() {
            @Override
            public void project(final List<LogRecord> records) {
                projection.project(records);
            }

            @Override
            public void close() {
                projection.close();
                store.close();
            }
        };
    }

    /** What runs KCL. */
    KclWorker worker() {
        return worker;
    }

    /** Null if the projector works, else why not. */
    public @Nullable String trouble() {
        return worker.trouble();
    }

    /** Adds what must be ready: KCL with every shard's views moving, and Postgres. */
    public void addReadiness(final Health health) {
        health.addReadiness("projector", () -> Future.succeededFuture(trouble()));
        health.addReadiness(
                "views", () -> probes.query("SELECT 1").execute().map(rows -> (String) null));
    }

    /** Stops cleanly: the shards are checkpointed and handed over, as far as time allows. */
    @Override
    public void close() {
        worker.close();
        probes.close();
    }
}
