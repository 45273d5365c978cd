package io.ringledger.ledger.partition;

import com.lmax.disruptor.BatchEventProcessor;
import com.lmax.disruptor.BatchEventProcessorBuilder;
import com.lmax.disruptor.EventHandler;
import com.lmax.disruptor.ExceptionHandler;
import com.lmax.disruptor.InsufficientCapacityException;
import com.lmax.disruptor.RingBuffer;

import io.ringledger.kit.ProblemCode;
import io.ringledger.ledger.http.CommandReply;
import io.ringledger.ledger.log.PartitionLog;
import io.ringledger.ledger.ownership.Ownership;
import io.ringledger.model.AccountModel;
import io.ringledger.model.Command;
import io.ringledger.model.event.CommandType;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * One partition at work, with its ring and its threads around a {@link PartitionCore}. The pipeline,
 * from top to bottom:
 *
 * <ol>
 *   <li>event loops publish commands into the ring ({@link #tryPublish}), or are told that it is
 *       full
 *   <li>the writer thread decides them in the order of the ring and groups the events into frames
 *       ({@link PartitionWriter})
 *   <li>the appender thread makes one frame at a time durable ({@link FrameAppender})
 *   <li>each event loop answers its own requests of a durable frame ({@link Frame})
 * </ol>
 *
 * <p>Event loops wake the writer once for all that they have read ({@link #wakeUp}). When a frame has
 * been appended or answered, it is woken by a slot of its own in the ring, so it sleeps in one place
 * only. If the ring is full the writer is awake anyway, or parked
 * because its frame is full, and is unparked.
 *
 * <p>It ends in one of three ways: {@link #close} lets everything that was taken become durable; the
 * loss of the ownership tells everybody who waits that the outcome is unknown or that nobody owns
 * the partition; a failed check, or an exception that nobody foresaw, ends it without a word, and
 * {@link PartitionListener#onFatal} stops the process.
 */
public final class Partition {
    private static final Logger LOG = LoggerFactory.getLogger(Partition.class);

    /** The writer looks again at least this often while its frame is full. */
    private static final long ROOM_PARK_NS = TimeUnit.MILLISECONDS.toNanos(1);

    /** From so many commands on, about half a millisecond's work, none waits for the log to be free. */
    private static final int CROWDED_SLOTS = 512;

    private static final long DRAIN_POLL_MS = 5;
    private static final long RETRY_WAKE_UP_MS = 1;

    /** So that a writer without commands sees that keys have expired. */
    private static final long WAKE_UP_MS = 1_000;

    /** How long commands that were published in the last moment are still told that it has ended. */
    private static final long LINGER_MS = 500;

    private final int number;
    private final PartitionListener listener;
    private final LongSupplier epochMs;
    private final RingBuffer<CommandSlot> ring;
    private final WriterSleep sleep = new WriterSleep();
    private final int crowdedSlots;
    private final ScheduledExecutorService executor;
    private final PartitionCore core;
    private final BatchEventProcessor<CommandSlot> processor;
    private final Thread writerThread;
    private final Object ending = new Object();
    private volatile boolean isOpen;
    private volatile boolean isLost;
    private volatile boolean isHalted;

    private Partition(
            final PartitionContext context,
            final RecoveredPartition recovered,
            final PartitionLog log,
            final Ownership ownership,
            final ScheduledExecutorService executor,
            final LongSupplier epochMs,
            final PartitionListener listener) {
        this.number = recovered.chain().partition();
        this.listener = listener;
        this.epochMs = epochMs;
        this.executor = executor;
        ring = RingBuffer.createMultiProducer(CommandSlot::new, context.ringSize(), sleep);
        crowdedSlots = Math.min(CROWDED_SLOTS, context.ringSize() / 2);
        core = new PartitionCore(
                context,
                recovered,
                log,
                ownership,
                executor,
                System::nanoTime,
                () -> ThreadLocalRandom.current().nextLong(),
                new CoreListener());
        processor = new BatchEventProcessorBuilder()
                .build(ring, ring.newBarrier(), new CommandHandler());
        processor.setExceptionHandler(new StopOnException());
        ring.addGatingSequences(processor.getSequence());
        writerThread = Thread.ofPlatform().name("writer-" + number).unstarted(processor);
    }

    /**
     * Starts a partition that was recovered: it takes commands when this returns.
     *
     * @param executor single-threaded, the partition's own; ended by {@link #close} and by a loss
     * @param epochMs the clock, in milliseconds since 1970 UTC
     */
    public static Partition start(
            final PartitionContext context,
            final RecoveredPartition recovered,
            final PartitionLog log,
            final Ownership ownership,
            final ScheduledExecutorService executor,
            final LongSupplier epochMs,
            final PartitionListener listener) {
        final Partition partition =
                new Partition(context, recovered, log, ownership, executor, epochMs, listener);
        partition.isOpen = true;
        partition.writerThread.start();
        final ScheduledFuture<?> _ = executor.scheduleWithFixedDelay(
                partition::wakeWriter, WAKE_UP_MS, WAKE_UP_MS, TimeUnit.MILLISECONDS);
        return partition;
    }

    /**
     * Publishes a command, which is copied, and has it decided. Never blocks; any thread.
     *
     * @return false if the ring is full or the partition is closed: nothing was applied
     */
    public boolean tryPublish(final Command source, final CommandReply reply, final int index) {
        final boolean isTaken = offer(source, reply, index);
        wakeUp();
        return isTaken;
    }

    /**
     * The same without waking the writer: for whoever has more commands and calls {@link #wakeUp}
     * after the last one.
     */
    public boolean offer(final Command source, final CommandReply reply, final int index) {
        if (!isOpen || (core.isFullOfAccounts() && source.type() == CommandType.OPEN_ACCOUNT)) {
            return false;
        }
        final long sequence;
        try {
            sequence = ring.tryNext();
        } catch (final InsufficientCapacityException e) {
            return false;
        }
        try {
            ring.get(sequence).set(source, reply, index);
        } finally {
            ring.publish(sequence);
        }
        if (!isOpen) {
            // Closed or abandoned meanwhile: the writer may have looked for the last time.
            sleep.wakeUp();
        }
        return true;
    }

    /**
     * Has what was published decided. While the log is busy nothing could be sent on its way, and
     * the writer is woken when the append returns; it is let sleep until then, unless many wait.
     * Never blocks; any thread.
     */
    public void wakeUp() {
        if (!core.isAppending() || ringOccupancy() >= crowdedSlots) {
            sleep.wakeUp();
        }
    }

    /** True while commands are taken. */
    public boolean isOpen() {
        return isOpen;
    }

    /** True if the model has no memory left for new idempotency keys. */
    public boolean isFull() {
        return core.isFullOfKeys();
    }

    /** Idempotency keys in memory, as of a moment ago. */
    public int keyCount() {
        return core.keyCount();
    }

    /** Accounts in memory, those of the system included, as of a moment ago. */
    public int accountCount() {
        return core.accountCount();
    }

    /** How long nothing has become durable although something is on its way, in milliseconds. */
    public long stalledMs() {
        return TimeUnit.NANOSECONDS.toMillis(core.stalledNs());
    }

    /** Who does not answer while it stalls, in words. */
    public String stalledBy() {
        return core.isAppending() ? "the log (Kinesis)" : "the lease table (DynamoDB)";
    }

    /** Slots of the ring that are taken. */
    public long ringOccupancy() {
        return ring.getBufferSize() - ring.remainingCapacity();
    }

    /**
     * Takes no more commands, lets those that were taken become durable and be answered, and ends
     * the threads. Whoever waits for what is not durable after the time-out is told that the outcome
     * is unknown, and asks again with the same key.
     *
     * @return true if everything that was taken is durable and nothing is on its way: only then may
     *     another process own the partition at once
     */
    public boolean close(final long timeoutMs) throws InterruptedException {
        isOpen = false;
        wakeWriter();
        final long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
        while (!isHalted && !isLost && !isDrained() && System.nanoTime() < deadlineNs) {
            TimeUnit.MILLISECONDS.sleep(DRAIN_POLL_MS);
        }
        final boolean isDrained = !isHalted && !isLost && isDrained();
        if (isDrained) {
            end();
            core.close();
            executor.shutdown();
        } else {
            LOG.warn("partition {} closed with commands on their way", number);
            abandon();
        }
        writerThread.join(timeoutMs);
        if (!executor.awaitTermination(timeoutMs, TimeUnit.MILLISECONDS)) {
            executor.shutdownNow();
        }
        return isDrained;
    }

    /**
     * Ends it because the ownership is gone; returns at once. Everybody who waits is told: {@code
     * outcome_unknown} what has been decided, {@code no_owner} what has not. Any thread; once is
     * enough, more does no harm.
     */
    public void abandon() {
        isOpen = false;
        synchronized (ending) {
            if (isLost || isHalted) {
                return;
            }
            isLost = true;
            core.abandon();
            wakeWriter();
            final ScheduledFuture<?> _ = executor.schedule(
                    () -> {
                        end();
                        executor.shutdown();
                    },
                    LINGER_MS,
                    TimeUnit.MILLISECONDS);
        }
    }

    private void end() {
        synchronized (ending) {
            isHalted = true;
        }
        processor.halt();
        LockSupport.unpark(writerThread);
    }

    private boolean isDrained() {
        return ringOccupancy() == 0 && core.isQuiet();
    }

    private void wakeWriter() {
        try {
            final long sequence = ring.tryNext();
            ring.get(sequence).setWakeUp();
            ring.publish(sequence);
        } catch (final InsufficientCapacityException e) {
            // The writer gives its slots back only at the end of a batch, so it may have seen the
            // appender busy already and be about to sleep: tell it again.
            wakeWriterIn(RETRY_WAKE_UP_MS);
        }
        LockSupport.unpark(writerThread);
    }

    private void wakeWriterIn(final long delayMs) {
        if (!isHalted) {
            final ScheduledFuture<?> _ =
                    executor.schedule(this::wakeWriter, delayMs, TimeUnit.MILLISECONDS);
        }
    }

    private void fail(final Throwable cause) {
        isOpen = false;
        end();
        core.close();
        executor.shutdown();
        listener.onFatal(number, cause);
    }

    /** The writer thread's work. */
    private final class CommandHandler implements EventHandler<CommandSlot> {
        private final Command[] ahead = new Command[AccountModel.LOOK_AHEAD];
        private long clockMs;
        private long batchLeft;
        private int aheadLeft;

        @Override
        public void onBatchStart(final long batchSize, final long queueDepth) {
            clockMs = epochMs.getAsLong();
            batchLeft = batchSize;
            aheadLeft = 0;
        }

        @Override
        public void onEvent(final CommandSlot slot, final long sequence, final boolean endOfBatch) {
            if (aheadLeft == 0) {
                lookAhead(sequence);
            }
            aheadLeft--;
            final CommandReply reply = slot.reply();
            if (reply != null) {
                awaitRoom();
                if (isLost) {
                    refuse(reply, slot.index());
                } else if (!isHalted) {
                    core.submit(slot.command(), clockMs, reply, slot.index());
                }
                slot.clear();
            }
            if (isLost) {
                core.abandonGrowing();
            } else if (endOfBatch && !isHalted) {
                core.flush(clockMs);
            }
        }

        /** Shows the core the next commands of the batch, all of which have been published. */
        private void lookAhead(final long sequence) {
            aheadLeft = (int) Math.min(ahead.length, batchLeft);
            batchLeft -= aheadLeft;
            int count = 0;
            for (int i = 0; i < aheadLeft; i++) {
                final CommandSlot slot = ring.get(sequence + i);
                if (slot.reply() != null) {
                    ahead[count++] = slot.command();
                }
            }
            core.lookAhead(ahead, count);
        }

        /** Waits while the frame is full and the log is busy: there is nothing else to do then. */
        private void awaitRoom() {
            while (!isHalted && !isLost && !core.hasRoom(clockMs)) {
                LockSupport.parkNanos(ROOM_PARK_NS);
                clockMs = epochMs.getAsLong();
            }
        }

        /** It was never decided and never will be. */
        private void refuse(final CommandReply reply, final int index) {
            reply.eventLoop().execute(() -> reply.onFailed(index, ProblemCode.NO_OWNER));
        }
    }

    /** The core's news. */
    private final class CoreListener implements PartitionCore.Listener {
        @Override
        public void onRoom() {
            wakeWriter();
        }

        @Override
        public void onFrame(
                final int events, final int replies, final int recordBytes, final long appendNs) {
            listener.onFrame(number, events, replies, recordBytes, appendNs);
        }

        @Override
        public void onRetry(final Throwable cause) {
            listener.onRetry(number, cause);
        }

        @Override
        public void onOwnershipLost() {
            abandon();
            listener.onOwnershipLost(number);
        }

        @Override
        public void onFailure(final Throwable cause) {
            fail(cause);
        }
    }

    /** The Disruptor goes on after an exception unless its handler throws: this one throws. */
    private final class StopOnException implements ExceptionHandler<CommandSlot> {
        @Override
        public void handleEventException(
                final Throwable cause, final long sequence, final CommandSlot slot) {
            fail(cause);
            throw new IllegalStateException("writer stopped: partition=" + number, cause);
        }

        @Override
        public void handleOnStartException(final Throwable cause) {
            fail(cause);
        }

        @Override
        public void handleOnShutdownException(final Throwable cause) {
            LOG.error("writer of partition {} did not end cleanly", number, cause);
        }
    }
}
