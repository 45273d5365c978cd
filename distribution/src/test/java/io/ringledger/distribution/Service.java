package io.ringledger.distribution;

import io.ringledger.emulators.Watchdog;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** One service that runs from {@code dist/} in a {@link Container}, ended at the latest with the test. */
final class Service implements AutoCloseable {
    private static final long READY_LIMIT_MS = 180_000;

    /** What the deployment on AWS gives a task. */
    private static final long STOP_LIMIT_S = 60;

    private static final long PAUSE_MS = 200;

    private final String name;
    private final Container container;
    private final Map<String, String> environment;
    private final Path log;
    private final Process process;
    private final Watchdog watchdog;

    private Service(
            final String name,
            final Container container,
            final Map<String, String> environment,
            final Path log)
            throws IOException {
        this.name = name;
        this.container = container;
        this.environment = environment;
        this.log = log;
        process = container.start(environment, log, name);
        watchdog = Watchdog.start("kill -9 \"$1\"", Long.toString(process.pid()));
    }

    /**
     * Starts a service.
     *
     * @param settings its {@code RINGLEDGER_} variables
     * @param logs folder of its output
     */
    static Service start(
            final String name,
            final Container container,
            final Map<String, String> settings,
            final Path logs)
            throws IOException {
        final Map<String, String> environment = new HashMap<>(settings);
        environment.put("AWS_ACCESS_KEY_ID", "local");
        environment.put("AWS_SECRET_ACCESS_KEY", "local");
        environment.put("AWS_REGION", "us-east-1");
        // Stands for a container of that memory.
        environment.put("JAVA_OPTS", "-XX:MaxRAM=2g");
        return new Service(name, container, Map.copyOf(environment), logs.resolve(name + ".log"));
    }

    /** Waits until the image's own check says that it is: live, or ready. */
    void awaitHealthy(final String what) throws Exception {
        final long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(READY_LIMIT_MS);
        while (!isHealthy(what)) {
            if (!process.isAlive() || System.nanoTime() > deadlineNs) {
                throw new AssertionError(name + " is not " + what + ": alive=" + process.isAlive()
                        + "\n" + output());
            }
            TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
        }
    }

    /** What {@code HEALTHCHECK} would find. */
    boolean isHealthy(final String what) throws Exception {
        return container.run(environment, log.resolveSibling("health.log"), "health", what) == 0;
    }

    /** Asks it to end, as an orchestrator does, and gives its exit code. */
    int stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(STOP_LIMIT_S, TimeUnit.SECONDS)) {
            throw new AssertionError(name + " has not stopped");
        }
        return process.exitValue();
    }

    /** All that it has printed. */
    String output() throws IOException {
        return Files.readString(log);
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
        watchdog.close();
    }
}
