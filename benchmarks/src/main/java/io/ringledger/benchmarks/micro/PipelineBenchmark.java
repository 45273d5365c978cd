package io.ringledger.benchmarks.micro;

import io.ringledger.kit.ProblemCode;
import io.ringledger.ledger.http.CommandReply;
import io.ringledger.ledger.log.LogRecord;
import io.ringledger.ledger.partition.Partition;
import io.ringledger.ledger.partition.PartitionContext;
import io.ringledger.ledger.partition.PartitionListener;
import io.ringledger.ledger.partition.RecoveredPartition;
import io.ringledger.model.AccountModel;
import io.ringledger.model.Command;
import io.ringledger.model.ModelContext;
import io.ringledger.model.Outcome;

import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * One partition as it is in production (ring, writer, frames, compression, chain, answers), over a
 * log and an ownership that answer at once. One producer publishes commands that were made before,
 * as fast as the ring takes them; a burst is over when its last outcome has been told.
 *
 * <p>The commands come round again after their keys have expired, so the model is in its steady
 * state: a key goes for every one that comes.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class PipelineBenchmark {
    /** Commands of one invocation. */
    static final int BURST = 100_000;

    /** Commands until the first one comes again. */
    private static final int CYCLE = 1 << 18;

    /** A thousand commands are a millisecond of ledger time; half a cycle is the window. */
    private static final int COMMANDS_PER_MS = 1_000;

    private static final int WINDOW_MS = CYCLE / 2 / COMMANDS_PER_MS;
    private static final long STOP_TIMEOUT_MS = 10_000;

    /** Far less than the ring takes to run empty. */
    private static final long FULL_PARK_NS = 20_000;

    private static final long STALL_NS = TimeUnit.SECONDS.toNanos(60);

    /** The production defaults, and room for the keys. */
    static final PartitionContext CONTEXT = new PartitionContext(
            1,
            32_768,
            4,
            256 * 1024,
            8_192,
            2_000,
            new ModelContext(
                    WINDOW_MS, 10_000, Integer.MAX_VALUE, 2 * CYCLE, Integer.MAX_VALUE, 1, 2));

    /** Publishes a burst and waits for the last outcome. */
    @Benchmark
    @OperationsPerInvocation(BURST)
    public void partition(final Open open, final Used used) {
        final long before = open.told();
        used.begin(open);
        open.publish(BURST);
        open.awaitTold(before + BURST);
        used.end(open);
    }

    /** Processor time and heap of the partition's threads. */
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    public static class Used {
        /** Bytes that the writer thread allocated. */
        public long writerBytes;

        /** Processor time of the writer thread. */
        public long writerNs;

        /** Processor time of the appender thread. */
        public long appenderNs;

        /** Processor time of the thread that publishes. */
        public long producerNs;

        void begin(final Open open) {
            add(open, -1);
        }

        void end(final Open open) {
            add(open, 1);
        }

        private void add(final Open open, final int sign) {
            writerBytes += sign * Threads.allocatedBytes(open.writer());
            writerNs += sign * Threads.cpuNs(open.writer());
            appenderNs += sign * Threads.cpuNs(open.appender());
            producerNs += sign * Threads.cpuNs(Thread.currentThread());
        }
    }

    /** A partition that serves. */
    @State(Scope.Benchmark)
    public static class Open {
        /** How many accounts there are. */
        @Param({"10000", "1"})
        public int accounts;

        private final Replies replies = new Replies();
        private Command[] commands = new Command[0];
        private final AtomicLong published = new AtomicLong();
        private @Nullable AccountModel model;
        private @Nullable Partition partition;
        private @Nullable Thread writer;
        private @Nullable Thread appender;

        /** Opens the accounts and starts the threads. */
        @Setup
        public void start() throws Exception {
            final Traffic traffic = new Traffic(accounts);
            commands = traffic.next(CYCLE);
            final AccountModel opened = traffic.opened(CONTEXT.model());
            model = opened;
            final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();
            appender = executor.submit(Thread::currentThread).get();
            partition = Partition.start(
                    CONTEXT,
                    new RecoveredPartition(
                            opened,
                            Traffic.chain(opened),
                            InstantLog.positionOf(1),
                            0,
                            LogRecord.UNKNOWN,
                            0),
                    new InstantLog(),
                    new SureOwnership(1),
                    executor,
                    () -> Traffic.START_MS + published.get() / COMMANDS_PER_MS,
                    new StopListener());
            writer = Threads.named("writer-0");
        }

        /** Ends the threads and checks the accounts. */
        @TearDown
        public void stop() throws InterruptedException {
            if (partition == null || model == null || !partition.close(STOP_TIMEOUT_MS)) {
                throw new IllegalStateException("the partition did not end");
            }
            model.verify();
            final long count = published.get();
            if (model.lastSequence() != accounts + count) {
                throw new IllegalStateException(
                        "events=" + model.lastSequence() + ", published=" + count);
            }
        }

        void publish(final int count) {
            final Partition open = requireStarted(partition);
            long next = published.get();
            for (final long end = next + count; next < end; next++) {
                while (!open.tryPublish(commands[(int) next & (CYCLE - 1)], replies, 0)) {
                    LockSupport.parkNanos(FULL_PARK_NS);
                }
                published.lazySet(next + 1);
            }
        }

        long told() {
            return replies.told.get();
        }

        void awaitTold(final long count) {
            final long deadlineNs = System.nanoTime() + STALL_NS;
            while (told() < count) {
                LockSupport.parkNanos(FULL_PARK_NS);
                if (System.nanoTime() > deadlineNs) {
                    throw new IllegalStateException("told " + told() + " of " + count);
                }
            }
        }

        Thread writer() {
            return requireStarted(writer);
        }

        Thread appender() {
            return requireStarted(appender);
        }

        private static <T> T requireStarted(final @Nullable T part) {
            if (part == null) {
                throw new IllegalStateException("not started");
            }
            return part;
        }
    }

    /** Counts the outcomes, on the appender thread, as one event loop would be told them. */
    private static final class Replies implements CommandReply {
        private static final Executor AT_ONCE = Runnable::run;

        private final AtomicLong told = new AtomicLong();
        private long count;

        @Override
        public Executor eventLoop() {
            return AT_ONCE;
        }

        @Override
        public void onOutcome(final int index, final Outcome outcome) {
            Traffic.requireAccepted(outcome);
            count++;
            told.lazySet(count);
        }

        @Override
        public void onFailed(final int index, final ProblemCode code) {
            throw new IllegalStateException("no outcome: " + code);
        }
    }

    /** What cannot be ends the run. */
    private static final class StopListener implements PartitionListener {
        @Override
        public void onFrame(
                final int partition,
                final int events,
                final int replies,
                final int recordBytes,
                final long appendNs) {
            // Not measured here.
        }

        @Override
        public void onRetry(final int partition, final Throwable cause) {
            throw new IllegalStateException("the log failed", cause);
        }

        @Override
        public void onOwnershipLost(final int partition) {
            throw new IllegalStateException("the ownership was lost");
        }

        @Override
        public void onFatal(final int partition, final Throwable cause) {
            throw new IllegalStateException("the partition failed", cause);
        }
    }
}
