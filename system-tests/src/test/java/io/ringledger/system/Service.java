package io.ringledger.system;

import io.ringledger.emulators.Processes;
import io.ringledger.emulators.Watchdog;
import io.ringledger.localstack.ServiceCommand;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One service in a process of its own, which can be killed, frozen and started again on the same port.
 * It cannot outlive this process. Used by one thread at a time.
 */
final class Service implements AutoCloseable {
    /** What makes a start cheap counts, not peak speed. */
    private static final List<String> JVM = List.of(
            "-Xmx512m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xshare:auto",
            "-XX:-UsePerfData");

    private static final long STOP_MS = 15_000;

    private final ServiceCommand command;
    private final Map<String, String> environment;
    private final int port;
    private final Path log;

    private @Nullable Process process;
    private @Nullable Watchdog watchdog;

    /** One that has not been started. */
    Service(
            final String module,
            final String mainClass,
            final Map<String, String> environment,
            final int port,
            final Path log)
            throws IOException {
        command = ServiceCommand.of(module, mainClass, JVM);
        this.environment = Map.copyOf(environment);
        this.port = port;
        this.log = log;
    }

    int port() {
        return port;
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + port);
    }

    /** Starts it, and does not wait. */
    void start() throws IOException {
        start(Map.of());
    }

    /** The same with more settings, this time. */
    void start(final Map<String, String> more) throws IOException {
        final Map<String, String> all = new HashMap<>(environment);
        all.putAll(more);
        final Process started = command.start(all, log);
        process = started;
        watchdog = Watchdog.start("kill -9 \"$1\"", Long.toString(started.pid()));
    }

    /** SIGKILL. */
    void kill() {
        end(0);
    }

    /** SIGSTOP: from the outside like a long pause of the collector, or a suspended machine. */
    void freeze() {
        Processes.signal(running().toHandle(), "STOP");
    }

    /** SIGCONT. */
    void thaw() {
        Processes.signal(running().toHandle(), "CONT");
    }

    /** SIGTERM, and waits until it has ended. */
    @Override
    public void close() {
        end(STOP_MS);
    }

    private Process running() {
        final Process current = process;
        if (current == null) {
            throw new IllegalStateException("not started: " + log);
        }
        return current;
    }

    private void end(final long limitMs) {
        final Process ending = process;
        final Watchdog watching = watchdog;
        if (ending == null || watching == null) {
            return;
        }
        process = null;
        if (limitMs == 0) {
            ending.destroyForcibly();
        } else {
            ending.destroy();
        }
        Processes.awaitOrKill(ending, Math.max(1, limitMs));
        watching.close();
    }
}
