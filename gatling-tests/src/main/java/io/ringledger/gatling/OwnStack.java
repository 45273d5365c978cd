package io.ringledger.gatling;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * {@code ./ringledger up} on a free port, as a process of its own, so that load and service do not share a heap.
 * Ends with this process.
 */
final class OwnStack implements AutoCloseable {
    private static final String READY = "ready ";
    private static final long START_LIMIT_MS = 180_000;
    private static final long STOP_LIMIT_MS = 15_000;

    private final Process process;
    private final URI url;

    private OwnStack(final Process process, final URI url) {
        this.process = process;
        this.url = url;
    }

    /**
     * Starts it and waits until it is ready. Everything must have been built.
     *
     * @param root of the project
     */
    static OwnStack start(final Path root) throws IOException, InterruptedException {
        final ProcessBuilder builder = new ProcessBuilder(
                        root.resolve("ringledger").toString(), "up", "--port", "0")
                .redirectErrorStream(true);
        // Whoever started this has built everything.
        builder.environment().put("RINGLEDGER_SKIP_BUILD", "1");
        final Process process = builder.start();
        // For Ctrl-C; does nothing where it has ended.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(process), "stop-stack"));
        final CompletableFuture<URI> ready = new CompletableFuture<>();
        Thread.ofVirtual().name("stack-output").start(() -> read(process, ready));
        try {
            return new OwnStack(process, ready.get(START_LIMIT_MS, TimeUnit.MILLISECONDS));
        } catch (final ExecutionException | TimeoutException e) {
            stop(process);
            throw new IOException("the stack did not become ready", e);
        }
    }

    URI url() {
        return url;
    }

    @Override
    public void close() {
        stop(process);
    }

    private static void stop(final Process process) {
        process.destroy();
        try {
            if (!process.waitFor(STOP_LIMIT_MS, TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
            }
        } catch (final InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /** What it prints goes on to our output, or it would stand still once the pipe is full. */
    private static void read(final Process process, final CompletableFuture<URI> ready) {
        try (BufferedReader lines = new BufferedReader(
                new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                System.out.println("up: " + line);
                if (line.startsWith(READY)) {
                    ready.complete(URI.create(line.substring(READY.length())));
                }
            }
            ready.completeExceptionally(new IOException("it has ended, see what it printed"));
        } catch (final IOException e) {
            ready.completeExceptionally(e);
        }
    }
}
