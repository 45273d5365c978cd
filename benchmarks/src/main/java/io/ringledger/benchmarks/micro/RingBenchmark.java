package io.ringledger.benchmarks.micro;

import com.lmax.disruptor.BatchEventProcessor;
import com.lmax.disruptor.BatchEventProcessorBuilder;
import com.lmax.disruptor.BlockingWaitStrategy;
import com.lmax.disruptor.InsufficientCapacityException;
import com.lmax.disruptor.RingBuffer;

import io.ringledger.model.Command;

import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * The neighbour of {@link PipelineBenchmark}: a bare Disruptor with the same ring, slots and producer
 * and the wait strategy that blocks, whose handler only counts.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class RingBenchmark {
    private static final int RING_SIZE = PipelineBenchmark.CONTEXT.ringSize();
    private static final int CYCLE = 1 << 18;
    private static final long FULL_PARK_NS = 20_000;

    /** Publishes a burst and waits until the last command has been seen. */
    @Benchmark
    @OperationsPerInvocation(PipelineBenchmark.BURST)
    public void bareDisruptor(final Open open) {
        final long end = open.seen.get() + PipelineBenchmark.BURST;
        open.publish(PipelineBenchmark.BURST);
        while (open.seen.get() < end) {
            LockSupport.parkNanos(FULL_PARK_NS);
        }
    }

    /** A ring with a thread that reads it. */
    @State(Scope.Benchmark)
    public static class Open {
        private final AtomicLong seen = new AtomicLong();
        private final RingBuffer<Slot> ring =
                RingBuffer.createMultiProducer(Slot::new, RING_SIZE, new BlockingWaitStrategy());
        private Command[] commands = new Command[0];
        private int next;
        private long count;
        private @Nullable BatchEventProcessor<Slot> processor;
        private @Nullable Thread thread;

        /** Starts the thread. */
        @Setup
        public void start() {
            commands = new Traffic(10_000).next(CYCLE);
            final BatchEventProcessor<Slot> started = new BatchEventProcessorBuilder()
                    .build(ring, ring.newBarrier(), (slot, sequence, isEndOfBatch) -> {
                        count += slot.command.type() == null ? 0 : 1;
                        seen.lazySet(count);
                    });
            ring.addGatingSequences(started.getSequence());
            processor = started;
            thread = Thread.ofPlatform().name("reader").start(started);
        }

        /** Ends the thread. */
        @TearDown
        public void stop() throws InterruptedException {
            if (processor != null && thread != null) {
                processor.halt();
                thread.join();
            }
        }

        private void publish(final int commandsLeft) {
            for (int i = 0; i < commandsLeft; i++) {
                while (!tryPublish(commands[next])) {
                    LockSupport.parkNanos(FULL_PARK_NS);
                }
                next = (next + 1) & (CYCLE - 1);
            }
        }

        private boolean tryPublish(final Command command) {
            final long sequence;
            try {
                sequence = ring.tryNext();
            } catch (final InsufficientCapacityException e) {
                return false;
            }
            ring.get(sequence).command.copyFrom(command);
            ring.publish(sequence);
            return true;
        }
    }

    /** A slot with what a slot of a partition has. */
    private static final class Slot {
        private final Command command = new Command();
    }
}
