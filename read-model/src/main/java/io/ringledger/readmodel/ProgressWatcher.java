package io.ringledger.readmodel;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongFunction;

/**
 * Lets reads wait until the view of a partition has reached a position (D11). One a process: all
 * waiting reads share one small query, which is asked every few milliseconds while there are any
 * and not at all otherwise. A query that fails, or an absent Postgres, is asked again; who waits,
 * waits on until the own time is up.
 *
 * <p>{@link #await} may be called from any thread. Everything else happens on one event-loop
 * context of the watcher's own, which alone touches the state below.
 */
final class ProgressWatcher {
    /** How a wait ended. */
    enum Outcome {
        /** The view holds the position: a read that begins now shows it. */
        REACHED,
        /** The time is up, and the view does not hold the position yet. */
        BEHIND,
        /** The time is up, and the view could not be asked lately. */
        UNAVAILABLE,
        /** As many reads wait as may. */
        FULL
    }

    private final Vertx vertx;
    private final Context context;
    private final LongFunction<Future<long[]>> progress;
    private final int maxWaiters;
    private final long pollIntervalMs;
    private final long pollTimeoutMs;

    /** Admitted and not yet answered; counted here so that any thread can refuse at once. */
    private final AtomicInteger waiting = new AtomicInteger();

    // Touched on the context alone.
    private final List<Waiter> waiters = new ArrayList<>();
    private boolean isPolling;
    private boolean hasLastPollFailed;
    private @Nullable Long timerId;

    /**
     * @param progress asks how far every partition is, within the milliseconds given; its future
     *     completes on the context that it is asked on
     * @param maxWaiters how many reads may wait at once
     * @param pollIntervalMs between the questions
     * @param pollTimeoutMs how long one question may take
     */
    ProgressWatcher(
            final Vertx vertx,
            final LongFunction<Future<long[]>> progress,
            final int maxWaiters,
            final long pollIntervalMs,
            final long pollTimeoutMs) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.progress = progress;
        this.maxWaiters = maxWaiters;
        this.pollIntervalMs = pollIntervalMs;
        this.pollTimeoutMs = pollTimeoutMs;
    }

    /** Waits up to {@code timeoutMs}. Never fails; completes on the caller's context. */
    Future<Outcome> await(final LogPosition position, final long timeoutMs) {
        if (waiting.incrementAndGet() > maxWaiters) {
            waiting.decrementAndGet();
            return Future.succeededFuture(Outcome.FULL);
        }
        final long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
        final Waiter waiter =
                new Waiter(position, deadlineNs, Promise.promise(), vertx.getOrCreateContext());
        context.runOnContext(ignored -> begin(waiter));
        return waiter.promise.future();
    }

    /** How many reads wait now. */
    int waiting() {
        return waiting.get();
    }

    private void begin(final Waiter waiter) {
        waiters.add(waiter);
        if (timerId == null) {
            timerId = vertx.setPeriodic(pollIntervalMs, id -> tick());
            tick();
        }
    }

    private void tick() {
        final long nowNs = System.nanoTime();
        final Outcome late = hasLastPollFailed ? Outcome.UNAVAILABLE : Outcome.BEHIND;
        waiters.removeIf(waiter -> nowNs - waiter.deadlineNs >= 0 && finish(waiter, late));
        if (waiters.isEmpty()) {
            if (timerId != null) {
                vertx.cancelTimer(timerId);
                timerId = null;
            }
        } else if (!isPolling) {
            poll();
        }
    }

    private void poll() {
        isPolling = true;
        progress.apply(pollTimeoutMs).onComplete(answer -> {
            isPolling = false;
            hasLastPollFailed = answer.failed();
            if (answer.succeeded()) {
                final long[] sequences = answer.result();
                waiters.removeIf(waiter ->
                        isReached(waiter.position, sequences) && finish(waiter, Outcome.REACHED));
            }
        });
    }

    private static boolean isReached(final LogPosition position, final long[] sequences) {
        return position.partition() < sequences.length
                && sequences[position.partition()] >= position.sequence();
    }

    /** Always true, so that it can stand at the end of a condition of removal. */
    private boolean finish(final Waiter waiter, final Outcome outcome) {
        waiting.decrementAndGet();
        waiter.caller.runOnContext(ignored -> waiter.promise.complete(outcome));
        return true;
    }

    private record Waiter(
            LogPosition position, long deadlineNs, Promise<Outcome> promise, Context caller) {}
}
