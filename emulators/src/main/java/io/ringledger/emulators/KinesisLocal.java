package io.ringledger.emulators;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The Kinesis API on this machine: npm {@code kinesis-local} as a child process, plain HTTP on a
 * free loopback port, streams in memory only and there without a delay. A change of the number of
 * shards leaves a stream {@code UPDATING} for a second.
 *
 * <p>The child ends with {@link #close()}, and also when this process ends in any other way. It
 * never throttles and never fails by itself; {@link #pause()} makes it stop answering.
 *
 * <p>Thread-safe. {@code start} and {@code close} block.
 */
public final class KinesisLocal implements AutoCloseable {
    /** Old-space limit of the child unless told otherwise: it keeps every record until it ends. */
    public static final int DEFAULT_HEAP_MB = 4_096;

    private static final Logger LOG = LoggerFactory.getLogger(KinesisLocal.class);
    private static final String LISTENING = "ringledger:listening ";
    private static final long START_TIMEOUT_MS = 60_000;
    private static final long TERM_TIMEOUT_MS = 1_000;
    private static final int HTTP_TIMEOUT_MS = 10_000;
    private static final int LAST_LINES = 30;
    private static final List<String> DURATIONS = List.of(
            "CREATE_STREAM_DURATION",
            "DELETE_STREAM_DURATION",
            "REGISTER_STREAM_CONSUMER_DURATION",
            "START_STREAM_ENCRYPTION_DURATION",
            "STOP_STREAM_ENCRYPTION_DURATION",
            "DEREGISTER_STREAM_CONSUMER_DURATION",
            "MERGE_SHARDS_DURATION",
            "SPLIT_SHARD_DURATION",
            "UPDATE_STREAM_MODE_DURATION");

    private final Process process;
    private final CompletableFuture<Integer> listeningPort = new CompletableFuture<>();

    // Guarded by itself.
    private final ArrayDeque<String> lastLines = new ArrayDeque<>();

    // Guarded by this.
    private @Nullable Watchdog pausedWatchdog;

    private KinesisLocal(final Process process) {
        this.process = process;
    }

    /** Starts with {@link #DEFAULT_HEAP_MB} of heap; see {@link #start(int)}. */
    public static KinesisLocal start() {
        return start(DEFAULT_HEAP_MB);
    }

    /**
     * Starts the emulator and returns once it answers.
     *
     * @param heapMb limit of the child's heap, MiB
     * @throws IllegalStateException if Node or the npm packages are missing, or if it does not
     *     answer in time; the message says what to do
     */
    public static KinesisLocal start(final int heapMb) {
        if (heapMb < 64) {
            throw new IllegalArgumentException("heapMb=" + heapMb + ", need at least 64");
        }
        final KinesisLocal emulator = new KinesisLocal(launch(folder(), heapMb));
        try {
            emulator.drainOutput();
            emulator.awaitAnswer();
            return emulator;
        } catch (final RuntimeException e) {
            emulator.close();
            throw e;
        }
    }

    /** Where an SDK client finds it, for {@code endpointOverride}. */
    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + listeningPort.join());
    }

    /** The process id of the child. */
    public long pid() {
        return process.pid();
    }

    /** Whether the child runs (a paused one does). */
    public boolean isAlive() {
        return process.isAlive();
    }

    /**
     * Freezes the child (SIGSTOP): connections stay open and are taken by the kernel, but nothing
     * is answered until {@link #resume()}, which then answers what has gathered. Does nothing if it
     * is paused.
     */
    public synchronized void pause() {
        if (pausedWatchdog != null) {
            return;
        }
        try {
            // A frozen child cannot see our end on its stdin.
            pausedWatchdog = Watchdog.start("kill -KILL \"$1\"", Long.toString(pid()));
        } catch (final IOException e) {
            throw new IllegalStateException("cannot start sh to guard a paused kinesis-local", e);
        }
        Processes.signal(process.toHandle(), "STOP");
    }

    /** Undoes {@link #pause()} (SIGCONT). Does nothing if it is not paused. */
    public synchronized void resume() {
        if (pausedWatchdog == null) {
            return;
        }
        Processes.signal(process.toHandle(), "CONT");
        endPausedWatchdog();
    }

    /** Ends the child and forgets all streams. May be called more than once, paused or not. */
    @Override
    public synchronized void close() {
        if (pausedWatchdog != null) {
            process.destroyForcibly();
        } else {
            process.destroy();
        }
        Processes.awaitOrKill(process, TERM_TIMEOUT_MS);
        endPausedWatchdog();
    }

    private synchronized void endPausedWatchdog() {
        final Watchdog watchdog = pausedWatchdog;
        pausedWatchdog = null;
        if (watchdog != null) {
            watchdog.close();
        }
    }

    private static Path folder() {
        final String root = System.getProperty("ringledger.root");
        if (root == null) {
            throw new IllegalStateException(
                    "system property ringledger.root is not set: start Java with"
                            + " -Dringledger.root=<folder of the repository>");
        }
        final Path folder = Path.of(root).toAbsolutePath().resolve("emulators/kinesis-local");
        if (!Files.isRegularFile(folder.resolve("run.cjs"))) {
            throw new IllegalStateException(
                    "ringledger.root=" + root + " is not the repository: no run.cjs in " + folder);
        }
        if (!Files.isRegularFile(folder.resolve("node_modules/kinesis-local/main.js"))) {
            throw new IllegalStateException(
                    "the npm packages of the Kinesis emulator are not installed; run: npm ci"
                            + " --prefix "
                            + folder);
        }
        return folder;
    }

    private static Process launch(final Path folder, final int heapMb) {
        final ProcessBuilder builder = new ProcessBuilder(
                        "node", "--max-old-space-size=" + heapMb, "run.cjs")
                .directory(folder.toFile())
                .redirectErrorStream(true);
        final Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(name -> name.startsWith("AWS_") || name.startsWith("NODE_"));
        for (final String duration : DURATIONS) {
            environment.put(duration, "0ms");
        }
        // On AWS it takes minutes, and readers and writers find the stream in that state.
        environment.put("UPDATE_SHARD_COUNT_DURATION", "1s");
        environment.put("AWS_REGION", "us-east-1");
        environment.put("SHARD_LIMIT", "1000");
        environment.put("ON_DEMAND_STREAM_COUNT_LIMIT", "100");
        environment.put("SHOULD_PERSIST_DATA", "false");
        environment.put("LOAD_DATA_IF_EXISTS", "false");
        // It would print a warning whenever this machine is busy.
        environment.put("CATS_EFFECT_CPU_STARVATION_CHECK_INITIAL_DELAY", "Inf");
        environment.put("LOG_LEVEL", "ERROR");
        environment.put("ROOT_LOG_LEVEL", "ERROR");
        environment.remove("INITIALIZE_STREAMS");
        try {
            return builder.start();
        } catch (final IOException e) {
            throw new IllegalStateException(
                    "cannot run node: install Node.js 20 or later and put it on the PATH ("
                            + e.getMessage()
                            + ")",
                    e);
        }
    }

    /** Reads all that the child prints, so that its pipe is never full; keeps the last lines. */
    private void drainOutput() {
        final Thread thread = new Thread(this::drain, "kinesis-local-output");
        thread.setDaemon(true);
        thread.start();
    }

    private void drain() {
        try (BufferedReader reader = new BufferedReader(
                new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String line = reader.readLine();
            while (line != null) {
                if (line.startsWith(LISTENING)) {
                    final String port = line.substring(LISTENING.length());
                    listeningPort.complete(Integer.parseInt(port));
                } else {
                    keep(line);
                }
                line = reader.readLine();
            }
        } catch (final IOException | UncheckedIOException e) {
            LOG.debug("output of kinesis-local ended: {}", e.getMessage());
        } finally {
            listeningPort.completeExceptionally(new IOException("its output ended"));
        }
    }

    private void keep(final String line) {
        LOG.debug("{}", line);
        synchronized (lastLines) {
            if (lastLines.size() == LAST_LINES) {
                lastLines.removeFirst();
            }
            lastLines.addLast(line);
        }
    }

    private void awaitAnswer() {
        try {
            listeningPort.get(START_TIMEOUT_MS, TimeUnit.MILLISECONDS);
            final HttpURLConnection connection = (HttpURLConnection)
                    endpoint().resolve("/healthcheck").toURL().openConnection();
            connection.setConnectTimeout(HTTP_TIMEOUT_MS);
            connection.setReadTimeout(HTTP_TIMEOUT_MS);
            final int status = connection.getResponseCode();
            connection.disconnect();
            if (status != 200) {
                throw new IllegalStateException("kinesis-local: healthcheck status=" + status);
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while kinesis-local started", e);
        } catch (final ExecutionException | TimeoutException | IOException e) {
            throw new IllegalStateException(
                    "kinesis-local did not start: pid="
                            + pid()
                            + ", alive="
                            + process.isAlive()
                            + ", timeoutMs="
                            + START_TIMEOUT_MS
                            + "; it printed: "
                            + printed(),
                    e);
        }
    }

    private String printed() {
        synchronized (lastLines) {
            return lastLines.isEmpty() ? "nothing" : String.join("\n", lastLines);
        }
    }
}
