package io.ringledger.readmodel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** The plans of the queries, made once for all parameters as the service has them. */
final class QueryPlanTest {
    private static Views views;

    @BeforeAll
    static void start() throws SQLException {
        views = Views.start();
        // 100 accounts with 500 entries each, and one with 50,000.
        for (int account = 1; account <= 100; account++) {
            views.account(0, account, "a" + account, 0, 0, 0);
        }
        views.sql("INSERT INTO ledger_view.entries (partition, account_number, sequence, type,"
                + " amount, balance, recorded_at_ms)"
                + " SELECT 0, 1 + s % 100, s, 1, 1, s, s FROM generate_series(1, 50000) s");
        views.account(0, 101, "busy", 0, 0, 0);
        views.entries(0, 101, 100_001, 150_000);
    }

    @AfterAll
    static void stop() {
        if (views != null) {
            views.close();
        }
    }

    @Test
    void shouldReadAPageFromTheEndOfTheIndex() throws SQLException {
        assertPageFromIndex();
        views.sql("ANALYZE");
        assertPageFromIndex();
    }

    @Test
    void shouldReadNoMoreEntriesThanThePageHas() throws SQLException {
        final String plan = plan(
                "ANALYZE, BUFFERS, TIMING OFF",
                ViewQueries.ENTRIES,
                "'busy', " + Long.MAX_VALUE + ", 101");
        assertThat(plan)
                .contains("Index Scan Backward using entries_pkey")
                .containsPattern("actual rows=101(\\.00)? ");
    }

    @Test
    void shouldFindAnAccountByItsId() throws SQLException {
        views.sql("INSERT INTO ledger_view.accounts (partition, account_number, account_id,"
                + " currency, balance, held, credit_limit, sequence, recorded_at_ms)"
                + " SELECT 1, n, 'other-' || n, 'EUR', 0, 0, 0, 1, 0"
                + " FROM generate_series(1, 20000) n");
        views.sql("ANALYZE");
        assertThat(plan("COSTS OFF", ViewQueries.ACCOUNT, "'a7'"))
                .doesNotContain("Seq Scan on accounts")
                .contains("accounts_account_id_key");
    }

    private static void assertPageFromIndex() throws SQLException {
        assertThat(plan("COSTS OFF", ViewQueries.ENTRIES, "'a7', " + Long.MAX_VALUE + ", 101"))
                .contains("Index Scan Backward using entries_pkey")
                .doesNotContain("Seq Scan on entries", "Bitmap");
    }

    private static String plan(final String options, final String sql, final String parameters)
            throws SQLException {
        try (Connection connection = views.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SET plan_cache_mode = force_generic_plan");
            statement.execute("PREPARE q AS " + sql);
            try (ResultSet rows = statement.executeQuery(
                    "EXPLAIN (" + options + ") EXECUTE q(" + parameters + ")")) {
                final StringBuilder plan = new StringBuilder();
                while (rows.next()) {
                    plan.append(rows.getString(1)).append('\n');
                }
                return plan.toString();
            }
        }
    }
}
