package io.ringledger.ledger.partition;

import io.ringledger.kit.ProblemCode;
import io.ringledger.ledger.http.CommandReply;
import io.ringledger.model.Outcome;
import io.vertx.core.Context;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Keeps the outcomes that one event loop is told, by index. Thread-safe. */
final class Replies implements CommandReply {
    private static final long TIMEOUT_MS = 10_000;

    private final Context context;
    private final Executor eventLoop;
    private final Map<Integer, Outcome> outcomes = new TreeMap<>();
    private final Map<Integer, ProblemCode> failures = new TreeMap<>();
    private boolean isOnOtherThread;

    Replies(final Context context) {
        this(context, work -> context.runOnContext(ignored -> work.run()));
    }

    private Replies(final Context context, final Executor eventLoop) {
        this.context = context;
        this.eventLoop = eventLoop;
    }

    /** Others on the same event loop. */
    Replies another() {
        return new Replies(context, eventLoop);
    }

    @Override
    public Executor eventLoop() {
        return eventLoop;
    }

    @Override
    public synchronized void onFailed(final int index, final ProblemCode code) {
        if (failures.put(index, code) != null || outcomes.containsKey(index)) {
            throw new IllegalStateException("told twice: index=" + index);
        }
        notifyAll();
    }

    synchronized Map<Integer, ProblemCode> failures() {
        return Map.copyOf(failures);
    }

    @Override
    public synchronized void onOutcome(final int index, final Outcome outcome) {
        final Outcome copy = new Outcome();
        copy.copyFrom(outcome);
        if (outcomes.put(index, copy) != null) {
            throw new IllegalStateException("told twice: index=" + index);
        }
        isOnOtherThread |= !context.isEventLoopContext() || !Context.isOnEventLoopThread();
        notifyAll();
    }

    synchronized int count() {
        return outcomes.size();
    }

    synchronized boolean isOnOtherThread() {
        return isOnOtherThread;
    }

    synchronized Outcome get(final int index) {
        final Outcome outcome = outcomes.get(index);
        if (outcome == null) {
            throw new IllegalStateException("no outcome yet: index=" + index);
        }
        return outcome;
    }

    /** Waits until so many outcomes have been told. */
    synchronized void await(final int count) throws InterruptedException {
        final long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(TIMEOUT_MS);
        while (outcomes.size() + failures.size() < count) {
            final long leftMs = TimeUnit.NANOSECONDS.toMillis(deadlineNs - System.nanoTime());
            if (leftMs <= 0) {
                throw new AssertionError("outcomes=" + outcomes.size() + ", expected=" + count);
            }
            wait(leftMs);
        }
    }

    /** Waits until a condition holds. */
    static void awaitThat(final String what, final BooleanSupplier condition)
            throws InterruptedException {
        final long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(TIMEOUT_MS);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadlineNs) {
                throw new AssertionError("not within " + TIMEOUT_MS + " ms: " + what);
            }
            TimeUnit.MILLISECONDS.sleep(1);
        }
    }
}
