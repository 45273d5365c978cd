package io.ringledger.simulation;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/**
 * What happened, in order: a hash over everything, by which two runs of a seed are compared, and the
 * last lines, or all of them where they are kept. Lines become text only when somebody reads them.
 */
final class Trace {
    private static final int LAST_LINES = 256;

    private record Line(
            long timeNs,
            String who,
            String what,
            long first,
            long second,
            @Nullable Object more) {
        @Override
        public String toString() {
            return "%12.6f s  %-14s %-28s %d %d%s"
                    .formatted(
                            timeNs / 1e9, who, what, first, second, more == null ? "" : " " + more);
        }
    }

    private final boolean isKept;
    private final List<Line> kept = new ArrayList<>();
    private final @Nullable Line[] last = new Line[LAST_LINES];
    private long count;
    private long hash = 0xCBF29CE484222325L;

    Trace(final boolean isKept) {
        this.isKept = isKept;
    }

    /**
     * Takes in one line.
     *
     * @param more for the reader of the text alone: not part of the hash
     */
    void add(
            final long timeNs,
            final String who,
            final String what,
            final long first,
            final long second,
            final @Nullable Object more) {
        mix(timeNs);
        mix(who.hashCode());
        mix(what.hashCode());
        mix(first);
        mix(second);
        final Line line = new Line(timeNs, who, what, first, second, more);
        last[(int) (count++ % LAST_LINES)] = line;
        if (isKept) {
            kept.add(line);
        }
    }

    /** The last lines, oldest first; all of them if they were kept. */
    List<String> lines() {
        final List<String> lines = new ArrayList<>();
        if (isKept) {
            kept.forEach(line -> lines.add(line.toString()));
            return lines;
        }
        for (long i = Math.max(0, count - LAST_LINES); i < count; i++) {
            lines.add(String.valueOf(last[(int) (i % LAST_LINES)]));
        }
        return lines;
    }

    /** Over every line so far. */
    long hash() {
        return hash;
    }

    private void mix(final long value) {
        hash = (hash ^ value) * 0x100000001B3L;
        hash ^= hash >>> 32;
    }
}
