package io.ringledger.benchmarks.projection;

import io.ringledger.benchmarks.Bench;
import io.ringledger.benchmarks.Experiment;
import io.ringledger.benchmarks.Scale;
import io.ringledger.benchmarks.Target;
import io.ringledger.consumer.LogRecord;
import io.ringledger.consumer.PgViewStore;
import io.ringledger.consumer.Projection;
import io.ringledger.consumer.ProjectionListener;
import io.ringledger.consumer.ViewBatch;
import io.ringledger.emulators.PostgresLocal;
import io.ringledger.readmodel.PostgresSettings;
import io.ringledger.readmodel.ViewSchema;
import io.vertx.core.Vertx;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The projector's own path, from the bytes of frames to committed rows, into a real Postgres with
 * fsync and synchronous commit on; beside {@link BareInsert}. After every measurement the views are
 * compared with the model that wrote the log.
 */
public final class ProjectionExperiment implements Experiment {
    private static final int ACCOUNTS = 10_000;
    private static final int[] BATCH_SIZES = {500, 5_000, 20_000};
    private static final int USUAL_BATCH = 20_000;
    private static final int FRAMES_PER_READ = 100;
    private static final int TIMEOUT_MS = 30_000;
    private static final String ONE = "projector, 1 partition, batches of ";
    private static final String BARE = "bare insert of the entries, statements of ";
    private static final String USUAL = ONE + USUAL_BATCH;

    @Override
    public String name() {
        return "projection";
    }

    @Override
    public String question() {
        return "How many events a second does the projector bring into Postgres, and what does a"
                + " bare insert of the same number of entries reach?";
    }

    @Override
    public int estimatedSeconds(final Scale scale) {
        return switch (scale) {
            case SMOKE -> 10;
            case QUICK -> 60;
            case FULL -> 180;
        };
    }

    @Override
    public void run(final Bench bench) throws Exception {
        final int events = switch (bench.scale()) {
            case SMOKE -> 20_000;
            case QUICK -> 150_000;
            case FULL -> 500_000;
        };
        bench.target(Target.atLeast("views", USUAL, 80_000, "events/s"));
        bench.note(
                "projection: " + ACCOUNTS + " accounts a partition, frames of 500 events, two"
                        + " entries an event; fsync and synchronous_commit on; one connection a partition.");
        final List<WrittenLog> single = List.of(WrittenLog.write(0, 1, ACCOUNTS, events));
        final List<WrittenLog> twin = List.of(
                WrittenLog.write(0, 2, ACCOUNTS, events / 2),
                WrittenLog.write(1, 2, ACCOUNTS, events / 2));
        final Vertx vertx = Vertx.vertx();
        try (PostgresLocal postgres = PostgresLocal.start()) {
            ViewSchema.migrate(postgres.jdbcUrl(), postgres.user(), postgres.password());
            // Once without a figure: the first round pays for class loading and compiling.
            measure(vertx, postgres, single, USUAL_BATCH);
            for (int round = 1; round <= bench.scale().rounds(); round++) {
                bench.progress("round " + round);
                for (final int batchSize : BATCH_SIZES) {
                    final double rate = measure(vertx, postgres, single, batchSize);
                    bench.record(ONE + batchSize, "events/s", rate);
                    bench.record(BARE + batchSize, "events/s", bare(postgres, events, batchSize));
                }
                bench.record(
                        "projector, 2 partitions, batches of " + USUAL_BATCH,
                        "events/s",
                        measure(vertx, postgres, twin, USUAL_BATCH));
            }
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }

    private static double bare(
            final PostgresLocal postgres, final int events, final int eventsPerStatement)
            throws SQLException {
        try (BareInsert bare = new BareInsert(postgres.jdbcUrl(), ACCOUNTS)) {
            return bare.insert(events, eventsPerStatement);
        }
    }

    private static double measure(
            final Vertx vertx,
            final PostgresLocal postgres,
            final List<WrittenLog> logs,
            final int batchSize)
            throws Exception {
        empty(postgres, logs.size());
        final PostgresSettings settings = new PostgresSettings(
                postgres.host(),
                postgres.port(),
                postgres.database(),
                postgres.user(),
                postgres.password(),
                null);
        final List<PgViewStore> stores = new ArrayList<>();
        final List<Projection> projections = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(logs.size())) {
            for (final WrittenLog log : logs) {
                final PgViewStore store = new PgViewStore(vertx, settings, TIMEOUT_MS);
                final Projection projection =
                        new Projection(logs.size(), store, batchSize, new NoMisses());
                stores.add(store);
                projections.add(projection);
                projectAll(projection, log.openings());
            }
            final long startNs = System.nanoTime();
            final List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < logs.size(); i++) {
                final Projection projection = projections.get(i);
                final List<LogRecord> frames = logs.get(i).frames();
                running.add(threads.submit(() -> projectAll(projection, frames)));
            }
            for (final Future<?> one : running) {
                one.get();
            }
            final long tookNs = System.nanoTime() - startNs;
            check(postgres, logs);
            return logs.stream().mapToLong(WrittenLog::events).sum() * 1e9 / tookNs;
        } finally {
            projections.forEach(Projection::close);
            stores.forEach(PgViewStore::close);
        }
    }

    /** As KCL hands them over: a read of the shard at a time. */
    private static void projectAll(final Projection projection, final List<LogRecord> frames) {
        for (int from = 0; from < frames.size(); from += FRAMES_PER_READ) {
            projection.project(
                    frames.subList(from, Math.min(from + FRAMES_PER_READ, frames.size())));
        }
    }

    private static void empty(final PostgresLocal postgres, final int partitions)
            throws SQLException {
        try (Connection connection = DriverManager.getConnection(postgres.jdbcUrl());
                Statement statement = connection.createStatement()) {
            statement.execute("TRUNCATE ledger_view.entries, ledger_view.accounts,"
                    + " ledger_view.progress");
            statement.execute("INSERT INTO ledger_view.progress (partition)"
                    + " SELECT generate_series(0, " + (partitions - 1) + ")");
            // What was written before must not be written back in the middle of a measurement.
            statement.execute("CHECKPOINT");
        }
    }

    /** A figure counts only where every balance and every entry is there. */
    private static void check(final PostgresLocal postgres, final List<WrittenLog> logs)
            throws SQLException {
        final Map<String, Long> expected = new HashMap<>();
        long transactions = 0;
        for (final WrittenLog log : logs) {
            expected.putAll(log.balances());
            transactions += log.transactions();
        }
        final Map<String, Long> found = new HashMap<>();
        try (Connection connection = DriverManager.getConnection(postgres.jdbcUrl());
                Statement statement = connection.createStatement()) {
            try (ResultSet rows =
                    statement.executeQuery("SELECT account_id, balance FROM ledger_view.accounts"
                            + " WHERE NOT system_account")) {
                while (rows.next()) {
                    found.put(rows.getString(1), rows.getLong(2));
                }
            }
            try (ResultSet row = statement.executeQuery(
                    "SELECT count(*), coalesce(sum(amount), 0)" + " FROM ledger_view.entries")) {
                row.next();
                if (row.getLong(1) != 2 * transactions || row.getLong(2) != 0) {
                    throw new IllegalStateException("wrong entries: count=" + row.getLong(1)
                            + ", expected=" + 2 * transactions + ", sum=" + row.getLong(2));
                }
            }
        }
        if (!found.equals(expected)) {
            throw new IllegalStateException("the views do not show the balances of the model");
        }
    }

    /** Nobody else moves these views. */
    private static final class NoMisses implements ProjectionListener {
        @Override
        public void committed(final ViewBatch batch, final long tookNs) {}

        @Override
        public void missed(final ViewBatch batch) {
            throw new IllegalStateException("missed: " + batch.to());
        }

        @Override
        public void duplicate(final int partition) {}

        @Override
        public void fenced(final int partition) {}
    }
}
