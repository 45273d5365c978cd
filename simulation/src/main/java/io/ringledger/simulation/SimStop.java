package io.ringledger.simulation;

import io.ringledger.consumer.StopSignal;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/** Waits in simulated time. */
final class SimStop extends StopSignal {
    private static final long MAX_PAUSE_MS = 1_000;

    private final World world;
    private final SimProcess process;
    private final SplittableRandom random;

    SimStop(final World world, final SimProcess process, final SplittableRandom random) {
        this.world = world;
        this.process = process;
        this.random = random;
    }

    /** Not for the time that was asked for, which carries real chance. */
    @Override
    public boolean pauseMs(final long timeMs) {
        world.block(process, TimeUnit.MILLISECONDS.toNanos(1 + random.nextLong(MAX_PAUSE_MS)));
        return !isRaised();
    }
}
