package io.ringledger.benchmarks.driver;

import org.HdrHistogram.Histogram;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What a run measured: answers that came within the measured time, and how long each took from when
 * it was sent (closed loop) or due (open loop). Filled by one thread; read once that has ended.
 */
public final class Measured {
    /** Length of a slot of the course over time. */
    public static final long SLOT_MS = 250;

    private static final long MAX_US = TimeUnit.MINUTES.toMicros(2);
    private static final int DIGITS = 3;
    private static final int SLOT_DIGITS = 2;

    private final long measureNs;
    private final Histogram latencyUs = new Histogram(MAX_US, DIGITS);
    private final List<Slot> slots = new ArrayList<>();
    private long done;
    private long refused;
    private long unsent;
    private long sent;
    private long reopened;
    private long cpuNs;

    /** What came within one {@link #SLOT_MS}. */
    public static final class Slot {
        private final Histogram latencyUs = new Histogram(MAX_US, SLOT_DIGITS);
        private long done;
        private long refused;

        /** Requests that were done, a second. */
        public double donePerSecond() {
            return done * 1_000.0 / SLOT_MS;
        }

        /** Requests that were refused, a second. */
        public double refusedPerSecond() {
            return refused * 1_000.0 / SLOT_MS;
        }

        /** Of what was done, in milliseconds; 0 if nothing was. */
        public double percentileMs(final double percentile) {
            return latencyUs.getValueAtPercentile(percentile) / 1_000.0;
        }
    }

    Measured(final long measureNs, final boolean hasSlots) {
        this.measureNs = measureNs;
        final long slotNs = TimeUnit.MILLISECONDS.toNanos(SLOT_MS);
        for (long fromNs = 0; hasSlots && fromNs < measureNs; fromNs += slotNs) {
            slots.add(new Slot());
        }
    }

    /** An answer, at a time since the beginning of what is measured. */
    void add(final Load.Answered answered, final long atNs, final long tookNs) {
        if (atNs < 0 || atNs >= measureNs) {
            return;
        }
        final long tookUs = Math.min(MAX_US, TimeUnit.NANOSECONDS.toMicros(tookNs));
        final Slot slot = slots.isEmpty()
                ? null
                : slots.get((int) (TimeUnit.NANOSECONDS.toMillis(atNs) / SLOT_MS));
        if (answered == Load.Answered.DONE) {
            done++;
            latencyUs.recordValue(tookUs);
            if (slot != null) {
                slot.done++;
                slot.latencyUs.recordValue(tookUs);
            }
        } else {
            refused++;
            if (slot != null) {
                slot.refused++;
            }
        }
    }

    /** What the thread did besides: requests sent, those that found no connection, its CPU time. */
    void end(final long sent, final long unsent, final long reopened, final long cpuNs) {
        this.sent = sent;
        this.unsent = unsent;
        this.reopened = reopened;
        this.cpuNs = cpuNs;
    }

    void addAll(final Measured other) {
        latencyUs.add(other.latencyUs);
        done += other.done;
        refused += other.refused;
        sent += other.sent;
        unsent += other.unsent;
        reopened += other.reopened;
        cpuNs += other.cpuNs;
        for (int i = 0; i < slots.size(); i++) {
            slots.get(i).done += other.slots.get(i).done;
            slots.get(i).refused += other.slots.get(i).refused;
            slots.get(i).latencyUs.add(other.slots.get(i).latencyUs);
        }
    }

    /** Requests that were done. */
    public long done() {
        return done;
    }

    /** Requests that were refused with 503. */
    public long refused() {
        return refused;
    }

    /** Requests that were done, a second. */
    public double donePerSecond() {
        return done / (measureNs / (double) TimeUnit.SECONDS.toNanos(1));
    }

    /** Of what was done, in milliseconds. */
    public double percentileMs(final double percentile) {
        return latencyUs.getValueAtPercentile(percentile) / 1_000.0;
    }

    /** Requests that were sent, with those of the warm-up. */
    public long sent() {
        return sent;
    }

    /** Requests of an open loop that were due and found no free connection until its end. */
    public long unsent() {
        return unsent;
    }

    /** Connections that the service closed and that were opened again. */
    public long reopened() {
        return reopened;
    }

    /** So much of something, in nanoseconds, for all that was sent: in microseconds a request. */
    public double usPerRequest(final long ns) {
        return ns / 1_000.0 / Math.max(1, sent);
    }

    /** What a request costs the driver, in microseconds of CPU. */
    public double cpuUsPerRequest() {
        return cpuNs / 1_000.0 / Math.max(1, sent);
    }

    /** The course over time, open loop only. */
    public List<Slot> slots() {
        return List.copyOf(slots);
    }
}
