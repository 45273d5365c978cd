package io.ringledger.emulators;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A small shell that waits for this process to end, in whatever way, and then runs a clean-up that
 * we cannot run any more. It sees our end as the end of its standard input, which no {@code kill
 * -9} can prevent. Closing it calls the clean-up off.
 *
 * <p>Thread-safe: it is only started and closed.
 */
public final class Watchdog implements AutoCloseable {
    private static final long CLOSE_TIMEOUT_MS = 2_000;

    /** Waits for "off" or the end; deaf to what a terminal sends to its whole process group. */
    private static final String WAIT =
            "trap '' INT HUP TERM; if read -r word && [ \"$word\" = off ]; then exit 0; fi; ";

    private final Process process;

    private Watchdog(final Process process) {
        this.process = process;
    }

    /**
     * Starts a watchdog.
     *
     * @param cleanUp POSIX shell, run once this process has ended
     * @param arguments what the clean-up sees as {@code $1}, {@code $2} …
     * @throws IOException if no shell can be started
     */
    public static Watchdog start(final String cleanUp, final String... arguments)
            throws IOException {
        final List<String> command = new ArrayList<>(List.of("sh", "-c", WAIT + cleanUp));
        command.add("ringledger-watchdog");
        command.addAll(List.of(arguments));
        final Process process = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        return new Watchdog(process);
    }

    long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        try (OutputStream input = process.getOutputStream()) {
            input.write("off\n".getBytes(StandardCharsets.US_ASCII));
        } catch (final IOException e) {
            // It is gone already, which is what we want.
        }
        Processes.awaitOrKill(process, CLOSE_TIMEOUT_MS);
    }
}
