package io.ringledger.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The files of infra/terraform as text, and as much of their syntax as the tests look at: blocks,
 * and maps of one entry a line. They are formatted by {@code terraform fmt}, which that leans on.
 */
final class TerraformFiles {
    private static final Pattern ENTRY = Pattern.compile("(?m)^ +(\\w+) += (.+)$");

    private final Path folder;
    private final Map<Path, String> texts = new TreeMap<>();

    private TerraformFiles(final Path folder) {
        this.folder = folder;
    }

    /** A block, or a map: where it begins and what is between its braces. */
    record Block(Path file, String head, String body) {}

    static TerraformFiles read() throws IOException {
        final TerraformFiles files = new TerraformFiles(Stacks.root().resolve("infra/terraform"));
        try (Stream<Path> all = Files.walk(files.folder)) {
            all.filter(file -> file.toString().endsWith(".tf"))
                    .filter(file -> !file.toString().contains("/.terraform/"))
                    .forEach(files::add);
        }
        if (files.texts.isEmpty()) {
            throw new IllegalStateException("no .tf file below " + files.folder);
        }
        return files;
    }

    private void add(final Path file) {
        try {
            texts.put(folder.relativize(file), Files.readString(file));
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Every file with its text, by its path below infra/terraform. */
    Map<Path, String> texts() {
        return texts;
    }

    String text(final String file) {
        final String text = texts.get(Path.of(file));
        if (text == null) {
            throw new IllegalArgumentException("no such file: " + file);
        }
        return text;
    }

    /** Every block of every file whose head fits. */
    List<Block> blocks(final Pattern head) {
        final List<Block> found = new ArrayList<>();
        texts.forEach((file, text) -> found.addAll(blocks(file, text, head)));
        return found;
    }

    /** Every block of a text whose head, up to the brace that opens it, fits. */
    static List<Block> blocks(final Path file, final String text, final Pattern head) {
        final List<Block> found = new ArrayList<>();
        final Matcher heads = head.matcher(text);
        int from = 0;
        while (heads.find(from)) {
            final int open = text.indexOf('{', heads.end() - 1);
            final int close = close(text, open);
            found.add(new Block(file, heads.group().strip(), text.substring(open + 1, close)));
            from = close;
        }
        return found;
    }

    /** The one block of a file whose head is this text. */
    Block block(final String file, final String head) {
        final List<Block> found =
                blocks(Path.of(file), text(file), Pattern.compile(Pattern.quote(head) + "\\s*\\{"));
        if (found.size() != 1) {
            throw new IllegalStateException(
                    file + ": " + found.size() + " times, expected once: " + head);
        }
        return found.getFirst();
    }

    /** The entries of a map, in their order. */
    static Map<String, String> entries(final Block map) {
        final Map<String, String> entries = new LinkedHashMap<>();
        final Matcher lines = ENTRY.matcher(map.body());
        while (lines.find()) {
            if (entries.put(lines.group(1), lines.group(2).strip()) != null) {
                throw new IllegalStateException(
                        map.file() + ": " + map.head() + " has twice " + lines.group(1));
            }
        }
        return entries;
    }

    /** Where the brace that opens here is closed; braces in texts and comments do not count. */
    private static int close(final String text, final int open) {
        int depth = 0;
        boolean isQuoted = false;
        for (int i = open; i < text.length(); i++) {
            final char c = text.charAt(i);
            if (isQuoted) {
                isQuoted = c != '"' || text.charAt(i - 1) == '\\';
            } else if (c == '"') {
                isQuoted = true;
            } else if (c == '#') {
                i = text.indexOf('\n', i);
            } else if (c == '{') {
                depth++;
            } else if (c == '}' && --depth == 0) {
                return i;
            }
        }
        throw new IllegalStateException("a brace is not closed: " + text.substring(open));
    }
}
