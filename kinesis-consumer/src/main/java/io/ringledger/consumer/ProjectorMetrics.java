package io.ringledger.consumer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** The meters of the projector, all named {@code ringledger.projector.…}. Thread-safe. */
public final class ProjectorMetrics implements ProjectionListener {
    private static final String PREFIX = "ringledger.projector.";

    private final MeterRegistry registry;
    private final LongSupplier clockMs;
    private final Counter events;
    private final Counter frames;
    private final Counter misses;
    private final Counter retries;
    private final DistributionSummary batchEvents;
    private final Timer commit;
    private final Timer lag;
    private final Map<Integer, AtomicLong> positions = new ConcurrentHashMap<>();
    private final Map<Integer, Counter> duplicates = new ConcurrentHashMap<>();
    private final Map<Integer, Counter> fenced = new ConcurrentHashMap<>();

    /**
     * @param clockMs the time of day, which the lag compares with the ledger's time
     */
    public ProjectorMetrics(
            final MeterRegistry registry, final ShardStatus status, final LongSupplier clockMs) {
        this.registry = registry;
        this.clockMs = clockMs;
        events = counter("events", "Events in the views");
        frames = counter("frames", "Frames in the views");
        misses = counter("cas.misses", "Batches dropped: somebody else had moved the views");
        retries = counter("retries", "Attempts that failed because Postgres was away");
        batchEvents = DistributionSummary.builder(PREFIX + "batch.events")
                .description("Events a batch, which is one statement")
                .publishPercentiles(0.5, 0.99)
                .register(registry);
        commit = Timer.builder(PREFIX + "commit")
                .description("Time of the statement of a batch")
                .publishPercentiles(0.5, 0.99)
                .register(registry);
        lag = Timer.builder(PREFIX + "lag")
                .description("From the ledger time of a batch's oldest event to its commit")
                .publishPercentiles(0.5, 0.99)
                // The percentiles of so long, and the slowest of up to three times that.
                .distributionStatisticExpiry(Duration.ofSeconds(20))
                .register(registry);
        Gauge.builder(PREFIX + "shards", status, ShardStatus::shardCount)
                .description("Shards that this worker has")
                .register(registry);
        Gauge.builder(PREFIX + "halted", status, ShardStatus::haltedCount)
                .description(
                        "Shards whose views halted on a contradiction: 0, or somebody must look")
                .register(registry);
        Gauge.builder(PREFIX + "waiting", status, ShardStatus::waitingCount)
                .description("Shards whose views cannot be reached")
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

    private Counter counter(final String name, final String description) {
        return Counter.builder(PREFIX + name).description(description).register(registry);
    }

    @Override
    public void committed(final ViewBatch batch, final long tookNs) {
        events.increment(batch.events());
        frames.increment(batch.frames());
        batchEvents.record(batch.events());
        commit.record(tookNs, TimeUnit.NANOSECONDS);
        if (batch.frames() > 0) {
            lag.record(
                    Math.max(0, clockMs.getAsLong() - batch.oldestRecordedAtMs()),
                    TimeUnit.MILLISECONDS);
        }
        position(batch.to().partition()).set(batch.to().sequence());
    }

    @Override
    public void missed(final ViewBatch batch) {
        misses.increment();
    }

    @Override
    public void duplicate(final int partition) {
        duplicateRecords(partition).increment();
    }

    @Override
    public void fenced(final int partition) {
        fencedFrames(partition).increment();
    }

    private Counter duplicateRecords(final int partition) {
        return duplicates.computeIfAbsent(
                partition,
                p -> dropped("duplicates", "Records dropped because they had been seen", p));
    }

    private Counter fencedFrames(final int partition) {
        return fenced.computeIfAbsent(
                partition,
                p -> dropped("fenced", "Frames dropped: their owner had been replaced", p));
    }

    private Counter dropped(final String name, final String description, final int partition) {
        return Counter.builder(PREFIX + name)
                .description(description)
                .tag("partition", Integer.toString(partition))
                .register(registry);
    }

    /** Postgres was away. */
    void retried() {
        retries.increment();
    }

    private AtomicLong position(final int partition) {
        return positions.computeIfAbsent(partition, p -> {
            // From 0 on, so that the first one is seen as an increase.
            final Counter _ = duplicateRecords(p);
            final Counter _ = fencedFrames(p);
            final AtomicLong position = new AtomicLong();
            Gauge.builder(PREFIX + "position", position, AtomicLong::get)
                    .description("Sequence of the last event in the views")
                    .tag("partition", Integer.toString(p))
                    .register(registry);
            return position;
        });
    }
}
