package io.ringledger.localstack;

import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/** Tells a person what a start is doing, a line a step, with the time that it took. Thread-safe. */
public final class Progress {
    private final PrintStream out;
    private final long startNs = System.nanoTime();

    /** Prints to a stream. */
    public Progress(final PrintStream out) {
        this.out = out;
    }

    /** Runs a step, and says when it is done. */
    <T> T step(final String name, final Callable<T> work) throws Exception {
        final long stepNs = System.nanoTime();
        final T result = work.call();
        say(String.format(Locale.ROOT, "%-34s %5.1f s", name, seconds(stepNs)));
        return result;
    }

    /** Prints one line. */
    void say(final String line) {
        out.printf(Locale.ROOT, "[%5.1f s] %s%n", seconds(startNs), line);
        out.flush();
    }

    private static double seconds(final long sinceNs) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - sinceNs) / 1000.0;
    }
}
