package io.ringledger.distribution;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Which licences a shipped library may have: {@code distribution/licences.txt}. A licence that is
 * not in that file is refused, whatever it says. Immutable and thread-safe.
 */
final class LicencePolicy {
    /** What a line of the file says of a licence. */
    private enum Verdict {
        /** A library may have it alone. */
        ALLOWED,
        /** It is known, but the library must offer an allowed one to choose instead. */
        WITH_CHOICE
    }

    private record Rule(String id, Verdict verdict) {}

    private final Map<String, Rule> ruleOfName;

    private LicencePolicy(final Map<String, Rule> ruleOfName) {
        this.ruleOfName = Map.copyOf(ruleOfName);
    }

    /**
     * Reads the file: a verdict, an SPDX identifier, and other names of it after bars.
     *
     * @throws RefusedException if a line is not understood
     */
    static LicencePolicy read(final Path file) throws IOException, RefusedException {
        final Map<String, Rule> ruleOfName = new HashMap<>();
        for (final String line : Files.readAllLines(file)) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            final String[] names = line.split("\\|", -1);
            final String[] head = names[0].strip().split("\\s+", -1);
            if (head.length != 2) {
                throw new RefusedException(file + ": not understood: " + line);
            }
            final Verdict verdict = switch (head[0]) {
                case "allowed" -> Verdict.ALLOWED;
                case "with-choice" -> Verdict.WITH_CHOICE;
                default -> throw new RefusedException(file + ": not understood: " + line);
            };
            final Rule rule = new Rule(head[1], verdict);
            names[0] = head[1];
            for (final String name : names) {
                if (ruleOfName.put(key(name), rule) != null) {
                    throw new RefusedException(file + ": twice: " + name.strip());
                }
            }
        }
        return new LicencePolicy(ruleOfName);
    }

    /**
     * The licences that a library is shipped under, by their SPDX identifiers.
     *
     * @throws RefusedException if it names none, one that is not known, or none that is allowed
     */
    List<String> choose(final Component component) throws RefusedException {
        final List<String> allowed = new ArrayList<>();
        for (final String name : component.licences()) {
            final Rule rule = ruleOfName.get(key(name));
            if (rule == null) {
                throw new RefusedException(component + ": unknown licence '" + name + "'");
            }
            if (rule.verdict() == Verdict.ALLOWED && !allowed.contains(rule.id())) {
                allowed.add(rule.id());
            }
        }
        if (allowed.isEmpty()) {
            throw new RefusedException(
                    component.licences().isEmpty()
                            ? component + ": names no licence"
                            : component + ": offers no allowed licence, only "
                                    + component.licences());
        }
        return List.copyOf(allowed);
    }

    private static String key(final String name) {
        return name.strip().toLowerCase(Locale.ROOT);
    }
}
