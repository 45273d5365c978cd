package io.ringledger.ledger;

import io.micrometer.core.instrument.MeterRegistry;
import io.ringledger.ledger.log.PartitionLog;
import io.ringledger.ledger.ownership.LeaseKeeper;
import io.ringledger.ledger.ownership.Ownership;
import io.ringledger.ledger.partition.Partition;
import io.ringledger.ledger.partition.PartitionContext;
import io.ringledger.ledger.partition.PartitionListener;
import io.ringledger.ledger.partition.PartitionRecovery;
import io.ringledger.ledger.partition.RecoveredPartition;
import io.ringledger.ledger.partition.SnapshotSource;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;

/**
 * Brings the partitions of this process up and down as their leases come and go: each has a thread
 * of its own from its recovery on. Thread-safe.
 */
final class PartitionHost implements LeaseKeeper.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(PartitionHost.class);
    private static final long DRAIN_TIMEOUT_MS = 5_000;

    private final PartitionContext context;
    private final IntFunction<PartitionLog> logs;
    private final SnapshotSource snapshots;
    private final Partitions partitions;
    private final Consumer<Throwable> onFatal;
    private final LongSupplier epochMs;
    private final SteadyClock processClock;
    private final Map<Integer, Tenure> tenures = new ConcurrentHashMap<>();
    private final List<PartitionMetrics> metrics;
    private volatile @Nullable LeaseKeeper keeper;

    PartitionHost(
            final PartitionContext context,
            final IntFunction<PartitionLog> logs,
            final SnapshotSource snapshots,
            final MeterRegistry registry,
            final Partitions partitions,
            final LongSupplier epochMs,
            final Consumer<Throwable> onFatal) {
        this.context = context;
        this.logs = logs;
        this.snapshots = snapshots;
        this.partitions = partitions;
        this.epochMs = epochMs;
        this.onFatal = onFatal;
        processClock = new SteadyClock(epochMs, System::nanoTime);
        metrics = IntStream.range(0, context.partitions())
                .mapToObj(number -> new PartitionMetrics(
                        registry, number, partitions, context, () -> leaseLeftSeconds(number)))
                .toList();
    }

    /** Must be called before the keeper starts. */
    void setKeeper(final LeaseKeeper keeper) {
        this.keeper = keeper;
    }

    /** Why a partition takes no commands here, in words without internals. */
    String explain(final int number) {
        final LeaseKeeper set = keeper;
        if (set != null && set.isTableAway()) {
            return "the lease table (DynamoDB) does not answer";
        }
        final Tenure tenure = tenures.get(number);
        if (tenure == null) {
            return "waiting for its lease";
        }
        final String trouble = tenure.recovery.trouble();
        return trouble == null ? "recovering" : "recovering: " + trouble;
    }

    @Override
    public void onAcquired(final int number, final Ownership ownership) {
        final Tenure tenure = new Tenure(number, ownership);
        tenures.put(number, tenure);
        tenure.begin();
    }

    @Override
    public void onLost(final int number) {
        metricsOf(number).lost();
        final Tenure tenure = tenures.remove(number);
        if (tenure != null) {
            tenure.abandon();
        }
    }

    @Override
    public void onGiveUp(final int number) {
        Thread.ofVirtual().name("give-up-" + number).start(() -> {
            try {
                giveBack(number);
            } catch (final InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (final RuntimeException e) {
                onFatal.accept(e);
            }
        });
    }

    @Override
    public void onFailure(final Throwable cause) {
        LOG.error("the leases cannot be kept, this process stops", cause);
        onFatal.accept(cause);
    }

    /** Closes every partition, side by side, and gives back the leases of those that are drained. */
    void close() throws InterruptedException {
        keeper().stopTaking().toCompletableFuture().join();
        final List<Callable<Void>> closings = new ArrayList<>();
        for (final int number : List.copyOf(tenures.keySet())) {
            closings.add(() -> {
                giveBack(number);
                return null;
            });
        }
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            executor.invokeAll(closings);
        }
    }

    private void giveBack(final int number) throws InterruptedException {
        final Tenure tenure = tenures.remove(number);
        if (tenure == null) {
            return;
        }
        if (tenure.drain()) {
            keeper().release(tenure.ownership).toCompletableFuture().join();
        } else {
            keeper().drop(tenure.ownership);
        }
    }

    /** The time of day by the clock of this process, without jumps since it started. */
    private long processMs() {
        synchronized (processClock) {
            return processClock.getAsLong();
        }
    }

    private LeaseKeeper keeper() {
        final LeaseKeeper set = keeper;
        if (set == null) {
            throw new IllegalStateException("no keeper was set");
        }
        return set;
    }

    private PartitionMetrics metricsOf(final int number) {
        return metrics.get(number);
    }

    private double leaseLeftSeconds(final int number) {
        final LeaseKeeper set = keeper;
        return set == null ? Double.NaN : set.leaseLeftSeconds(number);
    }

    /** One ownership of one partition, from its recovery to its end. */
    private final class Tenure implements PartitionListener {
        private final int number;
        private final Ownership ownership;
        private final PartitionLog log;
        private final ScheduledExecutorService executor;
        private final PartitionRecovery recovery;
        private @Nullable Partition partition;
        private boolean hasEnded;

        /** The process's: one that was set since it started is not followed. */
        private final SteadyClock clock = new SteadyClock(epochMs, System::nanoTime, processMs());

        Tenure(final int number, final Ownership ownership) {
            this.number = number;
            this.ownership = ownership;
            log = logs.apply(number);
            executor = Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().name("appender-" + number).factory());
            recovery = new PartitionRecovery(
                    number,
                    context,
                    log,
                    snapshots,
                    ownership,
                    executor,
                    System::nanoTime,
                    () -> ThreadLocalRandom.current().nextLong());
        }

        void begin() {
            final long startNs = System.nanoTime();
            final long startMs = clock.getAsLong();
            recovery.start().whenComplete((recovered, failure) -> {
                if (failure == null) {
                    serveOrStop(recovered, startMs, System.nanoTime() - startNs);
                } else if (failure instanceof CancellationException) {
                    LOG.info("partition {}: {}", number, failure.getMessage());
                } else {
                    onFatal(number, failure);
                }
            });
        }

        private void serveOrStop(
                final RecoveredPartition recovered, final long startMs, final long tookNs) {
            try {
                ClockCheck.requireNotAheadOfLog(number, startMs, recovered.markerArrivedMs());
            } catch (final IllegalStateException e) {
                // Nothing was served: whoever is right has it back at once, not after a lease time.
                keeper().release(ownership).whenComplete((done, failure) -> onFatal(number, e));
                return;
            }
            try {
                final long aheadMs =
                        ClockCheck.aheadMs(number, epochMs.getAsLong(), recovered.model());
                metricsOf(number).recovered(tookNs, ownership.epoch(), aheadMs);
                serve(recovered);
            } catch (final RuntimeException | Error e) {
                onFatal(number, e);
            }
        }

        private synchronized void serve(final RecoveredPartition recovered) {
            if (hasEnded) {
                return;
            }
            // For the next owner, even if this one writes nothing.
            ownership.appended(recovered.chain().sequence());
            metricsOf(number).reached(recovered.chain().sequence());
            final Partition started =
                    Partition.start(context, recovered, log, ownership, executor, clock, this);
            partition = started;
            partitions.set(number, started);
        }

        /** Ends it at once; whoever waits for an outcome is told that it is unknown. */
        synchronized void abandon() {
            hasEnded = true;
            recovery.cancel();
            final Partition serving = partition;
            if (serving == null) {
                executor.shutdown();
            } else {
                partitions.remove(number, serving);
                serving.abandon();
            }
        }

        /**
         * Ends it once everything that it took is durable.
         *
         * @return whether it is: then the next owner need not wait
         */
        boolean drain() throws InterruptedException {
            final Partition serving;
            synchronized (this) {
                hasEnded = true;
                recovery.cancel();
                serving = partition;
            }
            if (serving == null) {
                executor.shutdown();
                return true;
            }
            final boolean isDrained = serving.close(DRAIN_TIMEOUT_MS);
            partitions.remove(number, serving);
            return isDrained;
        }

        @Override
        public void onFrame(
                final int partitionNumber,
                final int events,
                final int replies,
                final int recordBytes,
                final long appendNs) {
            metricsOf(number).frame(events, replies, recordBytes, appendNs);
        }

        @Override
        public void onRetry(final int partitionNumber, final Throwable cause) {
            metricsOf(number).retry();
        }

        @Override
        public void onOwnershipLost(final int partitionNumber) {
            // The keeper hears of it from the ownership itself, and ends this tenure.
            LOG.warn("partition {}: ownership lost, epoch={}", number, ownership.epoch());
        }

        @Override
        public void onFatal(final int partitionNumber, final Throwable cause) {
            LOG.error("partition {} has stopped, and with it this process", number, cause);
            onFatal.accept(cause);
        }
    }
}
