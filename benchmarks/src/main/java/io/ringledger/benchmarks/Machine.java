package io.ringledger.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** What the figures were measured on. Stateless. */
final class Machine {
    private Machine() {}

    /** One line: processor, cores, memory, system, Java, its flags. */
    static String describe() {
        return String.format(
                Locale.ROOT,
                "%s, %d cores, %.0f GiB, %s %s, Java %s (%s), load before the run %.1f",
                processor(),
                Runtime.getRuntime().availableProcessors(),
                memoryGib(),
                System.getProperty("os.name"),
                System.getProperty("os.version"),
                System.getProperty("java.version"),
                String.join(
                        " ",
                        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                                .filter(flag -> flag.startsWith("-X"))
                                .toList()),
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    }

    private static String processor() {
        return firstValue("/proc/cpuinfo", "model name", System.getProperty("os.arch"));
    }

    private static double memoryGib() {
        final String kib = firstValue("/proc/meminfo", "MemTotal", "0 kB");
        return Double.parseDouble(kib.replace("kB", "").strip()) / (1 << 20);
    }

    private static String firstValue(final String file, final String name, final String otherwise) {
        final Path path = Path.of(file);
        try {
            if (!Files.isReadable(path)) {
                return otherwise;
            }
            return Files.readAllLines(path).stream()
                    .filter(line -> line.startsWith(name))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(otherwise);
        } catch (final IOException e) {
            return otherwise;
        }
    }
}
