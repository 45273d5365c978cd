package io.ringledger.readmodel;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/** What the query side measures. Thread-safe. */
final class QueryMetrics {
    /** The outcome of a query that was answered. */
    static final String OK = "ok";

    /** The route of a request that has none. */
    static final String NO_ROUTE = "none";

    private final MeterRegistry registry;
    private final Map<Key, Timer> timers = new ConcurrentHashMap<>();

    QueryMetrics(
            final MeterRegistry registry,
            final ReadModelSettings settings,
            final ViewDatabase database,
            final ProgressWatcher watcher) {
        this.registry = registry;
        gauge(
                "ringledger.view.pool.used",
                "queries that are on a connection",
                database,
                ViewDatabase::inUse);
        gauge(
                "ringledger.view.pool.waiting",
                "queries that wait for a connection",
                database,
                ViewDatabase::waiting);
        gauge(
                "ringledger.view.pool.max",
                "queries that may be on a connection",
                settings,
                ReadModelSettings::maxQueriesUnderWay);
        gauge(
                "ringledger.view.pool.waiting.max",
                "queries that may wait for a connection",
                settings,
                ReadModelSettings::poolQueueSize);
        gauge(
                "ringledger.after.waiters",
                "reads that wait for a position",
                watcher,
                ProgressWatcher::waiting);
        gauge(
                "ringledger.after.waiters.max",
                "reads that may wait for a position",
                settings,
                ReadModelSettings::maxAfterWaiters);
    }

    /** Counts and times one request by its route and its outcome: "ok", or a problem's code. */
    void answered(final String route, final String outcome, final long durationNs) {
        timers.computeIfAbsent(new Key(route, outcome), this::timer)
                .record(durationNs, TimeUnit.NANOSECONDS);
    }

    private Timer timer(final Key key) {
        return Timer.builder("ringledger.queries")
                .description("queries by route and outcome, from the whole request to its answer")
                .tag("route", key.route)
                .tag("outcome", key.outcome)
                .serviceLevelObjectives(
                        Duration.ofMillis(1),
                        Duration.ofMillis(5),
                        Duration.ofMillis(20),
                        Duration.ofMillis(100),
                        Duration.ofMillis(500),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(5))
                .register(registry);
    }

    private <T> void gauge(
            final String name,
            final String description,
            final T target,
            final ToDoubleFunction<T> value) {
        Gauge.builder(name, target, value)
                .description(description)
                .strongReference(true)
                .register(registry);
    }

    private record Key(String route, String outcome) {}
}
