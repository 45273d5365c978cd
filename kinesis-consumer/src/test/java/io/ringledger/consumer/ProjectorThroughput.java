package io.ringledger.consumer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures the projector: frames to rows in a real Postgres with fsync and synchronous_commit on, one
 * partition, one connection, two entries an event. A program, not a test; prints events a second by
 * size of batch. Arguments: events (default 200,000) and accounts (default 10,000).
 */
final class ProjectorThroughput {
    private static final int EVENTS_PER_FRAME = 500;
    private static final int FRAMES_PER_READ = 100;
    private static final int[] BATCH_SIZES = {500, 1_000, 5_000, 10_000};

    private ProjectorThroughput() {}

    public static void main(final String[] arguments) {
        final int events = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 200_000;
        final int accounts = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 10_000;
        final List<LogRecord> frames = frames(events, accounts);
        final int warmUp = frames.size() / 4;
        System.out.printf(
                "%d events on %d accounts in %d frames, %d bytes%n",
                events,
                accounts,
                frames.size(),
                frames.stream().mapToLong(f -> f.data().length).sum());
        try (ViewDatabase database = new ViewDatabase(1)) {
            for (final int batchSize : BATCH_SIZES) {
                database.reset(1);
                final Sums sums = new Sums();
                try (PgViewStore store = database.store();
                        Projection projection = new Projection(1, store, batchSize, sums)) {
                    projectAll(projection, frames.subList(0, warmUp));
                    sums.clear();
                    final long cpuNs = cpuNs(ProcessHandle.current());
                    final long postgresCpuNs = postgresCpuNs(database);
                    final long startNs = System.nanoTime();
                    projectAll(projection, frames.subList(warmUp, frames.size()));
                    final long tookNs = System.nanoTime() - startNs;
                    System.out.printf(
                            "batch %,6d: %,8.0f events/s, %,8.0f in the fastest tenth of statements;"
                                    + " CPU an event: %.1f us here, %.1f us Postgres%n",
                            batchSize,
                            sums.events * 1e9 / tookNs,
                            sums.fastestTenth(),
                            (cpuNs(ProcessHandle.current()) - cpuNs) / 1e3 / sums.events,
                            (postgresCpuNs(database) - postgresCpuNs) / 1e3 / sums.events);
                }
                database.assertConserved();
            }
        }
        System.exit(0);
    }

    private static long postgresCpuNs(final ViewDatabase database) {
        return database.numbers("SELECT pid::text, pid FROM pg_stat_activity").values().stream()
                .flatMap(pid -> ProcessHandle.of(pid).stream())
                .mapToLong(ProjectorThroughput::cpuNs)
                .sum();
    }

    private static long cpuNs(final ProcessHandle process) {
        return process.info().totalCpuDuration().map(Duration::toNanos).orElse(0L);
    }

    private static List<LogRecord> frames(final int events, final int accounts) {
        try (TestLog log = new TestLog(0, 1, 1)) {
            final List<LogRecord> frames =
                    new ArrayList<>(log.openings(accounts, EVENTS_PER_FRAME));
            while (frames.size() * EVENTS_PER_FRAME < events) {
                frames.addAll(log.randomFrames(1, EVENTS_PER_FRAME, accounts));
            }
            return frames;
        }
    }

    private static void projectAll(final Projection projection, final List<LogRecord> frames) {
        for (int from = 0; from < frames.size(); from += FRAMES_PER_READ) {
            projection.project(
                    frames.subList(from, Math.min(from + FRAMES_PER_READ, frames.size())));
        }
    }

    /** What was committed, and how fast. */
    private static final class Sums implements ProjectionListener {
        private final List<Double> eventsPerSecond = new ArrayList<>();
        private long events;

        void clear() {
            events = 0;
            eventsPerSecond.clear();
        }

        /** Where a machine is shared, this says what the statement costs when it runs undisturbed. */
        double fastestTenth() {
            final List<Double> sorted = eventsPerSecond.stream().sorted().toList();
            return sorted.get(sorted.size() * 9 / 10);
        }

        @Override
        public void committed(final ViewBatch batch, final long tookNs) {
            events += batch.events();
            eventsPerSecond.add(batch.events() * 1e9 / tookNs);
        }

        @Override
        public void missed(final ViewBatch batch) {}

        @Override
        public void duplicate(final int partition) {}

        @Override
        public void fenced(final int partition) {}
    }
}
