package io.ringledger.benchmarks.pipeline;

import io.ringledger.benchmarks.Bench;
import io.ringledger.benchmarks.Experiment;
import io.ringledger.benchmarks.Scale;
import io.ringledger.benchmarks.Target;
import io.ringledger.benchmarks.driver.AccountIds;

import org.HdrHistogram.Histogram;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Light load on the whole local stack: how long after the answer of a write a read is answered that
 * asks for its position, and so shows it. Writes leave when they are due, however long others take;
 * every read must show the balance with its write. Stateless.
 */
public final class LagExperiment implements Experiment {
    private static final int ACCOUNTS = 1_000;
    private static final int WRITES_PER_SECOND = 50;
    private static final long MAX_US = TimeUnit.MINUTES.toMicros(5);
    private static final int DIGITS = 3;
    private static final String LAG = "lag from write to view, " + WRITES_PER_SECOND + " writes/s";

    /** What differs from scale to scale. */
    private record Size(int warmUpWrites, int writes) {
        static Size of(final Scale scale) {
            return switch (scale) {
                case SMOKE -> new Size(5, 20);
                case QUICK -> new Size(100, 250);
                case FULL -> new Size(250, 1_000);
            };
        }
    }

    @Override
    public String name() {
        return "lag";
    }

    @Override
    public String question() {
        return "How soon after its answer do the views show a write, under light load?";
    }

    @Override
    public int estimatedSeconds(final Scale scale) {
        return switch (scale) {
            case SMOKE -> 10;
            case QUICK -> 40;
            case FULL -> 120;
        };
    }

    @Override
    public void run(final Bench bench) throws Exception {
        bench.target(Target.atMost("lag, write to view, p99", LAG + ": p99", 300, "ms"));
        final Size size = Size.of(bench.scale());
        bench.note("lag: from the answer of a credit to the answer of a read with after= its"
                + " position, which waits until the views have it; local stack with its settings as"
                + " they come.");
        bench.progress("starts the stack");
        try (StackSide stack = StackSide.start(ACCOUNTS, bench.folder());
                ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            final LoadedAccounts accounts = new LoadedAccounts(stack.client(), executor);
            accounts.write(size.warmUpWrites());
            for (int round = 1; round <= bench.scale().rounds(); round++) {
                bench.progress("round " + round + " of " + bench.scale().rounds());
                final Histogram lagUs = accounts.write(size.writes());
                bench.record(LAG + ": p50", "ms", lagUs.getValueAtPercentile(50) / 1_000.0);
                bench.record(LAG + ": p99", "ms", lagUs.getValueAtPercentile(99) / 1_000.0);
                bench.record(LAG + ": worst", "ms", lagUs.getMaxValue() / 1_000.0);
            }
        }
    }

    /** Accounts that take turns, so that one never has two writes under way. */
    private static final class LoadedAccounts {
        private final StackClient client;
        private final ExecutorService executor;
        private int written;

        LoadedAccounts(final StackClient client, final ExecutorService executor) {
            this.client = client;
            this.executor = executor;
        }

        /** So many writes at their rate; returns microseconds until the views showed each. */
        Histogram write(final int writes) throws Exception {
            final long startNs = System.nanoTime();
            final long gapNs = TimeUnit.SECONDS.toNanos(1) / WRITES_PER_SECOND;
            final List<Future<Long>> running = new ArrayList<>();
            for (int i = 0; i < writes; i++) {
                final long dueNs = startNs + i * gapNs;
                for (long left = dueNs - System.nanoTime();
                        left > 0;
                        left = dueNs - System.nanoTime()) {
                    LockSupport.parkNanos(left);
                }
                final int number = written++;
                running.add(executor.submit(() -> lagUs(number)));
            }
            final Histogram lagUs = new Histogram(MAX_US, DIGITS);
            for (final Future<Long> one : running) {
                lagUs.recordValue(Math.min(MAX_US, one.get()));
            }
            return lagUs;
        }

        private long lagUs(final int number) throws Exception {
            final int account = number % ACCOUNTS;
            final String position = client.command(
                    "POST",
                    "/v1/accounts/" + AccountIds.of(account) + "/credit",
                    "lag-" + number,
                    "{\"amount\":" + amount(account) + "}");
            final long answeredNs = System.nanoTime();
            final long balance = client.balanceAfter(account, position);
            final long lagNs = System.nanoTime() - answeredNs;
            final long expected = amount(account) * (number / ACCOUNTS + 1);
            if (balance != expected) {
                throw new IllegalStateException("wrong balance: account=" + AccountIds.of(account)
                        + ", view=" + balance + ", acknowledged=" + expected);
            }
            return TimeUnit.NANOSECONDS.toMicros(lagNs);
        }

        private static long amount(final int account) {
            return account + 1L;
        }
    }
}
