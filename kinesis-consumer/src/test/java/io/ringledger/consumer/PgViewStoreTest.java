package io.ringledger.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgConnection;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

class PgViewStoreTest {
    private static final int PARTITIONS = 2;

    private static ViewDatabase database;

    @BeforeAll
    static void start() {
        database = new ViewDatabase(PARTITIONS);
    }

    @AfterAll
    static void close() {
        database.close();
    }

    @BeforeEach
    void reset() {
        database.reset(PARTITIONS);
    }

    private static Projection projection(final ViewStore store) {
        return new Projection(PARTITIONS, store, 300, new Misses());
    }

    @Test
    void shouldShowWhatTheLogSays() {
        try (TestLog log = new TestLog(0, PARTITIONS, 1);
                TestLog other = new TestLog(1, PARTITIONS, 2);
                PgViewStore store = database.store();
                Projection projection = projection(store)) {
            for (int i = 0; i < 12; i++) {
                projection.project(log.randomFrames(4, 60, 40));
                projection.project(other.randomFrames(1, 90, 10));
            }

            database.assertShows(log, 0);
            database.assertShows(other, 1);
            assertThat(database.number("SELECT count(*) FROM ledger_view.accounts"
                            + " WHERE account_id IN ('@world.CZK.0', '@world.EUR.0',"
                            + " '@world.CZK.1', '@world.EUR.1') AND system_account"))
                    .isEqualTo(4);
        }
    }

    @Test
    void shouldChangeOnlyTheColumnsThatAnEventTouches() {
        try (TestLog log = new TestLog(0, PARTITIONS, 1);
                PgViewStore store = database.store();
                Projection projection = projection(store)) {
            log.open("a", "CZK", 500);
            log.credit("a", "CZK", 70, "rent");
            projection.project(List.of(log.frame()));
            log.creditLimit("a", 900);
            projection.project(List.of(log.frame()));
            log.withdraw("a", "CZK", 20, "");
            projection.project(List.of(log.frame()));
            log.withdraw("a", "CZK", 100_000, "");
            projection.project(List.of(log.frame()));

            database.assertShows(log, 0);
            assertThat(database.numbers("SELECT account_id || ':' || status || ':' || held || ':'"
                            + " || credit_limit || ':' || sequence, balance"
                            + " FROM ledger_view.accounts WHERE NOT system_account"))
                    .containsOnlyKeys("a:open:0:900:4")
                    .containsValue(50L);
            assertThat(database.numbers("SELECT sequence || ':' || type || ':' || amount || ':'"
                            + " || coalesce(reference, '-'), balance FROM ledger_view.entries"
                            + " WHERE amount * CASE type WHEN 1 THEN 1 ELSE -1 END > 0"))
                    .containsOnlyKeys("2:1:70:rent", "4:2:-20:-");
            assertThat(database.number(
                            "SELECT sequence FROM ledger_view.progress" + " WHERE partition = 0"))
                    .as("a refusal moves the position alone")
                    .isEqualTo(5);
        }
    }

    @Test
    void shouldChangeNothingWhenTheSameFramesComeAgain() {
        try (TestLog log = new TestLog(0, PARTITIONS, 3);
                PgViewStore store = database.store()) {
            final List<LogRecord> frames = log.randomFrames(20, 40, 30);
            for (final int from : new int[] {0, 0, 7, 12, 3}) {
                try (Projection fresh = projection(store)) {
                    fresh.project(frames.subList(0, Math.max(from, 14)));
                    fresh.project(frames.subList(from, 20));
                }
            }

            database.assertShows(log, 0);
        }
    }

    @Test
    void shouldKeepOneOrderWhenSeveralWorkersRaceOnOnePartition() throws Exception {
        final int workers = 4;
        final AtomicInteger misses = new AtomicInteger();
        try (TestLog log = new TestLog(0, PARTITIONS, 4);
                ExecutorService threads = Executors.newFixedThreadPool(workers)) {
            final List<LogRecord> frames = log.randomFrames(200, 10, 25);
            final List<Future<Void>> done = threads.invokeAll(IntStream.range(0, workers)
                    .<Callable<Void>>mapToObj(worker -> () -> {
                        race(frames, worker, misses);
                        return null;
                    })
                    .toList());
            for (final Future<Void> worker : done) {
                worker.get(60, TimeUnit.SECONDS);
            }

            database.assertShows(log, 0);
            assertThat(misses).as("the race took place").hasPositiveValue();
        }
    }

    /** Each worker reads all frames, in steps of its own. */
    private static void race(
            final List<LogRecord> frames, final int worker, final AtomicInteger misses) {
        final Misses listener = new Misses();
        try (PgViewStore store = database.store();
                Projection projection = new Projection(PARTITIONS, store, 300, listener)) {
            final int step = 2 + worker;
            for (int from = 0; from < frames.size(); from += step) {
                projection.project(frames.subList(from, Math.min(from + step, frames.size())));
            }
        }
        misses.addAndGet(listener.count);
    }

    @Test
    void shouldSayThatPostgresIsAwayAndGoOnWhenItIsBack() {
        try (TestLog log = new TestLog(0, PARTITIONS, 5);
                PgViewStore store = database.store();
                Projection projection = projection(store)) {
            final List<LogRecord> frames = log.randomFrames(30, 20, 10);
            projection.project(frames.subList(0, 10));
            database.postgres().stopServer();
            try {
                assertThatThrownBy(() -> projection.project(frames.subList(10, 20)))
                        .isInstanceOf(ViewUnavailableException.class);
                assertThatThrownBy(() -> projection.project(frames.subList(10, 20)))
                        .isInstanceOf(ViewUnavailableException.class)
                        .hasMessageContaining("cannot connect to Postgres");
            } finally {
                database.postgres().startServer();
            }

            projection.project(frames.subList(10, 30));

            database.assertShows(log, 0);
        }
    }

    @Test
    void shouldSayThatPostgresDoesNotAnswerInTime() throws Exception {
        try (TestLog log = new TestLog(0, PARTITIONS, 6);
                PgViewStore store = new PgViewStore(database.vertx(), database.settings(), 300);
                Projection projection = projection(store)) {
            final List<LogRecord> frames = log.randomFrames(4, 20, 10);
            projection.project(frames.subList(0, 2));
            try (var connection = java.sql.DriverManager.getConnection(
                            database.postgres().jdbcUrl());
                    var statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                statement.execute("LOCK TABLE ledger_view.entries");
                assertThatThrownBy(() -> projection.project(frames.subList(2, 4)))
                        .isInstanceOf(ViewUnavailableException.class)
                        // Both sides have the same limit; which of them is first is chance.
                        .message()
                        .containsAnyOf("no answer in 300 ms", "due to statement timeout");
                connection.rollback();
            }

            projection.project(frames.subList(2, 4));

            database.assertShows(log, 0);
        }
    }

    @Test
    void shouldHaltWhereAViewDisagreesWithTheLog() {
        assertHalts(
                "UPDATE ledger_view.accounts SET balance = balance + 1 WHERE account_id = 'a'",
                "accounts that agree with the batch: 1 of 2");
        assertHalts(
                "DELETE FROM ledger_view.accounts WHERE account_id = 'a'",
                "accounts that agree with the batch: 1 of 2");
        assertHalts(
                "UPDATE ledger_view.accounts SET sequence = 50 WHERE account_id = 'a'",
                "accounts that agree with the batch: 1 of 2");
        assertHalts(
                "UPDATE ledger_view.accounts SET account_id = 'b' WHERE account_id = 'a'",
                "accounts_account_id_key");
        assertHalts(
                "INSERT INTO ledger_view.entries (partition, account_number, sequence, type, amount,"
                        + " balance, recorded_at_ms) SELECT 0, account_number, 4, 1, 1, 1, 1"
                        + " FROM ledger_view.accounts WHERE account_id = 'a'",
                "entries_pkey");
        assertHalts("DELETE FROM ledger_view.progress", "no progress row");
    }

    private void assertHalts(final String tampering, final String message) {
        reset();
        try (TestLog log = new TestLog(0, PARTITIONS, 7);
                PgViewStore store = database.store()) {
            log.open("a", "CZK", 0);
            log.credit("a", "CZK", 70, "");
            final LogRecord first = log.frame();
            log.open("b", "CZK", 0);
            log.credit("a", "CZK", 1, "");
            final LogRecord second = log.frame();
            try (Projection before = projection(store)) {
                before.project(List.of(first));
            }
            database.execute(tampering);

            try (Projection after = projection(store)) {
                final HaltException halt = catchThrowableOfType(
                        HaltException.class, () -> after.project(List.of(second)));
                assertThat(halt).as(tampering).isNotNull().hasMessageContaining(message);
            }
            assertThat(database.number("SELECT coalesce(max(frame), 1) FROM ledger_view.progress"
                            + " WHERE partition = 0"))
                    .as("the whole statement is taken back")
                    .isEqualTo(1);
            assertThat(database.number("SELECT count(*) FROM ledger_view.accounts"
                            + " WHERE account_id = 'b' AND sequence > 2"))
                    .isZero();
        }
    }

    @Test
    void shouldLookAccountsUpByTheirKeyWhateverTheStatisticsSay() throws Exception {
        database.execute("INSERT INTO ledger_view.accounts (partition, account_number, account_id,"
                + " currency, balance, held, credit_limit, sequence, recorded_at_ms)"
                + " SELECT 1, n, 'x' || n, 'CZK', 0, 0, 0, 1, 1 FROM generate_series(1, 20000) n");
        try (TestLog log = new TestLog(0, PARTITIONS, 8);
                FrameProjector projector = new FrameProjector(PARTITIONS)) {
            projector.open(log.randomFrames(1, 500, 100).getFirst().data());
            projector.resume(PartitionView.start(0));
            projector.fold();
            final PgConnectOptions options = new PgConnectOptions(database.options());
            ViewStatements.PLANNER.forEach(options::addProperty);
            final StringBuilder plan = new StringBuilder();
            PgConnection.connect(database.vertx(), options)
                    .compose(connection -> connection
                            .preparedQuery("EXPLAIN " + ViewStatements.COMMIT)
                            .execute(ViewStatements.commitParameters(projector.batch(0)))
                            .eventually(connection::close))
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(10, TimeUnit.SECONDS)
                    .forEach(row -> plan.append(row.getString(0)).append('\n'));

            assertThat(plan.toString())
                    .contains("Index Scan using accounts_pkey on accounts a")
                    .contains("(account_number = t_1.account_number)")
                    .doesNotContain("Seq Scan on accounts", "Hash Join", "Bitmap", "Merge Join");
        }
    }

    /** Counts misses. */
    private static final class Misses implements ProjectionListener {
        private int count;

        @Override
        public void committed(final ViewBatch batch, final long tookNs) {}

        @Override
        public void missed(final ViewBatch batch) {
            count++;
        }

        @Override
        public void duplicate(final int partition) {}

        @Override
        public void fenced(final int partition) {}
    }
}
