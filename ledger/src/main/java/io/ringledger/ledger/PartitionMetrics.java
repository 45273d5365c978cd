package io.ringledger.ledger;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Timer;
import io.ringledger.ledger.partition.Partition;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** The meters of one partition's write side. Thread-safe. */
final class PartitionMetrics {
    private final Counter events;
    private final Counter replies;
    private final Counter retries;
    private final DistributionSummary frameEvents;
    private final DistributionSummary recordBytes;
    private final Timer appends;
    private final Timer recoveries;
    private final AtomicLong epoch = new AtomicLong();
    private final AtomicLong clockAheadMs = new AtomicLong();
    private final List<Tag> tags;

    PartitionMetrics(
            final MeterRegistry registry,
            final int partition,
            final Partitions partitions,
            final int ringSize) {
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
        watch(registry, partition, partitions, ringSize);
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
        Gauge.builder("ringledger.partition.clock.ahead", clockAheadMs, ms -> ms.get() / 1e3)
                .description("at the last recovery: the clock less the time of the last event")
                .baseUnit("seconds")
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

    void frame(final int eventCount, final int replyCount, final int bytes, final long appendNs) {
        events.increment(eventCount);
        replies.increment(replyCount);
        frameEvents.record(eventCount);
        recordBytes.record(bytes);
        appends.record(appendNs, TimeUnit.NANOSECONDS);
    }

    void retry() {
        retries.increment();
    }
}
