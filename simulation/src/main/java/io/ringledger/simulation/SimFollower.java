package io.ringledger.simulation;

import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.ringledger.consumer.FollowerMetrics;
import io.ringledger.consumer.FollowerProcessor;
import io.ringledger.consumer.FollowerStart;
import io.ringledger.consumer.ShardStatus;
import io.ringledger.consumer.SnapshotFollower;
import io.ringledger.consumer.StopSignal;
import io.ringledger.model.ModelContext;
import io.ringledger.snapshots.SnapshotKeeper;
import io.ringledger.snapshots.SnapshotStore;

import software.amazon.kinesis.processor.ShardRecordProcessor;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** A process of the follower: the production processor, on a simulated KCL and snapshot store. */
final class SimFollower {
    private static final int KEPT = 2;
    private static final long RETRY_MS = 200;

    private final World world;
    private final SimProcess process;
    private final ShardStatus status = new ShardStatus("SNAPSHOTS", "the store");
    private final FollowerStart start;
    private final SnapshotKeeper keeper;
    private final FollowerMetrics metrics;
    private final StopSignal stop;
    private final long checkpointIntervalMs;

    SimFollower(
            final World world,
            final SimProcess process,
            final SimLog log,
            final SimSnapshotStore snapshots,
            final int partitions,
            final Supplier<ModelContext> contexts) {
        this.world = world;
        this.process = process;
        final SplittableRandom random = world.draws().of("follower");
        final SnapshotStore store = snapshots.of(process, true);
        final SnapshotFollower.Pace pace = new SnapshotFollower.Pace(
                10 + random.nextInt(80), 2_000 + random.nextInt(7_000), RETRY_MS);
        start = new FollowerStart(
                store,
                new SimShardHistory(world, process, log, partitions),
                partitions,
                contexts,
                pace,
                this::nowMs);
        keeper = new SnapshotKeeper(store, KEPT + random.nextInt(2));
        metrics = new FollowerMetrics(new CompositeMeterRegistry(), status, this::nowMs);
        stop = new SimStop(world, process, random);
        checkpointIntervalMs = random.nextInt(3_000);
    }

    /** Begins to work. */
    void start(final SimKcl kcl) {
        kcl.start(process, this::newProcessor);
    }

    private long nowMs() {
        return TimeUnit.NANOSECONDS.toMillis(process.nanoTime());
    }

    private ShardRecordProcessor newProcessor(final SimKcl.HeldShard shard) {
        final FollowerProcessor processor = new FollowerProcessor(
                start,
                keeper,
                shardId -> SimProjector.leaseOf(shard),
                stop,
                status,
                metrics,
                this::nowMs,
                RETRY_MS,
                checkpointIntervalMs);
        return new WatchedProcessor(processor, this::requireNoHalt);
    }

    private void requireNoHalt() {
        if (process.isAlive() && !world.isOver() && status.haltedCount() > 0) {
            world.violate("halt", process + " halts without a cause: " + status.trouble());
        }
    }
}
