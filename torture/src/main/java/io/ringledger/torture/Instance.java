package io.ringledger.torture;

import io.ringledger.emulators.Processes;
import io.ringledger.emulators.Watchdog;
import io.ringledger.localstack.ServiceCommand;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * One process of a service, started once and ended once, as a task of an orchestrator. It cannot
 * outlive this process. Thread-safe; {@link #stop} and {@link #close} block.
 */
final class Instance implements AutoCloseable {
    /** As the deployment has it (stopTimeout of its tasks): then it is killed. */
    private static final long STOP_LIMIT_MS = 60_000;

    private static final long CLOSE_LIMIT_MS = 8_000;
    private static final int ON_SIGTERM = 143;

    private final Role role;
    private final String name;
    private final int port;
    private final Path log;
    private final Process process;
    private final Watchdog watchdog;

    private Instance(
            final Role role,
            final String name,
            final int port,
            final Path log,
            final Process process,
            final Watchdog watchdog) {
        this.role = role;
        this.name = name;
        this.port = port;
        this.log = log;
        this.process = process;
        this.watchdog = watchdog;
    }

    /** Starts it; returns at once. */
    static Instance start(
            final Role role,
            final String name,
            final int port,
            final ServiceCommand command,
            final Map<String, String> environment,
            final Path folder)
            throws IOException {
        final Path log = folder.resolve(name + ".log");
        final Process process = command.start(environment, log);
        return new Instance(
                role,
                name,
                port,
                log,
                process,
                Watchdog.start("kill -9 \"$1\"", Long.toString(process.pid())));
    }

    /**
     * How it ended when it was asked to.
     *
     * @param name whose end
     * @param tookMs from the signal to the end
     * @param exitCode of the process
     */
    record Stopped(String name, long tookMs, int exitCode) {
        /** Whether it ended because it was asked to, by itself and without a complaint. */
        boolean isClean() {
            return exitCode == 0 || exitCode == ON_SIGTERM;
        }
    }

    /** SIGTERM, and SIGKILL once its time is up. */
    Stopped stop() throws InterruptedException {
        final long startNs = System.nanoTime();
        process.destroy();
        if (!process.waitFor(STOP_LIMIT_MS, TimeUnit.MILLISECONDS)) {
            process.destroyForcibly().waitFor();
        }
        watchdog.close();
        return new Stopped(
                name,
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs),
                process.exitValue());
    }

    Role role() {
        return role;
    }

    String name() {
        return name;
    }

    Path log() {
        return log;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + port);
    }

    @Override
    public void close() {
        process.destroy();
        Processes.awaitOrKill(process, CLOSE_LIMIT_MS);
        watchdog.close();
    }
}
