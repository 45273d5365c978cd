package io.ringledger.benchmarks;

import java.io.PrintStream;
import java.util.concurrent.TimeUnit;

/** A line for each step, with the time since the start and what is left. Thread-safe. */
final class Progress {
    private final PrintStream out;
    private final long startNs = System.nanoTime();
    private int totalSeconds;
    private int endedSeconds;
    private String experiment = "";

    Progress(final PrintStream out) {
        this.out = out;
    }

    synchronized void expect(final int seconds) {
        totalSeconds += seconds;
    }

    synchronized void begin(final String name) {
        experiment = name;
        step("begins");
    }

    synchronized void end(final int seconds) {
        endedSeconds += seconds;
    }

    synchronized void step(final String what) {
        final long elapsed = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNs);
        out.printf(
                "[%2d:%02d, about %d min to go] %s: %s%n",
                elapsed / 60,
                elapsed % 60,
                (totalSeconds - endedSeconds + 59) / 60,
                experiment,
                what);
    }
}
