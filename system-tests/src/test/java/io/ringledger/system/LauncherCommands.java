package io.ringledger.system;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What {@code ./ringledger} knows, read out of the script and of the classes that it starts, so that
 * a command which a page quotes can be held against it without being run. Immutable.
 */
final class LauncherCommands {
    private static final Pattern CASE = Pattern.compile(
            "^  ([a-z][a-z |-]*)\\)\\n(.*?)^    ;;", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern MAIN = Pattern.compile("io\\.ringledger\\.\\S*?(\\w+Main)\\b");

    /** Where the options are, if not in the main class. */
    private static final Pattern PART = Pattern.compile("new (\\w+Command)\\(");

    private static final Pattern OPTION = Pattern.compile("\"(--?[a-z][a-z-]*)\"");
    private static final Pattern END = Pattern.compile("[|>&;].*");

    /** Every command that has options has these. */
    private static final List<String> HELP = List.of("--help", "--version");

    private final Map<String, String> options;

    private LauncherCommands(final Map<String, String> options) {
        this.options = options;
    }

    /** Reads the script and the sources below a folder. */
    static LauncherCommands read(final Path root) throws IOException {
        final Map<String, String> options = new TreeMap<>();
        final Matcher cases = CASE.matcher(Files.readString(root.resolve("ringledger")));
        while (cases.find()) {
            final StringBuilder known = new StringBuilder(cases.group(2));
            final Matcher main = MAIN.matcher(cases.group(2));
            while (main.find()) {
                final String source = source(root, main.group(1) + ".java");
                known.append(source);
                final Matcher part = PART.matcher(source);
                while (part.find()) {
                    known.append(source(root, part.group(1) + ".java"));
                }
            }
            for (final String name : cases.group(1).split(" \\| ", -1)) {
                options.put(name, known.toString());
            }
        }
        return new LauncherCommands(options);
    }

    private static String source(final Path root, final String file) throws IOException {
        try (Stream<Path> modules = Files.list(root)) {
            for (final Path module : modules.toList()) {
                final Path sources = module.resolve("src/main/java");
                if (!Files.isDirectory(sources)) {
                    continue;
                }
                try (Stream<Path> files = Files.walk(sources)) {
                    final @Nullable Path found = files.filter(path -> path.endsWith(file))
                            .findFirst()
                            .orElse(null);
                    if (found != null) {
                        return Files.readString(found);
                    }
                }
            }
        }
        throw new IllegalStateException("the launcher starts what is not there: " + file);
    }

    /** The names of the commands. */
    List<String> names() {
        return List.copyOf(options.keySet());
    }

    /** Why a command line would be refused, or null. */
    @Nullable String whyRefused(final String commandLine) {
        final List<String> words = Arrays.stream(
                        END.matcher(commandLine).replaceFirst("").strip().split("\\s+", -1))
                .toList();
        if (words.size() < 2) {
            return "no command";
        }
        final String known = options.get(words.get(1));
        if (known == null) {
            return "no command " + words.get(1) + ", only " + names();
        }
        for (final String word : words.subList(2, words.size())) {
            final String option = word.replaceFirst("=.*", "");
            final Matcher found = OPTION.matcher(known);
            if (option.startsWith("-")
                    && !HELP.contains(option)
                    && found.results().noneMatch(one -> one.group(1).equals(option))) {
                return words.get(1) + " has no option " + option;
            }
        }
        return null;
    }
}
