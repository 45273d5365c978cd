package io.ringledger.system;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Every name that main code could register a meter under, as Prometheus writes it. Immutable. */
final class RegisteredMeters {
    private static final Pattern LITERAL = Pattern.compile("\"([a-z][a-z.]*)\"");
    private static final Pattern PREFIX = Pattern.compile("PREFIX = \"(ringledger\\.[a-z.]+\\.)\"");

    /** What Prometheus adds to the name of a meter by its kind, and before that by its unit. */
    private static final Pattern KIND = Pattern.compile("(_total|_max|_count|_sum|_bucket)$");

    private static final Pattern UNIT = Pattern.compile("(_seconds|_bytes)$");

    private final Set<String> names = new TreeSet<>();

    private RegisteredMeters() {}

    static RegisteredMeters read() throws IOException {
        final RegisteredMeters meters = new RegisteredMeters();
        for (final String module :
                List.of("ledger", "kinesis-consumer", "read-model", "service-kit")) {
            try (Stream<Path> files =
                    Files.walk(Stacks.root().resolve(module).resolve("src/main/java"))) {
                for (final Path file :
                        files.filter(f -> f.toString().endsWith(".java")).toList()) {
                    meters.add(Files.readString(file));
                }
            }
        }
        return meters;
    }

    /** Whether code registers it, with or without what Prometheus adds to a name. */
    boolean has(final String meter) {
        final String withoutKind = KIND.matcher(meter).replaceFirst("");
        return names.contains(meter)
                || names.contains(withoutKind)
                || names.contains(UNIT.matcher(withoutKind).replaceFirst(""));
    }

    private void add(final String source) {
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
    }
}
