package io.ringledger.kit;

import io.vertx.core.Future;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Starts the parts of a process one after the other and stops them in the opposite order, each stop
 * with what is left of a common time limit, but at least half a second. Parts are added by one thread; {@link #stop} may be
 * called by any thread, and does its work once.
 */
public final class Lifecycle implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Lifecycle.class);

    /** Time for a part that is stopped after others have used up the limit. */
    private static final long MIN_STOP_NS = TimeUnit.MILLISECONDS.toNanos(500);

    private final String process;
    private final long stopLimitMs;
    private final Deque<Part> parts = new ArrayDeque<>();
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final CountDownLatch stopped = new CountDownLatch(1);

    /** What stops a part: blocks until it has stopped. */
    public interface Stop {
        /** Stops the part. */
        void run() throws Exception;
    }

    private record Part(String name, Stop stop) {}

    /** A life cycle whose stop takes at most {@code stopLimitMs}. */
    public Lifecycle(final String process, final long stopLimitMs) {
        this.process = process;
        this.stopLimitMs = stopLimitMs;
    }

    /** Starts a part, and remembers how to stop it. */
    public <T extends AutoCloseable> T start(final String name, final Callable<T> start)
            throws Exception {
        LOG.info("{}: starting {}", process, name);
        final T part = start.call();
        onStop(name, part::close);
        return part;
    }

    /** Remembers how to stop something that runs already. */
    public void onStop(final String name, final Stop stop) {
        synchronized (parts) {
            parts.push(new Part(name, stop));
        }
    }

    /** Waits for a future of Vert.x, from a thread that is no event loop. */
    public static <T> T await(final Future<T> future, final long limitMs) throws Exception {
        try {
            return future.toCompletionStage()
                    .toCompletableFuture()
                    .get(limitMs, TimeUnit.MILLISECONDS);
        } catch (final ExecutionException e) {
            if (e.getCause() instanceof final Exception cause) {
                throw cause;
            }
            throw e;
        }
    }

    /** Stops the process's parts when the JVM is asked to end (SIGTERM, SIGINT). */
    public void stopOnSignal() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::stop, process + "-stop"));
    }

    /** Waits until the parts have been stopped. */
    public void awaitStop() throws InterruptedException {
        stopped.await();
    }

    /** Stops every part, the last started first; returns when all have stopped or the time is up. */
    public void stop() {
        if (!stopping.compareAndSet(false, true)) {
            try {
                stopped.await(stopLimitMs, TimeUnit.MILLISECONDS);
            } catch (final InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return;
        }
        final long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(stopLimitMs);
        for (Part part = next(); part != null; part = next()) {
            stop(part, deadlineNs - System.nanoTime());
        }
        LOG.info("{}: stopped", process);
        stopped.countDown();
    }

    @Override
    public void close() {
        stop();
    }

    private @Nullable Part next() {
        synchronized (parts) {
            return parts.poll();
        }
    }

    private void stop(final Part part, final long limitNs) {
        LOG.info("{}: stopping {}", process, part.name());
        final var done = new FutureTask<Void>(() -> {
            part.stop().run();
            return null;
        });
        final Thread thread = Thread.ofPlatform()
                .daemon()
                .name(process + "-stop-" + part.name())
                .start(done);
        try {
            done.get(Math.max(MIN_STOP_NS, limitNs), TimeUnit.NANOSECONDS);
        } catch (final TimeoutException e) {
            LOG.warn(
                    "{}: {} has not stopped in time: limitMs={}",
                    process,
                    part.name(),
                    stopLimitMs);
            thread.interrupt();
        } catch (final ExecutionException e) {
            LOG.warn("{}: stopping {} failed", process, part.name(), e.getCause());
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
