package io.ringledger.simulation;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Delayed;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;

/**
 * A thread of a simulated process: tasks run one after another, in the order in which they were
 * handed over, each a moment later, so that the threads of one process interleave. Ends with the
 * process; what it still had to do never happens.
 */
final class SimExecutor extends AbstractExecutorService implements ScheduledExecutorService {
    private final World world;
    private final SimProcess process;
    private final LongSupplier hesitationNs;
    private long lastNs;
    private boolean isShutdown;

    /**
     * @param hesitationNs how long a task waits for a processor
     */
    SimExecutor(final World world, final SimProcess process, final LongSupplier hesitationNs) {
        this.world = world;
        this.process = process;
        this.hesitationNs = hesitationNs;
    }

    @Override
    public void execute(final Runnable task) {
        if (process.isBurying()) {
            task.run();
            return;
        }
        requireOpen();
        lastNs = Math.max(lastNs, world.nowNs() + hesitationNs.getAsLong());
        world.at(lastNs, process, task);
    }

    @Override
    public ScheduledFuture<?> schedule(final Runnable task, final long delay, final TimeUnit unit) {
        requireOpen();
        return new Scheduled(task, unit.toNanos(delay), 0);
    }

    @Override
    public <V> ScheduledFuture<V> schedule(
            final Callable<V> task, final long delay, final TimeUnit unit) {
        throw new UnsupportedOperationException("schedule a Runnable");
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(
            final Runnable task, final long initial, final long period, final TimeUnit unit) {
        return scheduleWithFixedDelay(task, initial, period, unit);
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(
            final Runnable task, final long initial, final long delay, final TimeUnit unit) {
        requireOpen();
        return new Scheduled(task, unit.toNanos(initial), unit.toNanos(delay));
    }

    private void requireOpen() {
        // A process that is just dying may still set a timer: it never rings.
        if (isShutdown) {
            throw new RejectedExecutionException("executor has ended");
        }
    }

    @Override
    public void shutdown() {
        isShutdown = true;
    }

    @Override
    public List<Runnable> shutdownNow() {
        isShutdown = true;
        return List.of();
    }

    @Override
    public boolean isShutdown() {
        return isShutdown;
    }

    @Override
    public boolean isTerminated() {
        return isShutdown;
    }

    @Override
    public boolean awaitTermination(final long timeout, final TimeUnit unit) {
        return isShutdown;
    }

    /** A task for later, once or again and again. */
    private final class Scheduled implements ScheduledFuture<Object>, Runnable {
        private final Runnable task;
        private final long periodNs;
        private EventQueue.Event event;
        private boolean isDone;
        private boolean isCancelled;

        Scheduled(final Runnable task, final long delayNs, final long periodNs) {
            this.task = task;
            this.periodNs = periodNs;
            event = add(delayNs);
        }

        private EventQueue.Event add(final long delayNs) {
            final long timeNs = world.nowNs() + process.worldNs(delayNs);
            return world.at(timeNs + hesitationNs.getAsLong(), process, this);
        }

        @Override
        public void run() {
            // Real executors run delayed tasks after a shutdown only if told so; ours never are.
            if (isCancelled || isShutdown) {
                return;
            }
            task.run();
            if (periodNs > 0) {
                event = add(periodNs);
            } else {
                isDone = true;
            }
        }

        @Override
        public boolean cancel(final boolean mayInterrupt) {
            final boolean isCancelledNow = !isDone && !isCancelled;
            isCancelled = true;
            event.cancel();
            return isCancelledNow;
        }

        @Override
        public boolean isCancelled() {
            return isCancelled;
        }

        @Override
        public boolean isDone() {
            return isDone || isCancelled;
        }

        @Override
        public @Nullable Object get() throws ExecutionException {
            throw new CancellationException("a simulated thread never waits");
        }

        @Override
        public @Nullable Object get(final long timeout, final TimeUnit unit)
                throws TimeoutException {
            throw new TimeoutException("a simulated thread never waits");
        }

        @Override
        public long getDelay(final TimeUnit unit) {
            return unit.convert(event.timeNs() - world.nowNs(), TimeUnit.NANOSECONDS);
        }

        @Override
        public int compareTo(final Delayed other) {
            return Long.compare(
                    getDelay(TimeUnit.NANOSECONDS), other.getDelay(TimeUnit.NANOSECONDS));
        }
    }
}
