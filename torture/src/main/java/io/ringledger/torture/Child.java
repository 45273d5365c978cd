package io.ringledger.torture;

import io.ringledger.emulators.Processes;
import io.ringledger.emulators.Watchdog;
import io.ringledger.kit.Failpoints;
import io.ringledger.localstack.ServiceCommand;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * One service in a process of its own, which is started again at once whenever it ends, maybe with a
 * failpoint, until it is closed. It cannot outlive this process. Thread-safe.
 */
final class Child implements AutoCloseable {
    /** Who looks after the children together. */
    interface Parent {
        /** The child has ended without being killed from here; what process id it had. */
        void onEnded(Child child, long pid);

        /** Whether a child that starts again may get a failpoint. */
        boolean mayBeArmed(Child child);
    }

    private static final long STOP_TIMEOUT_MS = 8_000;

    /** A process that cannot start must not take all there is of the machine. */
    private static final long MIN_LIFE_MS = 1_500;

    private final Role role;
    private final String name;
    private final int port;
    private final ServiceCommand command;
    private final Map<String, String> environment;
    private final Path log;
    private final FailpointDeck deck;
    private final Tally tally;
    private final Parent parent;
    private final Thread keeper;

    // Guarded by this.
    private Process process;
    private Watchdog watchdog;
    private String armed = "";
    private boolean isKilled;
    private boolean isPaused;
    private boolean isClosed;
    private long startedNs;

    Child(
            final Role role,
            final String name,
            final int port,
            final ServiceCommand command,
            final Map<String, String> environment,
            final Path log,
            final FailpointDeck deck,
            final Tally tally,
            final Parent parent)
            throws IOException {
        this.role = role;
        this.name = name;
        this.port = port;
        this.command = command;
        this.environment = Map.copyOf(environment);
        this.log = log;
        this.deck = deck;
        this.tally = tally;
        this.parent = parent;
        process = launch("");
        watchdog = watch(process);
        keeper = Thread.ofPlatform().daemon().name(name + "-keeper").start(this::keepAlive);
    }

    Role role() {
        return role;
    }

    String name() {
        return name;
    }

    int port() {
        return port;
    }

    Path log() {
        return log;
    }

    synchronized long pid() {
        return process.pid();
    }

    /** Milliseconds since it was started; 0 while it is ended or frozen. */
    synchronized long ageMs() {
        return isPaused || !process.isAlive()
                ? 0
                : TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedNs);
    }

    /** True if it was started with a failpoint, which has not come yet. */
    synchronized boolean isArmed() {
        return !armed.isEmpty();
    }

    /** SIGKILL. False if there is nothing to kill. */
    synchronized boolean kill() {
        if (isKilled || isClosed || !process.isAlive()) {
            return false;
        }
        isKilled = true;
        process.destroyForcibly();
        return true;
    }

    /** SIGSTOP. False if there is nothing to freeze. */
    synchronized boolean pause() {
        if (isKilled || isPaused || isClosed || !process.isAlive()) {
            return false;
        }
        isPaused = signal("STOP");
        return isPaused;
    }

    /** SIGCONT, if it is frozen. */
    synchronized void resume() {
        if (isPaused) {
            isPaused = false;
            signal("CONT");
        }
    }

    /** False if it has ended meanwhile, by itself. */
    private boolean signal(final String signal) {
        try {
            Processes.signal(process.toHandle(), signal);
            return true;
        } catch (final IllegalStateException e) {
            return false;
        }
    }

    private void keepAlive() {
        try {
            @Nullable Process running = current();
            while (running != null) {
                final int exitCode = running.waitFor();
                if (endedByItself()) {
                    parent.onEnded(this, running.pid());
                }
                awaitMinimalLife();
                running = restart(exitCode);
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (final IOException e) {
            tally.add("cannot restart " + name + ": " + e.getMessage());
        }
    }

    private void awaitMinimalLife() throws InterruptedException {
        final long leftMs;
        synchronized (this) {
            final boolean byItself = !isKilled && armed.isEmpty();
            leftMs = byItself
                    ? MIN_LIFE_MS - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedNs)
                    : 0;
        }
        if (leftMs > 0) {
            TimeUnit.MILLISECONDS.sleep(leftMs);
        }
    }

    private synchronized boolean endedByItself() {
        return !isKilled && !isClosed;
    }

    private synchronized @Nullable Process current() {
        return isClosed ? null : process;
    }

    private synchronized @Nullable Process restart(final int exitCode) throws IOException {
        if (isClosed) {
            return null;
        }
        count(exitCode);
        watchdog.close();
        isKilled = false;
        isPaused = false;
        process = launch(parent.mayBeArmed(this) ? deck.deal(role) : "");
        watchdog = watch(process);
        return process;
    }

    private void count(final int exitCode) {
        if (isKilled) {
            tally.add("kill/" + role.module());
        } else if (exitCode == Failpoints.EXIT_CODE && !armed.isEmpty()) {
            tally.add("failpoint/" + role.module());
            deck.fired(armed);
        } else {
            tally.add("ended by itself/" + role.module() + " with " + exitCode);
        }
    }

    private Process launch(final String failpoint) throws IOException {
        armed = failpoint;
        startedNs = System.nanoTime();
        final Map<String, String> variables = new HashMap<>(environment);
        if (!failpoint.isEmpty()) {
            variables.put(Failpoints.POINT.name(), failpoint);
            variables.put(Failpoints.ALLOWED.name(), "yes");
        }
        return command.start(variables, log);
    }

    private static Watchdog watch(final Process process) throws IOException {
        return Watchdog.start("kill -9 \"$1\"", Long.toString(process.pid()));
    }

    /** Ends it for good: asked first, then killed; blocks. */
    @Override
    public void close() {
        final Process ending;
        synchronized (this) {
            isClosed = true;
            ending = process;
        }
        keeper.interrupt();
        resume();
        ending.destroy();
        Processes.awaitOrKill(ending, STOP_TIMEOUT_MS);
        synchronized (this) {
            watchdog.close();
        }
    }
}
