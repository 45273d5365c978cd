package io.ringledger.benchmarks.write;

import io.ringledger.benchmarks.driver.Measured;

import java.util.ArrayList;
import java.util.List;

/**
 * What happened over time while the load rose and fell again, slot by slot. Immutable.
 *
 * @param slots all of them, the first one from the start on
 * @param riseS when the load rose, in seconds since the start
 * @param fallS when it fell
 */
record Course(List<Slot> slots, double riseS, double fallS) {
    /** Answers wait for those that were taken before them: what the queues hold comes first. */
    private static final double SETTLE_S = 1;

    /** As quick as before: at most so many times as slow. */
    private static final double SLOWER = 2;

    /**
     * What came within one slot.
     *
     * @param fromS when it began
     * @param toS when it ended
     * @param done requests that were done, a second
     * @param refused requests that were refused, a second
     * @param p50Ms of what was done; 0 if nothing was
     * @param p99Ms of what was done; 0 if nothing was
     */
    record Slot(
            double fromS, double toS, double done, double refused, double p50Ms, double p99Ms) {}

    Course {
        slots = List.copyOf(slots);
        if (!(riseS > 0 && riseS < fallS)) {
            throw new IllegalArgumentException("riseS=" + riseS + ", fallS=" + fallS);
        }
    }

    /** That of an open loop. */
    static Course of(final Measured measured, final double riseS, final double fallS) {
        final double slotS = Measured.SLOT_MS / 1_000.0;
        final List<Slot> slots = new ArrayList<>();
        for (final Measured.Slot slot : measured.slots()) {
            final double fromS = slots.size() * slotS;
            slots.add(new Slot(
                    fromS,
                    fromS + slotS,
                    slot.donePerSecond(),
                    slot.refusedPerSecond(),
                    slot.percentileMs(50),
                    slot.percentileMs(99)));
        }
        return new Course(slots, riseS, fallS);
    }

    /** Done a second while the load was high and the queues were full. */
    double doneWhileHigh() {
        return between(riseS + SETTLE_S, fallS).stream()
                .mapToDouble(Slot::done)
                .average()
                .orElse(0);
    }

    /** Refused a second in that time. */
    double refusedWhileHigh() {
        return between(riseS + SETTLE_S, fallS).stream()
                .mapToDouble(Slot::refused)
                .average()
                .orElse(0);
    }

    /** The slowest p99 of a slot while the load was high, in its first or its second half. */
    double p99WhileHighMs(final boolean inSecondHalf) {
        final double fromS = riseS + SETTLE_S;
        final double middleS = (fromS + fallS) / 2;
        return between(inSecondHalf ? middleS : fromS, inSecondHalf ? fallS : middleS).stream()
                // A slot in which nothing was done was at least as slow as it is long.
                .mapToDouble(slot ->
                        slot.done() > 0 ? slot.p99Ms() : 1_000 * (slot.toS() - slot.fromS()))
                .max()
                .orElse(0);
    }

    /**
     * How long after the load had fallen nothing was refused any more, two slots in succession, and
     * answers came about as soon as before it rose; to the end of the course if that never was.
     */
    double recoveryS() {
        final double before = between(0, riseS).stream()
                .mapToDouble(Slot::p50Ms)
                .sorted()
                .skip(between(0, riseS).size() / 2)
                .findFirst()
                .orElse(0);
        final List<Slot> after = between(fallS, Double.MAX_VALUE);
        for (int i = 0; i + 1 < after.size(); i++) {
            if (isAsBefore(after.get(i), before) && isAsBefore(after.get(i + 1), before)) {
                return after.get(i).fromS() - fallS;
            }
        }
        return slots.getLast().toS() - fallS;
    }

    private static boolean isAsBefore(final Slot slot, final double beforeMs) {
        return slot.refused() == 0 && slot.done() > 0 && slot.p50Ms() <= SLOWER * beforeMs;
    }

    /** Slots that lie within it as a whole. */
    private List<Slot> between(final double fromS, final double toS) {
        return slots.stream()
                .filter(slot -> slot.fromS() >= fromS && slot.toS() <= toS)
                .toList();
    }
}
