package io.ringledger.ledger;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Timer;
import io.ringledger.ledger.partition.Partition;
import io.ringledger.ledger.partition.PartitionContext;
import io.ringledger.model.ModelContext;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.DoubleSupplier;

/** The meters of one partition's write side. Thread-safe. */
final class PartitionMetrics {
    private final Counter events;
    private final Counter replies;
    private final Counter retries;
    private final Counter lostLeases;
    private final DistributionSummary frameEvents;
    private final DistributionSummary recordBytes;
    private final Timer appends;
    private final Timer recoveries;
    private final AtomicLong epoch = new AtomicLong();
    private final AtomicLong appendedPosition = new AtomicLong();
    private final AtomicLong clockAheadMs = new AtomicLong();
    private final List<Tag> tags;

    /**
     * Registers the meters, so that what has not happened yet counts 0 instead of being missing.
     *
     * @param leaseLeftSeconds how long the lease still lasts, NaN where there is none
     */
    PartitionMetrics(
            final MeterRegistry registry,
            final int partition,
            final Partitions partitions,
            final PartitionContext context,
            final DoubleSupplier leaseLeftSeconds) {
        tags = List.of(Tag.of("partition", Integer.toString(partition)));
        events = Counter.builder("ringledger.events.appended")
                .description("events in the log")
                .tags(tags)
                .register(registry);
        replies = Counter.builder("ringledger.outcomes.durable")
                .description("outcomes that could be answered, replays included")
                .tags(tags)
                .register(registry);
        retries = Counter.builder("ringledger.append.retries")
                .description("appends that were sent again")
                .tags(tags)
                .register(registry);
        lostLeases = Counter.builder("ringledger.leases.lost")
                .description("leases that another process has taken, not those given back")
                .tags(tags)
                .register(registry);
        frameEvents = DistributionSummary.builder("ringledger.frame.events")
                .description("events in a frame")
                .tags(tags)
                .register(registry);
        recordBytes = DistributionSummary.builder("ringledger.frame.record")
                .description("size of a frame's record, compressed")
                .baseUnit("bytes")
                .tags(tags)
                .register(registry);
        appends = Timer.builder("ringledger.append")
                .description("from the first try of an append to its acknowledgement")
                .tags(tags)
                .publishPercentiles(0.5, 0.99)
                .register(registry);
        recoveries = Timer.builder("ringledger.recovery")
                .description("from the lease of a partition to its first command")
                .tags(tags)
                .register(registry);
        watch(registry, partition, partitions, context.ringSize());
        watchMemory(registry, partition, partitions, context.model());
        watchOwnership(registry, partition, partitions, leaseLeftSeconds);
    }

    private void watch(
            final MeterRegistry registry,
            final int partition,
            final Partitions partitions,
            final int ringSize) {
        Gauge.builder("ringledger.ring.occupancy", partitions, all -> occupancy(all, partition))
                .description("commands in the ring, of " + ringSize)
                .tags(tags)
                .register(registry);
        Gauge.builder("ringledger.ring.size", () -> ringSize)
                .description("slots of the ring")
                .tags(tags)
                .register(registry);
        Gauge.builder("ringledger.partition.clock.ahead", clockAheadMs, ms -> ms.get() / 1e3)
                .description("at the last recovery: the clock less the time of the last event")
                .baseUnit("seconds")
                .tags(tags)
                .register(registry);
    }

    private void watchMemory(
            final MeterRegistry registry,
            final int partition,
            final Partitions partitions,
            final ModelContext limits) {
        memory(registry, "ringledger.partition.keys", limits.maxKeys(), () -> {
            final Partition serving = partitions.get(partition);
            return serving == null ? Double.NaN : serving.keyCount();
        });
        memory(registry, "ringledger.partition.accounts", limits.maxAccounts(), () -> {
            final Partition serving = partitions.get(partition);
            return serving == null ? Double.NaN : serving.accountCount();
        });
    }

    private void memory(
            final MeterRegistry registry,
            final String name,
            final int limit,
            final DoubleSupplier count) {
        Gauge.builder(name, count, DoubleSupplier::getAsDouble)
                .description("how many are in memory; NaN if not the owner")
                .strongReference(true)
                .tags(tags)
                .register(registry);
        Gauge.builder(name + ".max", () -> limit)
                .description("how many there may be")
                .tags(tags)
                .register(registry);
    }

    private void watchOwnership(
            final MeterRegistry registry,
            final int partition,
            final Partitions partitions,
            final DoubleSupplier leaseLeftSeconds) {
        Gauge.builder(
                        "ringledger.partition.served",
                        partitions,
                        all -> all.get(partition) == null ? 0 : 1)
                .description("1 if this process owns the partition and takes its commands")
                .tags(tags)
                .register(registry);
        Gauge.builder("ringledger.partition.epoch", epoch, AtomicLong::get)
                .description("epoch of the last ownership that this process had")
                .tags(tags)
                .register(registry);
        Gauge.builder("ringledger.lease.left", leaseLeftSeconds, DoubleSupplier::getAsDouble)
                .description("until another process can take the partition, if the heartbeat does"
                        + " not move again; NaN without a lease")
                .baseUnit("seconds")
                .strongReference(true)
                .tags(tags)
                .register(registry);
        // An owner that was replaced may have counted events that readers drop: only who serves it
        // says how far it has come.
        Gauge.builder(
                        "ringledger.partition.appended.position",
                        appendedPosition,
                        position -> partitions.get(partition) == null ? Double.NaN : position.get())
                .description("sequence of the last event in the log; NaN if not the owner")
                .tags(tags)
                .register(registry);
    }

    private static double occupancy(final Partitions partitions, final int number) {
        final Partition serving = partitions.get(number);
        return serving == null ? 0 : serving.ringOccupancy();
    }

    void recovered(final long recoveryNs, final long ownEpoch, final long aheadMs) {
        clockAheadMs.set(aheadMs);
        recoveries.record(recoveryNs, TimeUnit.NANOSECONDS);
        epoch.set(ownEpoch);
    }

    /** So far the log has come before this ownership's own frames. */
    void reached(final long sequence) {
        appendedPosition.set(sequence);
    }

    void frame(final int eventCount, final int replyCount, final int bytes, final long appendNs) {
        events.increment(eventCount);
        // Sequences have no gaps.
        appendedPosition.addAndGet(eventCount);
        replies.increment(replyCount);
        frameEvents.record(eventCount);
        recordBytes.record(bytes);
        appends.record(appendNs, TimeUnit.NANOSECONDS);
    }

    void retry() {
        retries.increment();
    }

    void lost() {
        lostLeases.increment();
    }
}
