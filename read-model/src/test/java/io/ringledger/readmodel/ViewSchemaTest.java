package io.ringledger.readmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringledger.emulators.PostgresLocal;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

final class ViewSchemaTest {
    private static PostgresLocal postgres;

    @BeforeAll
    static void start() throws Exception {
        postgres = PostgresLocal.start();
        // Several processes at once: one migrates, the others wait and find it done.
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            final List<Callable<Integer>> calls = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                calls.add(ViewSchemaTest::migrate);
            }
            int applied = 0;
            for (final Future<Integer> call : threads.invokeAll(calls)) {
                applied += call.get();
            }
            assertThat(applied).isEqualTo(ViewSchema.VERSION);
        }
    }

    @AfterAll
    static void stop() {
        if (postgres != null) {
            postgres.close();
        }
    }

    @Test
    void shouldDoNothingTheSecondTime() {
        assertThat(migrate()).isZero();
    }

    @Test
    void shouldKnowItsOwnVersion() throws SQLException {
        assertThat(number("SELECT max(version::int) FROM ledger_view.flyway_schema_history"))
                .isEqualTo(ViewSchema.VERSION);
    }

    @Test
    void shouldRefuseToConnectToNothing() {
        assertThatThrownBy(() -> ViewSchema.migrate(
                        "jdbc:postgresql://127.0.0.1:1/ringledger", "postgres", "postgres"))
                .isInstanceOf(org.flywaydb.core.api.FlywayException.class)
                .hasMessageContaining("127.0.0.1:1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "INSERT INTO ledger_view.ledger (partitions) VALUES (0)",
                "INSERT INTO ledger_view.ledger (partitions) VALUES (2), (3)",
                "INSERT INTO ledger_view.ledger (singleton, partitions) VALUES (false, 3)",
                "INSERT INTO ledger_view.progress (partition, frame_hash) VALUES (9, '\\x00')",
                "INSERT INTO ledger_view.progress (partition) VALUES (-1)",
                // Past its credit limit.
                "INSERT INTO ledger_view.accounts VALUES (-101, 0, 100, 1, 0, 1, 0, false, 'x',"
                        + " 'CZK', 'open')",
                // Only a system account may have a name that clients cannot give.
                "INSERT INTO ledger_view.accounts VALUES (0, 0, 0, 1, 0, 1, 0, false, '@x',"
                        + " 'CZK', 'open')",
                "INSERT INTO ledger_view.accounts VALUES (0, 0, 0, 1, 0, 1, 0, true, 'x',"
                        + " 'CZK', 'open')",
                "INSERT INTO ledger_view.accounts VALUES (0, 0, 0, 1, 0, 1, 0, false, 'x',"
                        + " 'CZK', 'asleep')",
                "INSERT INTO ledger_view.entries VALUES (1, 0, 0, 0, 0, 0, 1, NULL)",
                "INSERT INTO ledger_view.entries VALUES (1, 5, 0, 0, 0, 0, 3, NULL)"
            })
    void shouldRefuseRowsThatCannotBe(final String insert) {
        assertThatThrownBy(() -> execute(insert))
                .isInstanceOf(SQLException.class)
                .satisfies(e -> assertThat(((SQLException) e).getSQLState()).startsWith("23"));
    }

    @Test
    void shouldUpdateAccountsInPlace() throws SQLException {
        execute("INSERT INTO ledger_view.accounts (partition, account_number, account_id, currency,"
                + " balance, held, credit_limit, sequence, recorded_at_ms)"
                + " SELECT 7, n, 'hot-' || n, 'EUR', 0, 0, 0, 1, 0 FROM generate_series(1, 500) n");
        for (int round = 1; round <= 20; round++) {
            execute("UPDATE ledger_view.accounts SET balance = balance + 1,"
                    + " sequence = sequence + 1, recorded_at_ms = 5 WHERE partition = 7");
        }
        final String statistics = " FROM pg_stat_user_tables WHERE relname = 'accounts'";
        assertThat(number("SELECT n_tup_upd" + statistics)).isEqualTo(20 * 500);
        // All but the few rows that did not fit: an update in place touches no index.
        assertThat(number("SELECT n_tup_hot_upd" + statistics)).isGreaterThan(20 * 495);
    }

    private static int migrate() {
        return ViewSchema.migrate(postgres.jdbcUrl(), postgres.user(), postgres.password());
    }

    private static void execute(final String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(postgres.jdbcUrl());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
            statement.execute("SELECT pg_stat_force_next_flush()");
        }
    }

    private static long number(final String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(postgres.jdbcUrl());
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }
}
