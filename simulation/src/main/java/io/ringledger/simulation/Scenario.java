package io.ringledger.simulation;

import io.ringledger.model.ModelContext;

import java.util.EnumMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * What one seed is about: how large its world is, and which faults belong to it, how strongly. Each
 * seed has some of them only: where everything fails at once, little ever gets far enough to break.
 *
 * @param partitions of the ledger
 * @param machines that run a ledger process
 * @param shards that the stream begins with
 * @param commands that clients ask for
 * @param faultNs how long things go wrong
 * @param leaseMs of the ledger
 * @param windowMs of the idempotency keys
 * @param strengths of the faults that belong to the seed
 */
record Scenario(
        int partitions,
        int machines,
        int shards,
        int commands,
        long faultNs,
        long leaseMs,
        long windowMs,
        Map<Fault, Double> strengths) {
    private static final long SECOND_NS = 1_000_000_000L;
    private static final long[] WINDOWS_MS = {
        ModelContext.DEFAULT_IDEMPOTENCY_WINDOW_MS, 5_000, 20_000, 3_600_000
    };

    static Scenario of(final Draws draws) {
        final SplittableRandom random = draws.of("scenario");
        final int partitions = 1 + random.nextInt(3);
        final int machines = 1 + random.nextInt(3);
        final int shards = 1 + random.nextInt(partitions);
        final int commands = 60 + random.nextInt(140);
        final long faultNs = (15L + random.nextInt(35)) * SECOND_NS;
        final long leaseMs = 500L + random.nextInt(2_500);
        final long windowMs = WINDOWS_MS[random.nextInt(WINDOWS_MS.length)];
        final SplittableRandom faults = draws.of("scenario faults");
        final boolean isCalm = faults.nextInt(25) == 0;
        final Map<Fault, Double> strengths = new EnumMap<>(Fault.class);
        for (final Fault fault : Fault.values()) {
            // Each draws, so that a new fault at the end leaves the others as they are.
            final double strength = fault.probability() * (0.3 + 2 * faults.nextDouble());
            if (faults.nextInt(5) < 3 && !isCalm) {
                strengths.put(fault, strength);
            }
        }
        return new Scenario(
                partitions, machines, shards, commands, faultNs, leaseMs, windowMs, strengths);
    }
}
