package io.ringledger.simulation;

import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.ringledger.consumer.LogRecord;
import io.ringledger.consumer.Projection;
import io.ringledger.consumer.ProjectorMetrics;
import io.ringledger.consumer.ProjectorProcessor;
import io.ringledger.consumer.ShardLease;
import io.ringledger.consumer.ShardStatus;
import io.ringledger.consumer.StopSignal;

import software.amazon.kinesis.processor.ShardRecordProcessor;

import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/** A process of the projector: the production processor, on a simulated KCL and simulated views. */
final class SimProjector {
    private static final long FIRST_RETRY_MS = 100;
    private static final long MAX_RETRY_MS = 1_000;
    private static final long NEVER_MS = TimeUnit.DAYS.toMillis(1);

    private final World world;
    private final SimProcess process;
    private final SimViewStore views;
    private final int partitions;
    private final int maxEventsPerBatch;
    private final ShardStatus status = new ShardStatus("VIEW", "the views");
    private final ProjectorMetrics metrics;
    private final ProjectorProcessor.Pace pace;
    private final StopSignal stop;

    SimProjector(
            final World world,
            final SimProcess process,
            final SimViewStore views,
            final int partitions) {
        this.world = world;
        this.process = process;
        this.views = views;
        this.partitions = partitions;
        final SplittableRandom random = world.draws().of("projector");
        maxEventsPerBatch = 1 + random.nextInt(40);
        stop = new SimStop(world, process, random);
        // The pace of checkpoints goes by the real clock: always, or never.
        pace = new ProjectorProcessor.Pace(
                FIRST_RETRY_MS, MAX_RETRY_MS, random.nextInt(5) == 0 ? NEVER_MS : 0);
        // A registry without a back end counts nothing.
        metrics = new ProjectorMetrics(new CompositeMeterRegistry(), status, process::wallMs);
    }

    /** Begins to work. */
    void start(final SimKcl kcl) {
        kcl.start(process, this::newProcessor);
    }

    private ShardRecordProcessor newProcessor(final SimKcl.HeldShard shard) {
        final ProjectorProcessor processor = new ProjectorProcessor(
                this::newProjection, shardId -> leaseOf(shard), pace, stop, status, metrics);
        return new WatchedProcessor(processor, this::requireNoHalt);
    }

    private void requireNoHalt() {
        if (process.isAlive() && !world.isOver() && status.haltedCount() > 0) {
            world.violate("halt", process + " halts without a cause: " + status.trouble());
        }
    }

    private ProjectorProcessor.ShardProjection newProjection() {
        final Projection projection =
                new Projection(partitions, views.connect(process), maxEventsPerBatch, metrics);
        process.onBurial(projection::close);
        return new ProjectorProcessor.ShardProjection() {
            @Override
            public void project(final List<LogRecord> records) {
                projection.project(records);
            }

            @Override
            public void close() {
                projection.close();
            }
        };
    }

    /** The lease of a shard, as the processors of production ask for it. */
    static ShardLease leaseOf(final SimKcl.HeldShard shard) {
        return new ShardLease() {
            @Override
            public boolean isHeld() {
                return shard.isHeld();
            }

            @Override
            public void giveUp() {
                shard.giveUp();
            }
        };
    }
}
