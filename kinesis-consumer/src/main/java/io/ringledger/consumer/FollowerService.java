package io.ringledger.consumer;

import io.micrometer.core.instrument.MeterRegistry;
import io.ringledger.kit.Health;
import io.ringledger.model.ModelContext;
import io.ringledger.snapshots.SnapshotKeeper;
import io.ringledger.snapshots.SnapshotStore;
import io.vertx.core.Future;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.security.SecureRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The follower as a part of a process: a KCL worker that folds the log into models and stores
 * snapshots of them (design D8).
 *
 * <p>{@link #start} and {@link #close} block and are called once, from a thread that is no event loop;
 * the rest is thread-safe.
 */
public final class FollowerService implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FollowerService.class);

    private final FollowerContext context;
    private final StopSignal stop = new StopSignal();
    private final ShardStatus status = new ShardStatus("FOLLOWER", "the snapshots or the log");
    private final FollowerMetrics metrics;
    private final KclWorker worker;
    private final SecureRandom random = new SecureRandom();
    private @Nullable SnapshotStore store;

    /** One that stays, not ready, where KCL dies. */
    public FollowerService(final FollowerContext context, final MeterRegistry registry) {
        this(context, registry, cause -> {});
    }

    /**
     * @param registry where the meters go
     * @param onDeath told the cause if KCL ends by itself; on any thread, which it must not hold up
     */
    public FollowerService(
            final FollowerContext context,
            final MeterRegistry registry,
            final Consumer<String> onDeath) {
        this.context = context;
        this.metrics = new FollowerMetrics(registry, status, FollowerService::nowMs);
        this.worker = new KclWorker(
                "follower", context.kcl(), KclWorker.Calls.ALWAYS, stop, status, onDeath);
    }

    /**
     * Makes everything ready and starts the worker. Returns once KCL's thread runs.
     *
     * @throws IllegalStateException if something is not there in time
     * @throws io.ringledger.snapshots.SnapshotStoreException if the store's folder cannot be made
     */
    public void start() {
        LOG.info("follower: starting, {}", context);
        final SnapshotStore open = context.snapshots().open();
        store = open;
        final ConsumerContext kcl = context.kcl();
        final FollowerStart starter = new FollowerStart(
                open,
                new KinesisShardHistory(
                        worker.clients().kinesis(), kcl.stream(), kcl.partitions(), stop),
                kcl.partitions(),
                this::modelContext,
                context.pace(),
                FollowerService::nowMs);
        final SnapshotKeeper keeper = new SnapshotKeeper(open, context.kept());
        worker.start(
                () -> new FollowerProcessor(
                        starter,
                        keeper,
                        worker::shardLease,
                        stop,
                        status,
                        metrics,
                        FollowerService::nowMs,
                        context.pace().retryMs(),
                        kcl.checkpointIntervalMs()),
                Deadline.afterMs(kcl.startTimeoutMs()));
    }

    /** Without limits: a state that the ledger could make must be followed. */
    private ModelContext modelContext() {
        return new ModelContext(
                context.idempotencyWindowMs(),
                1_024,
                Integer.MAX_VALUE,
                1_024,
                Integer.MAX_VALUE,
                random.nextLong(),
                random.nextLong());
    }

    /** Null if the follower works, else why not; a snapshot that has to wait is no trouble. */
    public @Nullable String trouble() {
        return worker.trouble();
    }

    /** Adds what must be ready: KCL with every shard followed. */
    public void addReadiness(final Health health) {
        health.addReadiness("follower", () -> Future.succeededFuture(trouble()));
    }

    /** Stops cleanly: the shards are handed over, as far as time allows. */
    @Override
    public void close() {
        worker.close();
        if (store != null) {
            store.close();
        }
    }

    private static long nowMs() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }
}
