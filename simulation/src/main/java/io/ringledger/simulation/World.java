package io.ringledger.simulation;

import org.jspecify.annotations.Nullable;

import java.util.EnumMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * The simulated world: time, chance, what is going to happen and what happened. One thread.
 */
final class World {
    private final EventQueue queue = new EventQueue();
    private final Draws draws;
    private final Trace trace;
    private final Map<Fault, Double> strengths;
    private final Map<Fault, SplittableRandom> faultStreams = new EnumMap<>(Fault.class);
    private final Tally tally;
    private final long endNs;
    private final boolean isCanary;
    private long nowNs;
    private boolean isHealed;
    private boolean isOver;
    private @Nullable Violation violation;

    /**
     * @param strengths how likely each fault is at an occasion; one that is missing is off
     * @param endNs when the world ends, whatever is still going on
     * @param isCanary the log acknowledges what it does not keep, which it has promised never to do:
     *     somebody must notice
     */
    World(
            final Draws draws,
            final Trace trace,
            final Map<Fault, Double> strengths,
            final Tally tally,
            final long endNs,
            final boolean isCanary) {
        this.draws = draws;
        this.trace = trace;
        this.strengths = strengths;
        this.tally = tally;
        this.endNs = endNs;
        this.isCanary = isCanary;
    }

    /** Whether the world breaks its own promises, to see that this is noticed. */
    boolean isCanary() {
        return isCanary;
    }

    long nowNs() {
        return nowNs;
    }

    Draws draws() {
        return draws;
    }

    Tally tally() {
        return tally;
    }

    /** Something is going to happen: to a process, for as long as it lives, or to the world. */
    EventQueue.Event at(
            final long timeNs, final @Nullable SimProcess process, final Runnable work) {
        return queue.add(Math.max(timeNs, nowNs), process, work);
    }

    /** The same, so long from now. */
    EventQueue.Event in(
            final long delayNs, final @Nullable SimProcess process, final Runnable work) {
        return at(nowNs + delayNs, process, work);
    }

    /** Whether a fault happens at this occasion; counts it if so. */
    boolean fires(final Fault fault) {
        final Double strength = strengths.get(fault);
        if (isHealed || strength == null) {
            return false;
        }
        final boolean isHit = streamOf(fault).nextDouble() < strength;
        if (isHit) {
            fired(fault);
        }
        return isHit;
    }

    /** Whether a fault that is scheduled belongs to this seed. */
    boolean has(final Fault fault) {
        return strengths.containsKey(fault);
    }

    /** A fault has happened. */
    void fired(final Fault fault) {
        tally.fired(fault);
        trace("world", fault.name(), 0, 0, null);
    }

    /** The chance of a fault's details. */
    SplittableRandom streamOf(final Fault fault) {
        return faultStreams.computeIfAbsent(fault, f -> draws.of("fault " + f.name()));
    }

    /** From now on nothing goes wrong any more. */
    void heal() {
        isHealed = true;
        trace("world", "HEALED", 0, 0, null);
    }

    boolean isHealed() {
        return isHealed;
    }

    void trace(
            final String who,
            final String what,
            final long first,
            final long second,
            final @Nullable Object more) {
        trace.add(nowNs, who, what, first, second, more);
    }

    /** A promise is broken: the first one ends the run. */
    void violate(final String rule, final String what) {
        if (violation == null && !isOver) {
            violation = new Violation(rule, what);
            trace("oracle", "VIOLATION " + rule, 0, 0, what);
        }
        isOver = true;
    }

    @Nullable Violation violation() {
        return violation;
    }

    /** The run has reached its end. */
    void finish() {
        isOver = true;
    }

    boolean isOver() {
        return isOver;
    }

    /** Lets things happen until the end. */
    void run() {
        while (!isOver) {
            step();
        }
    }

    /**
     * Blocks the calling thread of a process while the world goes on: the caller stands still in the
     * middle of its work, as it would on a thread of its own.
     *
     * @throws ProcessDied if the process has ended meanwhile, or the run is over
     */
    void block(final SimProcess process, final long delayNs) {
        final long untilNs = nowNs + delayNs;
        at(untilNs, null, () -> {});
        while (!isOver && process.isAlive() && (nowNs < untilNs || process.isPaused())) {
            step();
        }
        if (isOver || !process.isAlive()) {
            throw new ProcessDied();
        }
    }

    private void step() {
        final EventQueue.Event event = queue.next();
        if (event == null || event.timeNs() > endNs) {
            violate("liveness", "the world has come to its end: nowNs=" + nowNs);
            return;
        }
        nowNs = Math.max(nowNs, event.timeNs());
        final SimProcess process = event.process();
        if (event.isCancelled() || (process != null && !process.isAlive())) {
            return;
        }
        if (process != null && process.isPaused()) {
            process.hold(event);
            return;
        }
        try {
            event.work().run();
        } catch (final ProcessDied e) {
            // Its stack is gone with it.
        } catch (final LinkageError | OutOfMemoryError e) {
            // The harness itself is broken, which must not pass for a finding.
            throw e;
        } catch (final RuntimeException | Error e) {
            violate("exception", process + ": " + Texts.of(e));
        }
    }
}
