package io.ringledger.snapshots;

import io.ringledger.model.snapshot.SnapshotHeader;

import org.jspecify.annotations.Nullable;

import java.util.Comparator;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a snapshot, by which the newest is found without opening any:
 * {@code p00003-s0000000000000184467-e0000000000000000007.snapshot}. Immutable.
 *
 * @param partition whose state it is
 * @param sequence of the last event in it
 * @param epoch the fence that it carries; a marker moves it without an event
 */
public record SnapshotName(int partition, long sequence, long epoch) {
    /** The newest first: the one that has come farthest in the log. */
    static final Comparator<SnapshotName> NEWEST_FIRST = Comparator.comparingLong(
                    SnapshotName::sequence)
            .thenComparingLong(SnapshotName::epoch)
            .reversed();

    private static final Pattern TEXT =
            Pattern.compile("p(\\d{5})-s(\\d{19})-e(\\d{19})\\.snapshot");

    /** Refuses what no snapshot has. */
    public SnapshotName {
        if (partition < 0 || partition > 99_999 || sequence < 0 || epoch < 0) {
            throw new IllegalArgumentException("not a snapshot's name: partition=" + partition
                    + ", sequence=" + sequence + ", epoch=" + epoch);
        }
    }

    /** The name under which a snapshot is kept. */
    public static SnapshotName of(final SnapshotHeader header) {
        return new SnapshotName(header.partition(), header.sequence(), header.epoch());
    }

    /** What the names of a partition's snapshots begin with. */
    static String prefix(final int partition) {
        return String.format(Locale.ROOT, "p%05d-", partition);
    }

    /** The name in a text, or null if it is none. */
    static @Nullable SnapshotName parse(final String text) {
        final Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            return null;
        }
        try {
            return new SnapshotName(
                    Integer.parseInt(matcher.group(1)),
                    Long.parseLong(matcher.group(2)),
                    Long.parseLong(matcher.group(3)));
        } catch (final NumberFormatException e) {
            return null;
        }
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT, "p%05d-s%019d-e%019d.snapshot", partition, sequence, epoch);
    }
}
