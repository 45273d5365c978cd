package io.ringledger.system;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Alarms and dashboard ask for meters that the collector passes on, and that the code has. */
final class TerraformMetricsTest {
    private static final Pattern METER = Pattern.compile("\"(ringledger_\\w+)\"");
    private static final Pattern LITERAL = Pattern.compile("\"([a-z][a-z.]*)\"");
    private static final Pattern PREFIX = Pattern.compile("PREFIX = \"(ringledger\\.[a-z.]+\\.)\"");

    /** What Prometheus adds to the name of a meter, by its kind and unit. */
    private static final Pattern SUFFIX =
            Pattern.compile("(_seconds|_bytes)?(_total|_max|_count)?$");

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
        final Set<String> registered = registered();
        for (final String meter :
                meters(TerraformFiles.read().text("modules/services/collector.tf"))) {
            final String base = SUFFIX.matcher(meter).replaceFirst("");
            assertThat(registered).as("%s", meter).contains(base);
        }
    }

    private static Set<String> meters(final String text) {
        final Set<String> meters = new TreeSet<>();
        final Matcher found = METER.matcher(text);
        while (found.find()) {
            meters.add(found.group(1));
        }
        return meters;
    }

    /** Every name that main code could register a meter under, as Prometheus writes it. */
    private static Set<String> registered() throws IOException {
        final Set<String> names = new TreeSet<>();
        for (final String module :
                List.of("ledger", "kinesis-consumer", "read-model", "service-kit")) {
            try (Stream<Path> files =
                    Files.walk(Stacks.root().resolve(module).resolve("src/main/java"))) {
                for (final Path file :
                        files.filter(f -> f.toString().endsWith(".java")).toList()) {
                    names.addAll(registered(Files.readString(file)));
                }
            }
        }
        return names;
    }

    private static Set<String> registered(final String source) {
        final Set<String> names = new TreeSet<>();
        final Matcher prefix = PREFIX.matcher(source);
        final String before = prefix.find() ? prefix.group(1) : "";
        final Matcher literal = LITERAL.matcher(source);
        while (literal.find()) {
            final String name = literal.group(1);
            if (name.startsWith("ringledger.")) {
                names.add(name.replace('.', '_'));
            } else if (!before.isEmpty()) {
                names.add((before + name).replace('.', '_'));
            }
        }
        return names;
    }
}
