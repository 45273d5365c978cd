package io.ringledger.kit.auth;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.ringledger.kit.auth.Verdict.Reason;

import java.util.EnumMap;
import java.util.Map;
import java.util.function.Supplier;

/** What checking tokens counts. Thread-safe. */
final class AuthMetrics {
    private final MeterRegistry registry;
    private final Map<Reason, Counter> refused = new EnumMap<>(Reason.class);
    private final Counter checked;
    private final Counter keyFailures;

    AuthMetrics(final MeterRegistry registry, final AuthOptions options) {
        this.registry = registry;
        for (final Reason reason : Reason.values()) {
            refused.put(
                    reason,
                    Counter.builder("ringledger.auth.refused")
                            .tag("reason", reason.label())
                            .description("requests refused for their token")
                            .register(registry));
        }
        checked = Counter.builder("ringledger.auth.checks")
                .description("signatures checked: tokens that were not known")
                .register(registry);
        keyFailures = Counter.builder("ringledger.auth.keys.failures")
                .description("times that the keys of tokens could not be read")
                .register(registry);
        gauge("ringledger.auth.tokens.max", "tokens to remember", options::maxCachedTokens);
        gauge("ringledger.rate.clients.max", "clients to keep rates of", options::rateMaxClients);
        gauge(
                "ringledger.auth.tokens.in.check.max",
                "tokens that may be in check",
                options::maxTokensInCheck);
    }

    void refused(final Reason reason) {
        final Counter counter = refused.get(reason);
        if (counter != null) {
            counter.increment();
        }
    }

    void checked() {
        checked.increment();
    }

    void keysFailed() {
        keyFailures.increment();
    }

    void gauge(final String name, final String description, final Supplier<Number> value) {
        Gauge.builder(name, value).description(description).register(registry);
    }
}
