package io.ringledger.kit.trace;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * The way of ended spans to the collector: a bounded number waits for a thread of its own, which
 * sends them in batches. What finds no room, and what the collector does not take, is dropped and
 * counted: whoever ends a span never waits. Thread-safe.
 */
final class SpanExport implements SpanProcessor {
    private static final Logger LOG = LoggerFactory.getLogger(SpanExport.class);
    private static final int BATCH_SPANS = 512;
    private static final Duration DELAY = Duration.ofSeconds(1);
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    /** A collector that is away is told of so often. */
    private static final long WARN_INTERVAL_NS = TimeUnit.MINUTES.toNanos(1);

    private final int capacity;
    private final String endpoint;
    private final BatchSpanProcessor batches;
    private final AtomicInteger waiting = new AtomicInteger();
    private final LongAdder exported = new LongAdder();
    private final LongAdder droppedFull = new LongAdder();
    private final LongAdder droppedRefused = new LongAdder();
    private final AtomicLong warnedAtNs = new AtomicLong(System.nanoTime() - WARN_INTERVAL_NS);

    /**
     * @param capacity most spans that wait or are on their way
     * @param endpoint for the log
     * @param service whose spans they are, for the meters
     */
    SpanExport(
            final SpanExporter exporter,
            final int capacity,
            final String endpoint,
            final String service,
            final MeterRegistry registry) {
        this.capacity = capacity;
        this.endpoint = endpoint;
        // Its own queue never fills: what waits in all is counted here.
        batches = BatchSpanProcessor.builder(new Counted(exporter))
                .setMaxQueueSize(capacity + BATCH_SPANS)
                .setMaxExportBatchSize(Math.min(BATCH_SPANS, capacity))
                .setScheduleDelay(DELAY)
                .setExporterTimeout(TIMEOUT)
                .build();
        counter(service, "ringledger.trace.spans.exported", exported)
                .description("spans that the collector has taken")
                .register(registry);
        counter(service, "ringledger.trace.spans.dropped", droppedFull)
                .tag("reason", "queue_full")
                .description("spans that the collector has not got")
                .register(registry);
        counter(service, "ringledger.trace.spans.dropped", droppedRefused)
                .tag("reason", "collector")
                .description("spans that the collector has not got")
                .register(registry);
        Gauge.builder("ringledger.trace.spans.waiting", waiting, AtomicInteger::get)
                .tag("service", service)
                .description("spans that wait for the collector")
                .register(registry);
    }

    private static FunctionCounter.Builder<LongAdder> counter(
            final String service, final String name, final LongAdder count) {
        return FunctionCounter.builder(name, count, LongAdder::sum).tag("service", service);
    }

    @Override
    public void onEnd(final ReadableSpan span) {
        if (waiting.incrementAndGet() > capacity) {
            waiting.decrementAndGet();
            droppedFull.increment();
            return;
        }
        batches.onEnd(span);
    }

    @Override
    public boolean isEndRequired() {
        return true;
    }

    @Override
    public void onStart(final Context parentContext, final ReadWriteSpan span) {}

    @Override
    public boolean isStartRequired() {
        return false;
    }

    @Override
    public CompletableResultCode shutdown() {
        return batches.shutdown();
    }

    @Override
    public CompletableResultCode forceFlush() {
        return batches.forceFlush();
    }

    private void warn(final int spans) {
        final long nowNs = System.nanoTime();
        final long beforeNs = warnedAtNs.get();
        if (nowNs - beforeNs >= WARN_INTERVAL_NS && warnedAtNs.compareAndSet(beforeNs, nowNs)) {
            LOG.warn(
                    "the collector does not take traces, requests go on without:"
                            + " endpoint={}, spans={}, droppedSoFar={}",
                    endpoint,
                    spans,
                    droppedRefused.sum() + droppedFull.sum());
        }
    }

    /** Counts what became of spans. */
    private final class Counted implements SpanExporter {
        private final SpanExporter exporter;

        Counted(final SpanExporter exporter) {
            this.exporter = exporter;
        }

        @Override
        public CompletableResultCode export(final Collection<SpanData> spans) {
            final int count = spans.size();
            final CompletableResultCode result;
            try {
                result = exporter.export(spans);
            } catch (final RuntimeException e) {
                done(count, false);
                return CompletableResultCode.ofFailure();
            }
            return result.whenComplete(() -> done(count, result.isSuccess()));
        }

        private void done(final int count, final boolean isTaken) {
            waiting.addAndGet(-count);
            if (isTaken) {
                exported.add(count);
            } else {
                droppedRefused.add(count);
                warn(count);
            }
        }

        @Override
        public CompletableResultCode flush() {
            return exporter.flush();
        }

        @Override
        public CompletableResultCode shutdown() {
            return exporter.shutdown();
        }
    }
}
