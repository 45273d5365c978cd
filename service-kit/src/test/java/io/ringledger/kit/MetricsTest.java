package io.ringledger.kit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What every process shows of itself. */
final class MetricsTest {
    private static final Pattern CLOCK = Pattern.compile("(?m)^ringledger_clock_seconds (\\S+)$");

    @Test
    void shouldShowItsTimeOfDay() {
        try (Metrics metrics = new Metrics()) {
            final double before = System.currentTimeMillis() / 1e3;
            final Matcher clock = CLOCK.matcher(metrics.scrape());
            final double after = System.currentTimeMillis() / 1e3;
            assertThat(clock.find()).isTrue();
            assertThat(Double.parseDouble(clock.group(1))).isBetween(before, after);
        }
    }

    @Test
    void shouldSayWhatTheMetersOfTheJvmMean() {
        try (Metrics metrics = new Metrics()) {
            assertThat(metrics.scrape())
                    .contains("# HELP ringledger_clock_seconds time of day")
                    .contains("jvm_memory_used_bytes{", "jvm_gc_", "process_cpu_usage");
        }
    }
}
