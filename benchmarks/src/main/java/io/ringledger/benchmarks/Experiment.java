package io.ringledger.benchmarks;

/**
 * Something measured beside its neighbours. It opens what it needs, measures all sides in turns, so
 * that what the machine does meanwhile hits all of them, checks that what it measured was right (a
 * run with a wrong balance has no figure), and leaves nothing behind.
 */
public interface Experiment {
    /** Lower case with hyphens; what {@code --only} takes. */
    String name();

    /** What it answers, in one sentence for the report. */
    String question();

    /** False if it runs only when it is named. */
    default boolean isIn(final Scale scale) {
        return true;
    }

    /** About how long it takes, for the progress line. */
    int estimatedSeconds(Scale scale);

    /**
     * Measures, on the calling thread or others, and returns when everything has ended.
     *
     * @throws Exception if it cannot be measured, or what was measured was wrong
     */
    void run(Bench bench) throws Exception;
}
