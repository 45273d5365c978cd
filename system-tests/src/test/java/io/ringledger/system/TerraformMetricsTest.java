package io.ringledger.system;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Alarms and dashboard ask for meters that the collector passes on, and that the code has. */
final class TerraformMetricsTest {
    private static final Pattern METER = Pattern.compile("\"(ringledger_\\w+)\"");

    @Test
    void shouldPassOnWhatIsLookedAt() throws IOException {
        final TerraformFiles terraform = TerraformFiles.read();
        final Set<String> lookedAt = new TreeSet<>();
        for (final String file : List.of("services.tf", "platform.tf", "dashboard.tf")) {
            lookedAt.addAll(meters(terraform.text("modules/alarms/" + file)));
        }
        assertThat(meters(terraform.text("modules/services/collector.tf"))).isEqualTo(lookedAt);
    }

    @Test
    void shouldLookAtMetersThatTheCodeHas() throws IOException {
        final RegisteredMeters registered = RegisteredMeters.read();
        assertThat(meters(TerraformFiles.read().text("modules/services/collector.tf")))
                .allMatch(registered::has);
    }

    private static Set<String> meters(final String text) {
        final Set<String> meters = new TreeSet<>();
        final Matcher found = METER.matcher(text);
        while (found.find()) {
            meters.add(found.group(1));
        }
        return meters;
    }
}
