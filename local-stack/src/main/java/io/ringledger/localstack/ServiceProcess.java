package io.ringledger.localstack;

import io.ringledger.emulators.Watchdog;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * One service in a JVM of its own, started as it would be on AWS: a class path, a main class, an
 * environment. When it ends and nobody has stopped it, it is started again after a while, as an
 * orchestrator would. It cannot outlive this process. Thread-safe.
 */
public final class ServiceProcess implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ServiceProcess.class);
    private static final long STOP_TIMEOUT_MS = 8_000;

    /** A restart that follows at once would hide from a person what the end of a service does. */
    private static final long RESTART_DELAY_MS = 3_000;

    private final String name;
    private final ServiceCommand command;
    private final Map<String, String> environment;
    private final Path log;
    private final Thread keeper;

    // Guarded by this.
    private boolean isStopped;
    private Process process;
    private Watchdog watchdog;

    private ServiceProcess(
            final String name,
            final ServiceCommand command,
            final Map<String, String> environment,
            final Path log)
            throws IOException {
        this.name = name;
        this.command = command;
        this.environment = environment;
        this.log = log;
        process = launch();
        watchdog = watch(process);
        keeper = Thread.ofPlatform().daemon().name(name + "-keeper").start(this::keepAlive);
    }

    /**
     * Starts a service.
     *
     * @param module the folder of its module, where the build has left the class path
     * @param logs folder that its output goes to
     */
    static ServiceProcess start(
            final String module,
            final String mainClass,
            final Map<String, String> environment,
            final Path logs)
            throws IOException {
        Files.createDirectories(logs);
        return new ServiceProcess(
                module,
                ServiceCommand.of(module, mainClass, List.of("-Xmx1g")),
                Map.copyOf(environment),
                logs.resolve(module + ".log"));
    }

    /** The service's name. */
    public String name() {
        return name;
    }

    /** The process id; another one after a restart. */
    public synchronized long pid() {
        return process.pid();
    }

    /** Kills it as a crash would (SIGKILL); it is started again after a while. */
    public synchronized void kill() {
        process.destroyForcibly();
    }

    @Override
    public void close() {
        final Process ending;
        synchronized (this) {
            isStopped = true;
            ending = process;
        }
        keeper.interrupt();
        ending.destroy();
        try {
            if (!ending.waitFor(STOP_TIMEOUT_MS, TimeUnit.MILLISECONDS)) {
                LOG.warn("{} did not stop within {} ms: killed", name, STOP_TIMEOUT_MS);
                ending.destroyForcibly().waitFor();
            }
        } catch (final InterruptedException e) {
            ending.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        synchronized (this) {
            watchdog.close();
        }
    }

    private void keepAlive() {
        try {
            @Nullable Process running = current();
            while (running != null) {
                final int exitCode = running.waitFor();
                LOG.warn("{} has ended: pid={}, exitCode={}", name, running.pid(), exitCode);
                TimeUnit.MILLISECONDS.sleep(RESTART_DELAY_MS);
                running = restart();
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (final IOException e) {
            LOG.error("cannot start {} again", name, e);
        }
    }

    private synchronized @Nullable Process current() {
        return isStopped ? null : process;
    }

    private synchronized @Nullable Process restart() throws IOException {
        if (isStopped) {
            return null;
        }
        watchdog.close();
        process = launch();
        watchdog = watch(process);
        LOG.info("{} started again: pid={}", name, process.pid());
        return process;
    }

    private Process launch() throws IOException {
        return command.start(environment, log);
    }

    private static Watchdog watch(final Process process) throws IOException {
        return Watchdog.start("kill -9 \"$1\"", Long.toString(process.pid()));
    }
}
