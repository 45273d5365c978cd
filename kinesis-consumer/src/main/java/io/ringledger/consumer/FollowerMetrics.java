package io.ringledger.consumer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** The meters of the follower, all named {@code ringledger.follower.…}. Thread-safe. */
public final class FollowerMetrics {
    private static final String PREFIX = "ringledger.follower.";

    /** What is known of the last snapshot of a partition. */
    private static final class Last {
        volatile long sequence;
        volatile long bytes;
        volatile long atMs;
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
    }

    void followed(final SnapshotFollower.Followed followed) {
        final Counter counter = records.get(followed);
        if (counter != null) {
            counter.increment();
        }
    }

    /** A snapshot of a partition is stored. */
    void stored(
            final int partition,
            final long sequence,
            final long bytes,
            final long tookMs,
            final long nowMs) {
        duration.record(tookMs, TimeUnit.MILLISECONDS);
        final Last stored = last.computeIfAbsent(partition, this::register);
        stored.sequence = sequence;
        stored.bytes = bytes;
        stored.atMs = nowMs;
    }

    /** It could not be. */
    void failed() {
        failures.increment();
    }

    private Last register(final int partition) {
        final Last stored = new Last();
        final String tag = Integer.toString(partition);
        Gauge.builder(PREFIX + "snapshot.age", stored, s -> (clockMs.getAsLong() - s.atMs) / 1e3)
                .description("Since the last snapshot of the partition was stored")
                .baseUnit("seconds")
                .tag("partition", tag)
                .register(registry);
        Gauge.builder(PREFIX + "snapshot.bytes", stored, s -> s.bytes)
                .description("Of the last snapshot")
                .tag("partition", tag)
                .register(registry);
        Gauge.builder(PREFIX + "snapshot.position", stored, s -> s.sequence)
                .description("Sequence of the last event in the last snapshot")
                .tag("partition", tag)
                .register(registry);
        return stored;
    }
}
