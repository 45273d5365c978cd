package io.ringledger.verifier;

/** What was seen; plain counters. Not thread-safe. */
final class Tally {
    long records;
    long frames;
    long events;
    long duplicates;
    long fenced;
    long markers;

    /** Records of other partitions of the same shards. */
    long others;

    void add(final Tally other) {
        records += other.records;
        frames += other.frames;
        events += other.events;
        duplicates += other.duplicates;
        fenced += other.fenced;
        markers += other.markers;
        others += other.others;
    }

    @Override
    public String toString() {
        return frames + " frames, " + events + " events, " + duplicates + " duplicates dropped, "
                + fenced + " fenced frames dropped, " + markers + " markers";
    }
}
