package io.ringledger.simulation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;

/**
 * One run of a process: alive, paused or dead for ever, with clocks of its own. Whatever is its work
 * is bound to it in the event queue: after a crash nothing of it ever happens, during a pause it is
 * held back.
 */
final class SimProcess {
    private static final long EPOCH_MS = 1_790_000_000_000L;
    private static final long MAX_HESITATION_NS = 300_000;
    private static final int CALLS = 32;

    private final World world;
    private final String name;
    private final SplittableRandom random;
    private final Deque<EventQueue.Event> held = new ArrayDeque<>();
    private final List<CompletableFuture<?>> calls = new ArrayList<>();
    private int callsToTidyAt = CALLS;
    private final List<Runnable> burials = new ArrayList<>();
    private boolean isAlive = true;
    private boolean isPaused;
    private boolean isBurying;

    // The clocks: a rate, and where it was set last.
    private double rate = 1;
    private long rateSinceNs;
    private long monotonicNs;
    private long wallOffsetMs;

    SimProcess(final World world, final String name) {
        this.world = world;
        this.name = name;
        random = world.draws().of("process " + name);
        rateSinceNs = world.nowNs();
        // The origin of a monotonic clock means nothing, and may well be negative.
        monotonicNs = random.nextLong() >> 8;
    }

    String name() {
        return name;
    }

    boolean isAlive() {
        return isAlive;
    }

    boolean isPaused() {
        return isPaused;
    }

    /** While it is being buried its executors run at once what gives native memory back. */
    boolean isBurying() {
        return isBurying;
    }

    /** A thread of this process. */
    SimExecutor newThread() {
        return new SimExecutor(world, this, () -> random.nextLong(MAX_HESITATION_NS));
    }

    /** Chance of this process, as its production code draws it. */
    long nextRandom() {
        return random.nextLong();
    }

    /** What gives back what a real process's end gives back by itself. */
    void onBurial(final Runnable burial) {
        burials.add(burial);
    }

    /** A call of this process that the world is going to answer. */
    <T> CompletableFuture<T> newCall() {
        final CompletableFuture<T> call = new CompletableFuture<>();
        if (calls.size() >= callsToTidyAt) {
            calls.removeIf(CompletableFuture::isDone);
            callsToTidyAt = CALLS + 2 * calls.size();
        }
        calls.add(call);
        return call;
    }

    /** Answers a call after a delay, unless the process has ended by then. */
    void answer(final long delayNs, final Runnable answer) {
        world.in(delayNs, this, answer);
    }

    /** Nothing of this process ever happens again. */
    void crash() {
        if (!isAlive) {
            return;
        }
        isAlive = false;
        isBurying = true;
        held.clear();
        burials.forEach(Runnable::run);
        for (final CompletableFuture<?> call : List.copyOf(calls)) {
            call.completeExceptionally(new ProcessDied());
        }
        calls.clear();
    }

    void pause() {
        isPaused = true;
    }

    /** Stops right here, after the step that it is at, and goes on after a time. */
    void pauseFor(final long durationNs) {
        pause();
        world.trace(name, "is paused", 0, 0, null);
        world.in(durationNs, null, () -> {
            if (isAlive && isPaused) {
                world.trace(name, "goes on", 0, 0, null);
                resume();
            }
        });
    }

    void resume() {
        isPaused = false;
        while (!held.isEmpty()) {
            final EventQueue.Event event = held.poll();
            if (!event.isCancelled()) {
                world.at(world.nowNs(), this, event.work());
            }
        }
    }

    /** Keeps an event for when the pause is over. */
    void hold(final EventQueue.Event event) {
        held.add(event);
    }

    /** The process's monotonic clock. */
    long nanoTime() {
        return monotonicNs + (long) ((world.nowNs() - rateSinceNs) * rate);
    }

    /** The process's time of day. */
    long wallMs() {
        return EPOCH_MS + wallOffsetMs + world.nowNs() / 1_000_000;
    }

    /** How long something lasts in the world that lasts so long on the process's clock. */
    long worldNs(final long localNs) {
        return (long) (localNs / rate);
    }

    /** From now on the monotonic clock runs at this rate. */
    void drift(final double newRate) {
        monotonicNs = nanoTime();
        rateSinceNs = world.nowNs();
        rate = newRate;
    }

    /** Sets the time of day. */
    void stepWall(final long byMs) {
        wallOffsetMs = Math.max(-EPOCH_MS / 2, wallOffsetMs + byMs);
    }

    /** Starts with the time of day of the machine on which it runs. */
    void inheritWall(final SimProcess before) {
        wallOffsetMs = before.wallOffsetMs;
    }

    @Override
    public String toString() {
        return name;
    }
}
