package io.ringledger.simulation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A bug as a change to the sources: what stands there exactly once is replaced. No bug can be switched
 * on in production, since none is there.
 *
 * @param name in a few words
 * @param edits the changes
 * @param note where the bug is not in a production class, or needs another one to show
 */
record PlantedBug(String name, List<Edit> edits, String note) {
    /** One change to one file. */
    record Edit(String file, String snippet, String replacement) {}

    static PlantedBug of(final String name) {
        return new PlantedBug(name, List.of(), "");
    }

    /** The same bug with one more change. */
    PlantedBug in(final String file, final String snippet, final String replacement) {
        final List<Edit> more = new ArrayList<>(edits);
        more.add(new Edit(file, snippet, replacement));
        return new PlantedBug(name, List.copyOf(more), note);
    }

    PlantedBug noted(final String text) {
        return new PlantedBug(name, edits, text);
    }

    /**
     * The changed sources, by file.
     *
     * @throws IllegalStateException if a snippet does not stand in its file exactly once: the source
     *     has changed, and the bug must be planted anew
     */
    Map<String, String> sources(final Path root) throws IOException {
        final Map<String, String> sources = new LinkedHashMap<>();
        for (final Edit edit : edits) {
            final String before = sources.containsKey(edit.file())
                    ? sources.get(edit.file())
                    : Files.readString(root.resolve(edit.file()));
            final int at = before.indexOf(edit.snippet());
            if (at < 0 || before.indexOf(edit.snippet(), at + 1) >= 0) {
                throw new IllegalStateException("cannot plant '" + name + "': stands "
                        + (at < 0 ? "nowhere" : "more than once") + " in " + edit.file() + ": "
                        + edit.snippet());
            }
            sources.put(
                    edit.file(),
                    before.substring(0, at)
                            + edit.replacement()
                            + before.substring(at + edit.snippet().length()));
        }
        return sources;
    }
}
