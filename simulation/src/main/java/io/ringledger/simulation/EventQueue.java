package io.ringledger.simulation;

import org.jspecify.annotations.Nullable;

import java.util.PriorityQueue;

/**
 * What is going to happen, in the order of simulated time; what happens at one time happens in the
 * order in which it was added. Not thread-safe: a simulation has one thread.
 */
final class EventQueue {
    /** Something that will happen, to a process or to the world. */
    static final class Event implements Comparable<Event> {
        private final long timeNs;
        private final long order;
        private final @Nullable SimProcess process;
        private final Runnable work;
        private boolean isCancelled;

        private Event(
                final long timeNs,
                final long order,
                final @Nullable SimProcess process,
                final Runnable work) {
            this.timeNs = timeNs;
            this.order = order;
            this.process = process;
            this.work = work;
        }

        long timeNs() {
            return timeNs;
        }

        /** Whose it is: it ends with that process; null: the world's. */
        @Nullable SimProcess process() {
            return process;
        }

        Runnable work() {
            return work;
        }

        /** It does not happen. */
        void cancel() {
            isCancelled = true;
        }

        boolean isCancelled() {
            return isCancelled;
        }

        @Override
        public int compareTo(final Event other) {
            final int byTime = Long.compare(timeNs, other.timeNs);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    private final PriorityQueue<Event> events = new PriorityQueue<>(256);
    private long added;

    Event add(final long timeNs, final @Nullable SimProcess process, final Runnable work) {
        final Event event = new Event(timeNs, added++, process, work);
        events.add(event);
        return event;
    }

    /** The next event, removed; null if nothing is going to happen any more. */
    @Nullable Event next() {
        return events.poll();
    }
}
