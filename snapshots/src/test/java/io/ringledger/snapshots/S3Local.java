package io.ringledger.snapshots;

import io.ringledger.emulators.Watchdog;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** S3 on this machine: S3Mock from its own jar, in a process of its own, with one bucket. */
final class S3Local implements AutoCloseable {
    static final String BUCKET = "ringledger-snapshots";

    private static final Pattern STARTED =
            Pattern.compile("Tomcat started on ports .* (\\d+) \\(http\\)");
    private static final long TIMEOUT_S = 90;

    private final Process process;
    private final Watchdog watchdog;
    private final URI endpoint;

    private S3Local(final Process process, final Watchdog watchdog, final URI endpoint) {
        this.process = process;
        this.watchdog = watchdog;
        this.endpoint = endpoint;
    }

    static S3Local start() throws Exception {
        final Path jar = Path.of(
                System.getProperty("ringledger.root"), "snapshots/target/s3mock/s3mock.jar");
        if (!Files.exists(jar)) {
            throw new IllegalStateException("no " + jar + ": build the module with Maven");
        }
        final Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-Xmx256m",
                        "-XX:TieredStopAtLevel=1",
                        "-jar",
                        jar.toString(),
                        "--http.port=0",
                        "--server.port=0",
                        "--com.adobe.testing.s3mock.store.initial-buckets=" + BUCKET)
                .redirectErrorStream(true)
                .start();
        final Watchdog watchdog = Watchdog.start("kill -9 \"$1\"", process.pid() + "");
        try {
            return new S3Local(
                    process,
                    watchdog,
                    URI.create(
                            "http://127.0.0.1:" + port(process).get(TIMEOUT_S, TimeUnit.SECONDS)));
        } catch (final Exception e) {
            process.destroyForcibly();
            watchdog.close();
            throw e;
        }
    }

    URI endpoint() {
        return endpoint;
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
        watchdog.close();
    }

    /** Reads what the process says, to its end, so that it never waits for us. */
    private static CompletableFuture<Integer> port(final Process process) {
        final CompletableFuture<Integer> port = new CompletableFuture<>();
        final Thread reader = new Thread(
                () -> {
                    final ArrayDeque<String> last = new ArrayDeque<>();
                    try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                            process.getInputStream(), StandardCharsets.UTF_8))) {
                        for (String line = lines.readLine();
                                line != null;
                                line = lines.readLine()) {
                            last.add(line);
                            if (last.size() > 30) {
                                last.remove();
                            }
                            final Matcher started = STARTED.matcher(line);
                            if (started.find()) {
                                port.complete(Integer.valueOf(started.group(1)));
                            }
                        }
                    } catch (final IOException e) {
                        last.add(e.toString());
                    }
                    port.completeExceptionally(
                            new IllegalStateException("S3Mock ended: " + String.join("\n", last)));
                },
                "s3mock-output");
        reader.setDaemon(true);
        reader.start();
        return port;
    }
}
