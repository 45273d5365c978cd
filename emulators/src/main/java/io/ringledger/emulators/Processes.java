package io.ringledger.emulators;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** What is done to child processes. Stateless. */
public final class Processes {
    private Processes() {}

    /** Waits up to {@code timeoutMs} for the process to end, then kills it and waits for that. */
    public static void awaitOrKill(final Process process, final long timeoutMs) {
        boolean interrupted = false;
        try {
            if (process.waitFor(timeoutMs, TimeUnit.MILLISECONDS)) {
                return;
            }
        } catch (final InterruptedException e) {
            interrupted = true;
        }
        process.destroyForcibly();
        while (true) {
            try {
                process.waitFor();
                break;
            } catch (final InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Sends a signal that Java has no call for.
     *
     * @param signal its name without "SIG", such as "STOP"
     * @throws IllegalStateException if the process is gone or the signal could not be sent
     */
    public static void signal(final ProcessHandle process, final String signal) {
        if (!process.isAlive()) {
            throw new IllegalStateException(
                    "cannot send SIG" + signal + ": pid=" + process.pid() + " has ended");
        }
        try {
            // A POSIX shell has kill built in; a bare container may have no kill program.
            final Process kill = new ProcessBuilder(
                            "sh", "-c", "kill -" + signal + " " + process.pid())
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            final int code = kill.waitFor();
            if (code != 0) {
                throw new IllegalStateException(
                        "cannot send SIG" + signal + ": pid=" + process.pid() + ", kill=" + code);
            }
        } catch (final IOException e) {
            throw new IllegalStateException("cannot send SIG" + signal + ": no shell", e);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while sending SIG" + signal, e);
        }
    }
}
