package io.ringledger.consumer;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import software.amazon.kinesis.coordinator.Scheduler;
import software.amazon.kinesis.coordinator.WorkerStateChangeListener;
import software.amazon.kinesis.processor.ShardRecordProcessorFactory;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * One KCL application in this process, from its lease table to its clean end.
 *
 * <p>{@link #start} and {@link #close} block and are called once, from a thread that is no event loop;
 * the rest is thread-safe. A shard that halts leaves the others at work, and the worker not ready. KCL
 * that dies is told to whoever made the worker: it does not come back in this process.
 */
final class KclWorker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KclWorker.class);
    private static final Duration RETRY = Duration.ofMillis(500);

    /** When KCL calls a processor. */
    enum Calls {
        /** When there are records. */
        WITH_RECORDS,
        /** After each read, also one that brought none. */
        ALWAYS
    }

    /** Ends of the scheduler, and what comes before. */
    private enum State {
        /** Waits for stream and leases, or KCL initialises. */
        STARTING,
        /** KCL runs. */
        RUNNING,
        /** KCL has ended by itself, or could not start. */
        DEAD,
        /** Asked to stop. */
        STOPPED
    }

    private final String name;
    private final ConsumerContext context;
    private final Calls calls;
    private final String workerId;
    private final StopSignal stop;
    private final ShardStatus status;
    private final Consumer<String> onDeath;

    // Written under the lock of this object.
    private volatile State state = State.STARTING;
    private volatile @Nullable String deathCause;

    // Written by KCL's thread.
    private volatile @Nullable String startFailure;
    private int failedStarts;

    // Set by start, used by close.
    private @Nullable AwsClients aws;
    private volatile @Nullable Scheduler scheduler;
    private @Nullable Thread thread;

    /**
     * @param name of the role, for the log
     * @param stop raised before the shards are handed over
     * @param onDeath told, once and with the cause, that KCL has ended by itself; on any thread, which
     *     it must not hold up
     */
    KclWorker(
            final String name,
            final ConsumerContext context,
            final Calls calls,
            final StopSignal stop,
            final ShardStatus status,
            final Consumer<String> onDeath) {
        this.name = name;
        this.context = context;
        this.calls = calls;
        this.workerId = context.workerId().isEmpty() ? newWorkerId() : context.workerId();
        this.stop = stop;
        this.status = status;
        this.onDeath = onDeath;
    }

    /** The clients, from the first call on until the end. */
    synchronized AwsClients clients() {
        final AwsClients open = aws;
        if (open != null) {
            return open;
        }
        final AwsClients made = new AwsClients(context);
        aws = made;
        return made;
    }

    /**
     * Waits for the stream, makes the leases ready and starts KCL. Returns once its thread runs; the
     * first records come a few seconds later.
     *
     * @throws IllegalStateException if something is not there in time
     */
    void start(final ShardRecordProcessorFactory processors, final Deadline deadline) {
        final AwsClients clients = clients();
        final LogStream stream = new LogStream(clients.kinesis(), context.stream());
        status.kept(stream.await(deadline));
        prepareLeases(clients, stream, deadline);
        final Scheduler worker = newScheduler(clients, processors);
        scheduler = worker;
        final Thread running =
                new Thread(() -> run(worker, clients, processors, deadline), "kcl-" + name);
        thread = running;
        running.start();
        LOG.info("{} {}: KCL started, waited={} ms", name, workerId, deadline.elapsedMs());
    }

    /** AWS may be slow or away for a moment: only the deadline ends this. */
    private void prepareLeases(
            final AwsClients clients, final LogStream stream, final Deadline deadline) {
        final LeaseTable leases = new LeaseTable(clients.dynamoDb(), context.application());
        while (true) {
            try {
                leases.prepare(stream.shards(), deadline);
                return;
            } catch (final CompletionException e) {
                LOG.warn(
                        "lease table {}: not ready, waited={} ms: {}",
                        context.application(),
                        deadline.elapsedMs(),
                        String.valueOf(e.getCause()));
                if (!deadline.pause(RETRY)) {
                    throw e;
                }
            }
        }
    }

    private Scheduler newScheduler(
            final AwsClients clients, final ShardRecordProcessorFactory processors) {
        return KclScheduler.create(
                context,
                clients.kinesis(),
                clients.dynamoDb(),
                workerId,
                processors,
                calls == Calls.ALWAYS,
                new SchedulerListener());
    }

    /**
     * Until KCL ends. A scheduler that could not start never can: of two workers that begin an
     * application at the same moment, one finds the other's record of KCL's version where it wanted
     * to write its own, and from then on only that it has begun. A new one finds the record.
     */
    private void run(
            final Scheduler first,
            final AwsClients clients,
            final ShardRecordProcessorFactory processors,
            final Deadline deadline) {
        try {
            Scheduler worker = first;
            worker.run();
            for (int tries = 1; failedStarts == tries && deadline.pause(RETRY); tries++) {
                LOG.warn(
                        "{} {}: KCL could not start, trying again, waited={} ms: {}",
                        name,
                        workerId,
                        deadline.elapsedMs(),
                        startFailure);
                worker = newScheduler(clients, processors);
                if (!isReplaced(worker)) {
                    return;
                }
                worker.run();
            }
            died(
                    state == State.STARTING
                            ? "KCL could not start: " + startFailure
                            : "KCL's scheduler ended");
        } catch (final RuntimeException | Error e) {
            LOG.error("{} {}: KCL's scheduler died", name, workerId, e);
            died("KCL's scheduler died: " + e);
        }
    }

    /** False if it is too late for another one: {@link #close} has looked for the last. */
    private synchronized boolean isReplaced(final Scheduler worker) {
        if (state != State.STARTING) {
            return false;
        }
        scheduler = worker;
        return true;
    }

    /** The first cause stays, it led to the others. */
    private void died(final String cause) {
        synchronized (this) {
            if (state == State.STOPPED || state == State.DEAD) {
                return;
            }
            state = State.DEAD;
            deathCause = cause;
        }
        LOG.error("{} {}: not working any more: {}", name, workerId, cause);
        onDeath.accept(name + ": " + cause);
    }

    private synchronized void running() {
        if (state == State.STARTING) {
            state = State.RUNNING;
        }
    }

    private synchronized State stopped() {
        final State before = state;
        state = State.STOPPED;
        return before;
    }

    /** KCL itself, once it has been started. */
    @Nullable Scheduler scheduler() {
        return scheduler;
    }

    /** The lease by which a shard is held now. */
    ShardLease shardLease(final String shardId) {
        final Scheduler worker = scheduler;
        if (worker == null) {
            throw new IllegalStateException("no scheduler: shardId=" + shardId);
        }
        return ShardLease.of(worker.leaseCoordinator(), shardId);
    }

    /** Null if KCL runs and every shard is worked on, else why not. */
    @Nullable String trouble() {
        return switch (state) {
            case STARTING ->
                startFailure == null ? "starting" : "KCL could not start yet: " + startFailure;
            case DEAD -> "not working any more: " + deathCause;
            case STOPPED -> "stopped";
            case RUNNING -> status.trouble();
        };
    }

    /** Stops cleanly: the shards are checkpointed and handed over, as far as time allows. */
    @Override
    public void close() {
        final Deadline deadline = Deadline.afterMs(context.stopTimeoutMs());
        final State before = stopped();
        if (before == State.STOPPED) {
            return;
        }
        // Whatever waits for something outside gives up now: its records come again.
        stop.raise();
        final Scheduler worker = scheduler;
        final Thread running = thread;
        if (worker != null && running != null && running.isAlive()) {
            stopWorker(worker, running, before, deadline);
        }
        closeClients();
        LOG.info("{} {}: stopped in {} ms", name, workerId, deadline.elapsedMs());
    }

    private synchronized void closeClients() {
        if (aws != null) {
            aws.close();
        }
    }

    private void stopWorker(
            final Scheduler worker,
            final Thread running,
            final State before,
            final Deadline deadline) {
        try {
            if (before == State.RUNNING) {
                worker.startGracefulShutdown()
                        .get(deadline.leftMs() * 3 / 4, TimeUnit.MILLISECONDS);
            } else {
                worker.shutdown();
            }
            running.join(Math.max(1, deadline.leftMs()));
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (final ExecutionException | TimeoutException e) {
            LOG.warn("{} {}: no graceful stop in time: {}", name, workerId, e.toString());
            worker.shutdown();
            running.interrupt();
        }
    }

    private static String newWorkerId() {
        String host;
        try {
            host = InetAddress.getLocalHost().getHostName();
        } catch (final UnknownHostException e) {
            host = "worker";
        }
        return host + "-" + ProcessHandle.current().pid() + "-"
                + UUID.randomUUID().toString().substring(0, 8);
    }

    /** Learns whether KCL could start. */
    private final class SchedulerListener implements WorkerStateChangeListener {
        @Override
        public void onWorkerStateChange(final WorkerState newState) {
            LOG.info("{} {}: KCL is {}", name, workerId, newState);
            if (newState == WorkerState.STARTED) {
                running();
            }
        }

        @Override
        public void onAllInitializationAttemptsFailed(final Throwable e) {
            failedStarts++;
            startFailure = e.toString();
        }
    }
}
