package io.ringledger.simulation;

import org.jspecify.annotations.Nullable;

import java.util.SplittableRandom;
import java.util.function.BiFunction;

/**
 * The machines, and what happens to them: each runs a process, which is killed, paused and stopped,
 * and another one is started in its place.
 *
 * @param <P> what runs on them
 */
final class Chaos<P> {
    private static final long SECOND_NS = 1_000_000_000L;
    private static final long HOUR_MS = 3_600_000;

    /** Which faults happen to the processes of these machines. */
    record Kinds(Fault crash, Fault pause, @Nullable Fault stop) {}

    /** Ends a process in good order. */
    @FunctionalInterface
    interface Stopper<P> {
        void stop(P running, Runnable whenDone);
    }

    private final World world;
    private final String name;
    private final Kinds kinds;
    private final BiFunction<SimProcess, Integer, P> starter;
    private final Stopper<P> stopper;
    private final SplittableRandom random;
    private final long meanNs;
    private int runs;
    private @Nullable SimProcess process;
    private @Nullable P running;
    private @Nullable SimProcess replaced;
    private boolean isStopping;

    /**
     * @param starter starts what runs here, in a new process
     * @param meanNs between two faults
     */
    Chaos(
            final World world,
            final String name,
            final Kinds kinds,
            final long meanNs,
            final BiFunction<SimProcess, Integer, P> starter,
            final Stopper<P> stopper) {
        this.world = world;
        this.name = name;
        this.kinds = kinds;
        this.meanNs = meanNs;
        this.starter = starter;
        this.stopper = stopper;
        random = world.draws().of("chaos " + name);
    }

    /** Starts the first process, and what happens to it. */
    void begin() {
        world.in(random.nextLong(SECOND_NS), null, this::start);
        next();
    }

    /** What runs there now; null if nothing does. */
    @Nullable P running() {
        final SimProcess now = process;
        return now != null && now.isAlive() ? running : null;
    }

    private void start() {
        final SimProcess before = process;
        if (before != null && before.isAlive()) {
            throw new IllegalStateException("two processes on one machine: " + before);
        }
        final SimProcess started = new SimProcess(world, name + "." + runs);
        if (before != null) {
            started.inheritWall(before);
        } else if (world.has(Fault.CLOCK_FORWARDS) || world.has(Fault.CLOCK_BACKWARDS)) {
            started.stepWall(random.nextInt(20_000) - 10_000);
        }
        process = started;
        isStopping = false;
        world.trace(started.name(), "starts", runs, 0, null);
        running = starter.apply(started, runs++);
        world.tally().count("processes started");
        if (world.has(Fault.CLOCK_DRIFT) && !world.isHealed() && random.nextInt(3) == 0) {
            drift(started);
        }
    }

    private void next() {
        world.in(1 + (long) (-Math.log(1 - random.nextDouble()) * meanNs), null, () -> {
            if (!world.isHealed()) {
                happen();
                next();
            }
        });
    }

    private void happen() {
        final SimProcess victim = process;
        final P victimWork = running;
        final int kind = random.nextInt(10);
        if (victim == null || victimWork == null || !victim.isAlive() || isStopping) {
            return;
        }
        if (kind < 4 && world.has(kinds.crash())) {
            world.fired(kinds.crash());
            world.trace(victim.name(), "crashes", 0, 0, null);
            victim.crash();
            restart(victim);
        } else if (kind < 7 && world.has(kinds.pause()) && !victim.isPaused()) {
            world.fired(kinds.pause());
            victim.pauseFor(random.nextLong(6 * SECOND_NS));
        } else if (kind == 7 && kinds.stop() != null && world.has(kinds.stop())) {
            world.fired(kinds.stop());
            isStopping = true;
            world.trace(victim.name(), "is stopped", 0, 0, null);
            stopper.stop(victimWork, () -> restart(victim));
            // As its supervisor would.
            world.in(15 * SECOND_NS, null, () -> {
                if (victim.isAlive()) {
                    victim.crash();
                    restart(victim);
                }
            });
        } else if (kind == 8) {
            step(victim);
        } else if (kind == 9 && world.has(Fault.CLOCK_DRIFT)) {
            drift(victim);
        }
    }

    /** Once for each process, however many see it end: a stop that is cut short ends twice. */
    private void restart(final SimProcess ended) {
        if (replaced == ended) {
            return;
        }
        replaced = ended;
        final boolean isSoon = random.nextInt(3) > 0;
        world.in(random.nextLong(isSoon ? SECOND_NS : 6 * SECOND_NS), null, this::start);
    }

    private void resume(final SimProcess victim) {
        if (victim.isAlive() && victim.isPaused()) {
            world.trace(victim.name(), "goes on", 0, 0, null);
            victim.resume();
        }
    }

    private void step(final SimProcess victim) {
        final Fault fault = random.nextBoolean() ? Fault.CLOCK_FORWARDS : Fault.CLOCK_BACKWARDS;
        if (world.has(fault)) {
            world.fired(fault);
            final long byMs = switch (random.nextInt(3)) {
                case 0 -> random.nextLong(1_000);
                case 1 -> random.nextLong(60_000);
                default -> random.nextLong(50 * HOUR_MS);
            };
            victim.stepWall(fault == Fault.CLOCK_FORWARDS ? byMs : -byMs);
        }
    }

    private void drift(final SimProcess victim) {
        world.fired(Fault.CLOCK_DRIFT);
        // From a third of the true rate to three times it.
        victim.drift(Math.pow(3, 2 * random.nextDouble() - 1));
    }

    /** From now on nothing happens here any more; what is paused goes on. */
    void heal() {
        final SimProcess now = process;
        if (now != null && now.isAlive()) {
            now.drift(1);
            resume(now);
        }
    }

    /** Ends what runs here, for good. */
    void bury() {
        final SimProcess now = process;
        if (now != null) {
            now.crash();
        }
    }
}
