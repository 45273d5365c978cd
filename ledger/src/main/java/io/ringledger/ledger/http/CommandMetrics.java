package io.ringledger.ledger.http;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.ringledger.kit.ProblemCode;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** What HTTP for commands counts. Thread-safe. */
final class CommandMetrics {
    // Counters of Micrometer cost several times as much as these, on every answer.
    private final Map<ProblemCode, LongAdder> problems = new EnumMap<>(ProblemCode.class);
    private final LongAdder accepted;
    private final LongAdder replayed = new LongAdder();
    private final LongAdder abandoned = new LongAdder();
    private final LongAdder forwarded = new LongAdder();
    private final Timer wait;

    CommandMetrics(
            final MeterRegistry registry,
            final Gate commands,
            final Gate batches,
            final Gate batchBytes) {
        for (final ProblemCode code : ProblemCode.values()) {
            problems.put(code, counter(registry, code.wireName()));
        }
        accepted = counter(registry, "accepted");
        FunctionCounter.builder("ringledger.http.replays", replayed, LongAdder::sum)
                .description("outcomes that were given before")
                .register(registry);
        FunctionCounter.builder("ringledger.http.abandoned", abandoned, LongAdder::sum)
                .description("outcomes whose client had gone")
                .register(registry);
        FunctionCounter.builder("ringledger.http.forwarded", forwarded, LongAdder::sum)
                .description("requests, or parts of batches, that another process answered")
                .register(registry);
        wait = Timer.builder("ringledger.http.wait")
                .description("time from publishing a command to its durable outcome")
                .serviceLevelObjectives(
                        Duration.ofMillis(5),
                        Duration.ofMillis(10),
                        Duration.ofMillis(25),
                        Duration.ofMillis(50),
                        Duration.ofMillis(100),
                        Duration.ofMillis(250),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(30))
                .register(registry);
        gauge(registry, "ringledger.http.commands.in.flight", commands);
        gauge(registry, "ringledger.http.batches.in.flight", batches);
        gauge(registry, "ringledger.http.batch.bytes", batchBytes);
    }

    void problem(final ProblemCode code) {
        final LongAdder counter = problems.get(code);
        if (counter != null) {
            counter.increment();
        }
    }

    void accepted() {
        accepted.increment();
    }

    void replayed() {
        replayed.increment();
    }

    void abandoned() {
        abandoned.increment();
    }

    void forwarded() {
        forwarded.increment();
    }

    void waited(final long durationNs) {
        wait.record(durationNs, TimeUnit.NANOSECONDS);
    }

    private static LongAdder counter(final MeterRegistry registry, final String result) {
        final LongAdder count = new LongAdder();
        FunctionCounter.builder("ringledger.http.results", count, LongAdder::sum)
                .tag("result", result)
                .description("answers to commands")
                .register(registry);
        return count;
    }

    private static void gauge(final MeterRegistry registry, final String name, final Gate gate) {
        Gauge.builder(name, gate, Gate::inside)
                .description("how many there are now")
                .register(registry);
        Gauge.builder(name + ".max", gate, Gate::limit)
                .description("how many there may be")
                .register(registry);
    }
}
