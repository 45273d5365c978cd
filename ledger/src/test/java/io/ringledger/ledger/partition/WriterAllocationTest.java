package io.ringledger.ledger.partition;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;

import io.ringledger.kit.ProblemCode;
import io.ringledger.ledger.http.CommandReply;
import io.ringledger.ledger.log.LogPosition;
import io.ringledger.ledger.log.LogReader;
import io.ringledger.ledger.log.LogRecord;
import io.ringledger.ledger.log.PartitionLog;
import io.ringledger.ledger.ownership.Ownership;
import io.ringledger.model.AccountModel;
import io.ringledger.model.Command;
import io.ringledger.model.CurrencyCode;
import io.ringledger.model.ModelContext;
import io.ringledger.model.Outcome;
import io.ringledger.model.frame.EpochMarker;
import io.ringledger.model.frame.EventBatch;
import io.ringledger.model.frame.FrameChain;
import io.ringledger.model.frame.FrameFormat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * In the steady state the writer thread of a real partition allocates nothing for a command: from
 * the ring over the decision, the event and its place in the frame. What it allocates is the
 * hand-over of a whole frame to the appender's executor, however many commands are in it; that has a
 * bound of its own.
 */
final class WriterAllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final long NOW_MS = 1_700_000_000_000L;

    /** So many that a single byte a command would be more than all hand-overs. */
    private static final int COMMANDS = 1 << 16;

    private static final int ROUNDS = 30;
    private static final int STEADY_ROUNDS = 15;
    private static final int ACCOUNTS = 100;

    /** Published at once and waited for: keys go about as fast as they come. */
    private static final int BURST = 2_048;

    private static final int BURST_MS = 32;

    /** Half a round: a command that comes again finds its key expired. */
    private static final int WINDOW_MS = COMMANDS / BURST * BURST_MS / 2;

    private static final long STOP_TIMEOUT_MS = 10_000;

    /** A task of the executor and the closures that it runs; 144 bytes measured. */
    private static final int BYTES_A_FRAME = 160;

    private static final PartitionContext CONTEXT = new PartitionContext(
            1,
            4 * BURST,
            4,
            256 * 1024,
            8_192,
            2_000,
            new ModelContext(
                    WINDOW_MS, ACCOUNTS, Integer.MAX_VALUE, 4 * COMMANDS, Integer.MAX_VALUE, 1, 2));

    private final AtomicInteger frames = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> fatal = new AtomicReference<>();
    private final AtomicLong clockMs = new AtomicLong(NOW_MS);

    /** A leak of the size of the smallest object would be twelve bytes a command or more. */
    @Test
    void shouldAllocateNothingForACommand() throws Exception {
        final long[] allocated = new long[ROUNDS];
        final long[] handOvers = new long[ROUNDS];
        measure(allocated, handOvers, () -> 0);
        System.out.println("WriterAllocationTest: bytes a round of " + COMMANDS + " commands: "
                + Arrays.toString(allocated) + ", frames: " + Arrays.toString(handOvers));
        assertThat(leastBeyondFrames(allocated, handOvers)).isLessThanOrEqualTo(0);
    }

    /** The clock is asked on the writer thread, once a batch of the ring: it plants the leak. */
    @Test
    void shouldFindAPlantedAllocation() throws Exception {
        final long[] allocated = new long[ROUNDS];
        final long[] handOvers = new long[ROUNDS];
        final Object[] kept = new Object[1];
        measure(allocated, handOvers, () -> {
            // As much as sixteen bytes for every command of a round.
            kept[0] = new byte[16 * COMMANDS];
            return 0;
        });
        assertThat(kept[0]).isNotNull();
        assertThat(leastBeyondFrames(allocated, handOvers)).isGreaterThan(8L * COMMANDS);
    }

    /** Of the later rounds, since the compiler's giving up of compiled code allocates too. */
    private static long leastBeyondFrames(final long[] allocated, final long[] handOvers) {
        long least = Long.MAX_VALUE;
        for (int round = ROUNDS - STEADY_ROUNDS; round < ROUNDS; round++) {
            least = Math.min(least, allocated[round] - BYTES_A_FRAME * handOvers[round]);
        }
        return least;
    }

    private void measure(final long[] allocated, final long[] handOvers, final LongSupplier planted)
            throws Exception {
        final AccountModel model = openedModel();
        final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();
        final Set<Thread> ofOthers = writerThreads();
        final Partition partition = Partition.start(
                CONTEXT,
                new RecoveredPartition(
                        model,
                        new FrameChain(0, 1, 1, model.lastSequence(), 1, FrameFormat.noHash()),
                        new LogPosition("shard", "1"),
                        0,
                        LogRecord.UNKNOWN,
                        0),
                new InstantLog(),
                new Owner(),
                executor,
                () -> clockMs.get() + planted.getAsLong(),
                new Listener());
        final Set<Thread> writers = writerThreads();
        writers.removeAll(ofOthers);
        assertThat(writers).hasSize(1);
        final long writer = writers.iterator().next().threadId();
        final Command[] commands = commands();
        final Counter told = new Counter();
        for (int round = 0; round < ROUNDS; round++) {
            final long before = THREADS.getThreadAllocatedBytes(writer);
            final int framesBefore = frames.get();
            for (int i = 0; i < COMMANDS; i++) {
                if (i % BURST == 0) {
                    final long expected = (long) round * COMMANDS + i;
                    Replies.awaitThat("all are told", () -> told.firsts.get() == expected);
                    clockMs.addAndGet(BURST_MS);
                }
                assertThat(partition.tryPublish(commands[i], told, 0)).isTrue();
            }
            final long expected = (round + 1L) * COMMANDS;
            Replies.awaitThat("all are told", () -> told.firsts.get() == expected);
            allocated[round] = THREADS.getThreadAllocatedBytes(writer) - before;
            handOvers[round] = (long) frames.get() - framesBefore;
            // That of another thread would not grow.
            assertThat(allocated[round]).isPositive();
        }
        assertThat(partition.close(STOP_TIMEOUT_MS)).isTrue();
        assertThat(fatal.get()).isNull();
        model.verify();
        assertThat(model.lastSequence()).isEqualTo(ACCOUNTS + (long) ROUNDS * COMMANDS);
    }

    private static Set<Thread> writerThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("writer-0"))
                .collect(Collectors.toCollection(HashSet::new));
    }

    private static AccountModel openedModel() {
        final AccountModel model = new AccountModel(CONTEXT.model());
        final EventBatch openings = new EventBatch(1 << 20);
        final Command command = new Command();
        for (int i = 0; i < ACCOUNTS; i++) {
            command.openAccount("account-" + i, "open", CurrencyCode.pack("EUR"), 1_000);
            model.submit(command, NOW_MS, openings, new Outcome());
        }
        return model;
    }

    /** Credits, and withdrawals of which some are refused; a third is traced. */
    private static Command[] commands() {
        final Random random = new Random(1);
        final Command[] commands = new Command[COMMANDS];
        for (int i = 0; i < COMMANDS; i++) {
            final String id = "account-" + random.nextInt(ACCOUNTS);
            final String key = new UUID(random.nextLong(), random.nextLong()).toString();
            commands[i] = random.nextBoolean()
                    ? new Command().credit(id, key, 1 + random.nextInt(900), "salary")
                    : new Command().withdraw(id, key, 1 + random.nextInt(1_000), "rent");
            if (i % 3 == 0) {
                commands[i].trace(1, 2, i + 1);
            }
        }
        return commands;
    }

    /** Counts outcomes that are no replays, on whichever thread. */
    private static final class Counter implements CommandReply {
        private static final Executor AT_ONCE = Runnable::run;

        private final AtomicLong firsts = new AtomicLong();

        @Override
        public Executor eventLoop() {
            return AT_ONCE;
        }

        @Override
        public void onOutcome(final int index, final Outcome outcome) {
            if (!outcome.isReplayed()) {
                firsts.incrementAndGet();
            }
        }

        @Override
        public void onFailed(final int index, final ProblemCode code) {
            throw new IllegalStateException("no outcome: " + code);
        }
    }

    private static final class InstantLog implements PartitionLog {
        @Override
        public CompletionStage<LogPosition> append(
                final byte[] record, final @Nullable LogPosition after, final long timeoutMs) {
            return CompletableFuture.completedFuture(new LogPosition("shard", "2"));
        }

        @Override
        public LogReader reader(final @Nullable LogPosition from) {
            throw new UnsupportedOperationException("nothing is kept");
        }
    }

    private static final class Owner implements Ownership {
        @Override
        public EpochMarker marker() {
            return new EpochMarker(1, 0, 1, 1, 0);
        }

        @Override
        public CompletionStage<Boolean> confirm() {
            return CompletableFuture.completedFuture(true);
        }

        @Override
        public long requiredSequence() {
            return 0;
        }

        @Override
        public void appended(final long sequence) {
            // Nobody comes after.
        }
    }

    private final class Listener implements PartitionListener {
        @Override
        public void onFrame(
                final int partition,
                final int events,
                final int replies,
                final int recordBytes,
                final long appendNs) {
            frames.incrementAndGet();
        }

        @Override
        public void onRetry(final int partition, final Throwable cause) {
            fatal.set(cause);
        }

        @Override
        public void onOwnershipLost(final int partition) {
            fatal.set(new IllegalStateException("lost"));
        }

        @Override
        public void onFatal(final int partition, final Throwable cause) {
            fatal.set(cause);
        }
    }
}
