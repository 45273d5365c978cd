package io.ringledger.consumer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** The meters of the follower, all named {@code ringledger.follower.…}. Thread-safe. */
public final class FollowerMetrics {
    private static final String PREFIX = "ringledger.follower.";

    /** What is known of the last snapshot of a partition, while this worker has its shard. */
    private static final class Last {
        private final List<Meter> meters = new ArrayList<>();
        private volatile String shardId = "";
        private volatile long sequence;
        private volatile double bytes = Double.NaN;
        private volatile long atMs;
    }

    private final MeterRegistry registry;
    private final LongSupplier clockMs;
    private final Timer duration;
    private final Counter failures;
    private final Map<SnapshotFollower.Followed, Counter> records =
            new EnumMap<>(SnapshotFollower.Followed.class);
    private final Map<Integer, Last> last = new ConcurrentHashMap<>();

    /**
     * @param clockMs monotonic, the one that the times of snapshots are given in
     */
    public FollowerMetrics(
            final MeterRegistry registry, final ShardStatus status, final LongSupplier clockMs) {
        this.registry = registry;
        this.clockMs = clockMs;
        duration = Timer.builder(PREFIX + "snapshot.duration")
                .description("From the state hash to a snapshot that was stored and read back")
                .publishPercentiles(0.5, 0.99)
                .register(registry);
        failures = Counter.builder(PREFIX + "snapshot.failures")
                .description("Snapshots that could not be stored; they are tried again")
                .register(registry);
        for (final SnapshotFollower.Followed followed : SnapshotFollower.Followed.values()) {
            records.put(
                    followed,
                    Counter.builder(PREFIX + "records")
                            .description("Records of the log, by what became of them")
                            .tag("became", followed.name().toLowerCase(java.util.Locale.ROOT))
                            .register(registry));
        }
        Gauge.builder(PREFIX + "shards", status, ShardStatus::shardCount)
                .description("Shards that this worker follows")
                .register(registry);
        Gauge.builder(PREFIX + "halted", status, ShardStatus::haltedCount)
                .description("Shards that halted on a contradiction: 0, or somebody must look")
                .register(registry);
        Gauge.builder(PREFIX + "behind", status, ShardStatus::behindSeconds)
                .description("How far the reader is from the end of its shards, the furthest")
                .baseUnit("seconds")
                .register(registry);
        Gauge.builder(PREFIX + "retention", status, ShardStatus::retentionSeconds)
                .description("How long the stream keeps a record, as of this worker's start")
                .baseUnit("seconds")
                .register(registry);
    }

    void followed(final SnapshotFollower.Followed followed) {
        final Counter counter = records.get(followed);
        if (counter != null) {
            counter.increment();
        }
    }

    /**
     * A partition is followed from now on, as part of this shard.
     *
     * @param sequence of the last event in its newest stored snapshot, 0 if there is none
     */
    void began(final String shardId, final int partition, final long sequence, final long nowMs) {
        final Last begun = new Last();
        begun.shardId = shardId;
        begun.sequence = sequence;
        begun.atMs = nowMs;
        final Last before = last.put(partition, begun);
        if (before != null) {
            before.meters.forEach(registry::remove);
        }
        register(partition, begun);
    }

    /** The shard is another worker's now: what it says of its snapshots counts, not this one. */
    void ended(final String shardId) {
        last.values().removeIf(known -> {
            final boolean isOfShard = known.shardId.equals(shardId);
            if (isOfShard) {
                known.meters.forEach(registry::remove);
            }
            return isOfShard;
        });
    }

    /** A snapshot of a partition is stored. */
    void stored(
            final int partition,
            final long sequence,
            final long bytes,
            final long tookMs,
            final long nowMs) {
        duration.record(tookMs, TimeUnit.MILLISECONDS);
        final Last stored = last.get(partition);
        if (stored != null) {
            stored.sequence = sequence;
            stored.bytes = bytes;
            stored.atMs = nowMs;
        }
    }

    /** It could not be. */
    void failed() {
        failures.increment();
    }

    private void register(final int partition, final Last known) {
        final String tag = Integer.toString(partition);
        known.meters.add(Gauge.builder(
                        PREFIX + "snapshot.age", known, s -> (clockMs.getAsLong() - s.atMs) / 1e3)
                .description("Since this worker stored a snapshot of the partition, or began"
                        + " to follow it")
                .baseUnit("seconds")
                .tag("partition", tag)
                .register(registry));
        known.meters.add(Gauge.builder(PREFIX + "snapshot.bytes", known, s -> s.bytes)
                .description("Of the last snapshot; NaN before the first")
                .tag("partition", tag)
                .register(registry));
        known.meters.add(Gauge.builder(PREFIX + "snapshot.position", known, s -> s.sequence)
                .description("Sequence of the last event in the newest stored snapshot")
                .tag("partition", tag)
                .register(registry));
    }
}
