package io.ringledger.kit;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

import java.util.function.LongSupplier;

/** The meters of one process, as Prometheus reads them. Thread-safe. */
public final class Metrics implements AutoCloseable {
    /** The content type of {@link #scrape}. */
    static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final PrometheusMeterRegistry registry =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    private final JvmGcMetrics gc = new JvmGcMetrics();

    /** Makes a registry with the meters of the JVM, and its time of day. */
    public Metrics() {
        this(System::currentTimeMillis);
    }

    /**
     * The same by another clock.
     *
     * @param epochMs the process's time of day, in milliseconds since 1970 UTC
     */
    public Metrics(final LongSupplier epochMs) {
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        gc.bindTo(registry);
        // Who collects it knows when it did: the difference is how far the two clocks are apart.
        Gauge.builder("ringledger.clock", () -> epochMs.getAsLong() / 1e3)
                .description("time of day of this process, since 1970 UTC")
                .baseUnit("seconds")
                .register(registry);
    }

    /** Where the parts of the process register their meters. */
    public MeterRegistry registry() {
        return registry;
    }

    /** Every meter in the text format of Prometheus. */
    public String scrape() {
        return registry.scrape();
    }

    @Override
    public void close() {
        gc.close();
        registry.close();
    }
}
