package io.ringledger.loadtests;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Shows how far a replay is, on a thread of its own: a bar that renews itself on a terminal, a line
 * every few seconds elsewhere.
 */
final class ProgressDisplay implements AutoCloseable {
    private static final long TERMINAL_INTERVAL_MS = 200;
    private static final long PLAIN_INTERVAL_MS = 3_000;
    private static final int BAR_WIDTH = 30;
    private static final String CLEAR_LINE = "\r\u001b[2K";

    private final Supplier<Replay.Progress> progress;
    private final PrintWriter out;
    private final boolean isTerminal;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;

    // Owned by the display's thread.
    private boolean wasChecking;
    private long lastDone;
    private long lastNs = System.nanoTime();

    ProgressDisplay(
            final Supplier<Replay.Progress> progress,
            final PrintWriter out,
            final boolean isTerminal) {
        this.progress = progress;
        this.out = out;
        this.isTerminal = isTerminal;
        thread = Thread.ofVirtual().name("progress").start(this::run);
    }

    /** Ends the display and clears its bar. */
    @Override
    public void close() {
        closed.countDown();
        try {
            thread.join();
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        final long intervalMs = isTerminal ? TERMINAL_INTERVAL_MS : PLAIN_INTERVAL_MS;
        try {
            while (!closed.await(intervalMs, TimeUnit.MILLISECONDS)) {
                show(progress.get());
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (isTerminal) {
            out.print(CLEAR_LINE);
            out.flush();
        }
    }

    private void show(final Replay.Progress now) {
        if (now.isChecking() != wasChecking) {
            wasChecking = now.isChecking();
            lastDone = 0;
        }
        final long nowNs = System.nanoTime();
        final double perSecond = (now.done() - lastDone) * 1e9 / Math.max(1, nowNs - lastNs);
        lastDone = now.done();
        lastNs = nowNs;
        final String text = line(now, perSecond, isTerminal);
        if (isTerminal) {
            out.print(CLEAR_LINE + text);
        } else {
            out.println(text);
        }
        out.flush();
    }

    static String line(
            final Replay.Progress now, final double perSecond, final boolean isTerminal) {
        final String what = now.isChecking() ? "views " : "replay";
        final int filled = (int) (BAR_WIDTH * now.done() / Math.max(1, now.total()));
        final String bar =
                isTerminal ? "[" + "#".repeat(filled) + ".".repeat(BAR_WIDTH - filled) + "] " : "";
        return String.format(
                Locale.ROOT,
                "%s %s%3d %%  %,d/%,d  %,.0f/s  refused %,d  retried %,d",
                what,
                bar,
                100 * now.done() / Math.max(1, now.total()),
                now.done(),
                now.total(),
                perSecond,
                now.refused(),
                now.retried());
    }
}
