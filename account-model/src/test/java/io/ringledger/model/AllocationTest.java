package io.ringledger.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;

import io.ringledger.model.frame.EventBatch;

import org.junit.jupiter.api.Test;

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Random;
import java.util.UUID;

/** Deciding, encoding and applying a command allocate nothing once the tables have their size. */
class AllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final long NOW = 1_700_000_000_000L;
    private static final int COMMANDS = 20_000;
    private static final int ROUNDS = 40;
    private static final int MEBIBYTE = 1 << 20;

    private final EventBatch batch = new EventBatch(MEBIBYTE);
    private final Outcome outcome = new Outcome();

    /** The window is short: records go as fast as they come, and the arena recycles its chunks. */
    @Test
    void shouldAllocateNothingInTheSteadyState() {
        final AccountModel model = model(COMMANDS / 2);
        final Command[] commands = commands(1);
        final long[] allocated = new long[ROUNDS];
        long timeMs = NOW;
        for (int round = 0; round < ROUNDS; round++) {
            timeMs += COMMANDS;
            allocated[round] = run(model, commands, timeMs, 1);
        }
        System.out.println("AllocationTest: bytes a round of " + COMMANDS + " commands: "
                + Arrays.toString(allocated));
        // A round in which the compiler gives up compiled code has some bytes of its own.
        assertThat(Arrays.stream(allocated, ROUNDS / 2, ROUNDS).min()).hasValue(0);
        assertThat(Arrays.stream(allocated, ROUNDS / 2, ROUNDS).sum())
                .as("bytes in the second half of the rounds")
                .isLessThan(ROUNDS / 2 * COMMANDS / 100);
    }

    /** Nothing expires: only the arena grows, by whole chunks for what is recorded. */
    @Test
    void shouldAllocateNoMoreThanTheRecordsOfKeys() {
        final AccountModel model = model(Long.MAX_VALUE);
        final Command[] commands = commands(1);
        for (int round = 0; round < ROUNDS; round++) {
            run(model, commands, NOW, 0);
        }
        // All of them are replays now.
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 10; round++) {
            least = Math.min(least, run(model, commands, NOW, 0));
        }
        assertThat(least).isZero();
        assertThat(outcome.isReplayed()).isTrue();

        final Command[] others = commands(2);
        final int keysBefore = model.keyCount();
        final long allocated = run(model, others, NOW, 0);
        final long keys = (long) model.keyCount() - keysBefore;
        System.out.println("AllocationTest: " + allocated + " bytes for " + keys + " new keys");
        assertThat(keys).isGreaterThan(COMMANDS / 2);
        // Header 32, key 16, numbers at most 20, whole words: 72 bytes; and chunks are whole.
        final long chunks = (keys * 72 + MEBIBYTE - 1) / MEBIBYTE + 1;
        assertThat(allocated).isLessThanOrEqualTo(chunks * (MEBIBYTE + 16));
    }

    private long run(
            final AccountModel model,
            final Command[] commands,
            final long fromMs,
            final int stepMs) {
        final long thread = Thread.currentThread().threadId();
        long timeMs = fromMs;
        final long before = THREADS.getThreadAllocatedBytes(thread);
        for (final Command command : commands) {
            timeMs += stepMs;
            if (!batch.hasRoomFor(timeMs)) {
                batch.clear();
            }
            model.submit(command, timeMs, batch, outcome);
        }
        return THREADS.getThreadAllocatedBytes(thread) - before;
    }

    private static AccountModel model(final long windowMs) {
        final AccountModel model = new AccountModel(new ModelContext(
                windowMs, 100, Integer.MAX_VALUE, 4 * COMMANDS, Integer.MAX_VALUE, 1, 2));
        final EventBatch openings = new EventBatch(MEBIBYTE);
        final Command command = new Command();
        for (int i = 0; i < 100; i++) {
            final int currency = CurrencyCode.pack("EUR");
            command.openAccount("account-" + i, "open", currency, 1000);
            model.submit(command, NOW, openings, new Outcome());
        }
        return model;
    }

    /** Credits, withdrawals, limits, every refusal of an account that is there, and replays. */
    private static Command[] commands(final long seed) {
        final Random random = new Random(seed);
        final Command[] commands = new Command[COMMANDS];
        for (int i = 0; i < COMMANDS; i++) {
            final String id = "account-" + random.nextInt(100);
            final String key = new UUID(random.nextLong(), random.nextLong()).toString();
            final Command command = new Command();
            commands[i] = switch (i % 10) {
                case 0 -> command.setCreditLimit(id, key, random.nextInt(2000));
                case 1, 2, 3 -> command.withdraw(id, key, 1 + random.nextInt(900), "rent");
                case 4 -> command.withdraw(id, key, LedgerLimits.MAX_MINOR, "");
                case 5 -> command.credit(id, key, LedgerLimits.MAX_MINOR, "");
                case 6 -> command.openAccount(id, key, CurrencyCode.pack("USD"), 0);
                case 7 -> commands[i - 3];
                default -> command.credit(id, key, 1 + random.nextInt(1000), "salary");
            };
        }
        return commands;
    }
}
