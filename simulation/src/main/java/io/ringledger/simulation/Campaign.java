package io.ringledger.simulation;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;

/**
 * Runs many seeds, one after another on each of several threads, until all are done, one has failed
 * or the time is over. Thread-safe.
 */
final class Campaign {
    /** What is to be run. */
    record Plan(long firstSeed, long seeds, long limitNs, int threads, boolean isEachTwice) {}

    /** What became of it; the failure is the first one that was found. */
    record Summary(
            long seeds,
            long wallNs,
            long simulatedNs,
            Tally tally,
            Simulation.@Nullable Result failure,
            long unequalTraces,
            long equalTraces) {
        /** True if a promise was broken or a seed did not do the same again. */
        boolean hasFailed() {
            return failure != null || unequalTraces > 0;
        }
    }

    private final Plan plan;
    private final LongFunction<Simulation.Result> runner;
    private final AtomicLong next = new AtomicLong();
    private final AtomicLong done = new AtomicLong();
    private final AtomicLong simulatedNs = new AtomicLong();
    private final AtomicLong equalTraces = new AtomicLong();
    private final AtomicLong unequalTraces = new AtomicLong();
    private final Tally tally = new Tally();
    private volatile Simulation.@Nullable Result failure;
    private long startNs;

    Campaign(final Plan plan) {
        this(plan, seed -> Simulation.run(seed, false));
    }

    /** With something else that runs a seed. */
    Campaign(final Plan plan, final LongFunction<Simulation.Result> runner) {
        this.plan = plan;
        this.runner = runner;
    }

    /** Runs the plan; blocks. */
    Summary run() throws InterruptedException {
        startNs = System.nanoTime();
        final List<Future<?>> threads = new ArrayList<>();
        final ExecutorService executor = Executors.newFixedThreadPool(
                plan.threads(),
                Thread.ofPlatform().name("simulation-", 0).daemon().factory());
        for (int i = 0; i < plan.threads(); i++) {
            threads.add(executor.submit(this::work));
        }
        executor.shutdown();
        try {
            for (final Future<?> thread : threads) {
                thread.get();
            }
        } catch (final ExecutionException e) {
            throw new IllegalStateException("the harness itself has failed", e.getCause());
        }
        return new Summary(
                done.get(),
                System.nanoTime() - startNs,
                simulatedNs.get(),
                tally,
                failure,
                unequalTraces.get(),
                equalTraces.get());
    }

    /** One line about how far it is; any thread. */
    String progress() {
        final double seconds = (System.nanoTime() - startNs) / 1e9;
        final long seeds = done.get();
        return "%,d of %,d seeds, %.0f s, %.1f seeds/s, %.1f simulated hours"
                .formatted(
                        seeds,
                        plan.seeds(),
                        seconds,
                        seeds / seconds,
                        simulatedNs.get() / (double) TimeUnit.HOURS.toNanos(1));
    }

    private void work() {
        final Tally mine = new Tally();
        for (long i = next.getAndIncrement(); i < plan.seeds(); i = next.getAndIncrement()) {
            if (failure != null || System.nanoTime() - startNs > plan.limitNs()) {
                break;
            }
            final Simulation.Result result = runner.apply(plan.firstSeed() + i);
            mine.addAll(result.tally());
            simulatedNs.addAndGet(result.simulatedNs());
            if (plan.isEachTwice()) {
                compare(result);
            }
            done.incrementAndGet();
            if (result.violation() != null) {
                keepLowest(result);
            }
        }
        synchronized (tally) {
            tally.addAll(mine);
        }
    }

    private void compare(final Simulation.Result first) {
        final Simulation.Result second = runner.apply(first.seed());
        if (first.traceHash() == second.traceHash()) {
            equalTraces.incrementAndGet();
        } else {
            unequalTraces.incrementAndGet();
        }
    }

    private synchronized void keepLowest(final Simulation.Result result) {
        final Simulation.Result before = failure;
        if (before == null || result.seed() < before.seed()) {
            failure = result;
        }
    }
}
