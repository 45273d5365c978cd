package io.ringledger.consumer;

import io.micrometer.core.instrument.MeterRegistry;
import io.ringledger.kit.Health;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import software.amazon.kinesis.coordinator.Scheduler;
import software.amazon.kinesis.coordinator.WorkerStateChangeListener;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The projector as a part of a process: a KCL worker that brings the log into the views.
 *
 * <pre>
 * 1 views     schema, number of partitions, progress rows
 * 2 stream    waits until the write side has made it
 * 3 leases    table, index and a row per shard, before KCL looks
 * 4 worker    KCL's scheduler on a thread of its own; its processors project
 * </pre>
 *
 * {@link #start} and {@link #close} block and are called once, from a thread that is no event loop;
 * the rest is thread-safe. Where KCL dies or a view halts, the process stays up, for inspection, and is
 * not ready.
 */
public final class ConsumerService implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ConsumerService.class);
    private static final long FIRST_RETRY_MS = 50;
    private static final Duration RETRY = Duration.ofMillis(500);
    private static final int PROBE_QUEUE = 4;

    /** Ends of the scheduler, and what comes before. */
    private enum State {
        /** Waits for views, stream and leases, or KCL initialises. */
        STARTING,
        /** KCL runs. */
        RUNNING,
        /** KCL has ended by itself, or could not start. */
        DEAD,
        /** Asked to stop. */
        STOPPED
    }

    private final Vertx vertx;
    private final ConsumerContext context;
    private final String workerId;
    private final PgConnectOptions postgres;
    private final StopSignal stop = new StopSignal();
    private final ProjectorStatus status = new ProjectorStatus();
    private final ProjectorMetrics metrics;
    private final Pool probes;

    // Written under the lock of this object.
    private volatile State state = State.STARTING;
    private volatile @Nullable String deathCause;

    // Set by start, used by close.
    private @Nullable AwsClients aws;
    private volatile @Nullable Scheduler scheduler;
    private @Nullable Thread thread;

    /**
     * @param registry where the meters go
     */
    public ConsumerService(
            final Vertx vertx, final ConsumerContext context, final MeterRegistry registry) {
        this.vertx = vertx;
        this.context = context;
        this.workerId = context.workerId().isEmpty() ? newWorkerId() : context.workerId();
        this.postgres = context.postgres().connectOptions().setCachePreparedStatements(true);
        this.metrics = new ProjectorMetrics(registry, status, System::currentTimeMillis);
        this.probes = PgBuilder.pool()
                .connectingTo(context.postgres().connectOptions())
                .with(new PoolOptions().setMaxSize(1).setMaxWaitQueueSize(PROBE_QUEUE))
                .using(vertx)
                .build();
    }

    /**
     * Makes everything ready and starts the worker. Returns once KCL's thread runs; the first records
     * come a few seconds later.
     *
     * @throws IllegalStateException if something is not there in time, or is of another ledger
     */
    public void start() {
        LOG.info("projector {}: starting, {}", workerId, context);
        final Deadline deadline = Deadline.afterMs(context.startTimeoutMs());
        ViewSetup.prepare(context.postgres(), context.partitions(), deadline);
        final AwsClients clients = new AwsClients(context);
        aws = clients;
        final LogStream stream = new LogStream(clients.kinesis(), context.stream());
        stream.await(deadline);
        prepareLeases(clients, stream, deadline);
        final Scheduler worker = KclScheduler.create(
                context,
                clients.kinesis(),
                clients.dynamoDb(),
                workerId,
                this::newProcessor,
                new SchedulerListener());
        scheduler = worker;
        final Thread running = new Thread(() -> run(worker), "kcl-scheduler");
        thread = running;
        running.start();
        LOG.info("projector {}: KCL started, waited={} ms", workerId, deadline.elapsedMs());
    }

    /** AWS may be slow or away for a moment: only the deadline ends this. */
    private void prepareLeases(
            final AwsClients clients, final LogStream stream, final Deadline deadline) {
        final LeaseTable leases = new LeaseTable(clients.dynamoDb(), context.application());
        while (true) {
            try {
                leases.prepare(stream.shards(), deadline);
                return;
            } catch (final CompletionException e) {
                LOG.warn(
                        "lease table {}: not ready, waited={} ms: {}",
                        context.application(),
                        deadline.elapsedMs(),
                        String.valueOf(e.getCause()));
                if (!deadline.pause(RETRY)) {
                    throw e;
                }
            }
        }
    }

    private void run(final Scheduler worker) {
        try {
            worker.run();
            died("KCL's scheduler ended");
        } catch (final RuntimeException | Error e) {
            LOG.error("projector {}: KCL's scheduler died", workerId, e);
            died("KCL's scheduler died: " + e);
        }
    }

    /** The first cause stays, it led to the others. */
    private synchronized void died(final String cause) {
        if (state == State.STOPPED || state == State.DEAD) {
            return;
        }
        state = State.DEAD;
        deathCause = cause;
        LOG.error("projector {}: not projecting any more: {}", workerId, cause);
    }

    private synchronized void running() {
        if (state == State.STARTING) {
            state = State.RUNNING;
        }
    }

    private synchronized State stopped() {
        final State before = state;
        state = State.STOPPED;
        return before;
    }

    private ProjectorProcessor newProcessor() {
        return new ProjectorProcessor(
                this::newProjection,
                this::shardLease,
                new ProjectorProcessor.Pace(
                        FIRST_RETRY_MS, context.maxRetryMs(), context.checkpointIntervalMs()),
                stop,
                status,
                metrics);
    }

    private ProjectorProcessor.ShardProjection newProjection() {
        final PgViewStore store = new PgViewStore(vertx, postgres, context.statementTimeoutMs());
        final Projection projection =
                new Projection(context.partitions(), store, context.maxEventsPerBatch(), metrics);
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

    private ShardLease shardLease(final String shardId) {
        final Scheduler worker = scheduler;
        if (worker == null) {
            throw new IllegalStateException("no scheduler: shardId=" + shardId);
        }
        return ShardLease.of(worker.leaseCoordinator(), shardId);
    }

    /** Null if the projector works, else why not. */
    public @Nullable String trouble() {
        return switch (state) {
            case STARTING -> "starting";
            case DEAD -> "not projecting any more: " + deathCause;
            case STOPPED -> "stopped";
            case RUNNING -> status.trouble();
        };
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
        final Deadline deadline = Deadline.afterMs(context.stopTimeoutMs());
        final State before = stopped();
        if (before == State.STOPPED) {
            return;
        }
        // Whatever waits for Postgres now gives up: its records come again.
        stop.raise();
        final Scheduler worker = scheduler;
        final Thread running = thread;
        if (worker != null && running != null && running.isAlive()) {
            stopWorker(worker, running, before, deadline);
        }
        probes.close();
        if (aws != null) {
            aws.close();
        }
        LOG.info("projector {}: stopped in {} ms", workerId, deadline.elapsedMs());
    }

    private void stopWorker(
            final Scheduler worker,
            final Thread running,
            final State before,
            final Deadline deadline) {
        try {
            if (before == State.RUNNING) {
                worker.startGracefulShutdown()
                        .get(deadline.leftMs() * 3 / 4, TimeUnit.MILLISECONDS);
            } else {
                worker.shutdown();
            }
            running.join(Math.max(1, deadline.leftMs()));
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (final ExecutionException | TimeoutException e) {
            LOG.warn("projector {}: no graceful stop in time: {}", workerId, e.toString());
            worker.shutdown();
            running.interrupt();
        }
    }

    private static String newWorkerId() {
        String host;
        try {
            host = InetAddress.getLocalHost().getHostName();
        } catch (final UnknownHostException e) {
            host = "worker";
        }
        return host + "-" + ProcessHandle.current().pid() + "-"
                + UUID.randomUUID().toString().substring(0, 8);
    }

    /** Learns whether KCL could start. */
    private final class SchedulerListener implements WorkerStateChangeListener {
        @Override
        public void onWorkerStateChange(final WorkerState newState) {
            LOG.info("projector {}: KCL is {}", workerId, newState);
            if (newState == WorkerState.STARTED) {
                running();
            }
        }

        @Override
        public void onAllInitializationAttemptsFailed(final Throwable e) {
            died("KCL could not start: " + e);
        }
    }
}
