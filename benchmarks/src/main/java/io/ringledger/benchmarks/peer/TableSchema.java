package io.ringledger.benchmarks.peer;

import io.ringledger.benchmarks.driver.AccountIds;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;

/** The tables of the peer. Stateless; everything here blocks. */
public final class TableSchema {
    private static final int PACKED_ACCOUNTS = 5_000;

    /**
     * A transaction's row is its entry, its idempotency key and its outcome in one: each table less
     * is a row and an index less to write. Both indexes are needed: an account's entries in their
     * order, and its keys. Refusals are rows too, without an amount that counts.
     *
     * <p>No index holds a balance, and pages of accounts are nearly empty, so that every update stays
     * in its page (HOT) and finds room that an earlier one has left there. Accounts are vacuumed
     * by their own updates, page by page; the other table only grows. No foreign key: each would
     * lock a row of accounts once more.
     */
    private static final String TABLES = """
            CREATE SCHEMA peer;
            CREATE TABLE peer.accounts (
                balance      bigint  NOT NULL DEFAULT 0,
                credit_limit bigint  NOT NULL CHECK (credit_limit >= 0),
                number       integer NOT NULL,
                account_id   text COLLATE "C" NOT NULL PRIMARY KEY,
                currency     text COLLATE "C" NOT NULL,
                CHECK (balance + credit_limit >= 0)
            ) WITH (fillfactor = 20, autovacuum_vacuum_scale_factor = 0,
                    autovacuum_vacuum_threshold = 100000);
            CREATE TABLE peer.transactions (
                id              bigint  GENERATED ALWAYS AS IDENTITY (CACHE 100),
                amount          bigint  NOT NULL,
                balance         bigint  NOT NULL,
                credit_limit    bigint  NOT NULL,
                recorded_at_ms  bigint  NOT NULL,
                account         integer NOT NULL,
                refusal         smallint NOT NULL DEFAULT 0,
                idempotency_key text COLLATE "C" NOT NULL,
                reference       text,
                PRIMARY KEY (account, id),
                UNIQUE (account, idempotency_key)
            ) WITH (autovacuum_vacuum_insert_threshold = 10000000,
                    autovacuum_analyze_threshold = 10000000);
            """;

    private TableSchema() {}

    /** Makes the tables in an empty database. */
    public static void create(final String jdbcUrl) throws SQLException {
        try (Connection connection = DriverManager.getConnection(jdbcUrl);
                Statement statement = connection.createStatement()) {
            statement.execute(TABLES);
        }
    }

    /**
     * Opens so many empty accounts in EUR, those that {@link AccountIds} names.
     *
     * @param creditLimit of each, in minor units
     */
    public static void openAccounts(
            final String jdbcUrl, final int accounts, final long creditLimit) throws SQLException {
        try (Connection connection = DriverManager.getConnection(jdbcUrl);
                PreparedStatement insert = connection.prepareStatement(
                        "INSERT INTO peer.accounts (credit_limit, number, account_id, currency)"
                                + " VALUES (?, ?, ?, 'EUR')");
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (int account = 0; account < accounts; account++) {
                insert.setLong(1, creditLimit);
                insert.setInt(2, account);
                insert.setString(3, AccountIds.of(account));
                insert.addBatch();
                if (account % PACKED_ACCOUNTS == PACKED_ACCOUNTS - 1 || account == accounts - 1) {
                    insert.executeBatch();
                }
            }
            connection.commit();
            connection.setAutoCommit(true);
            statement.execute("VACUUM ANALYZE peer.accounts");
        }
    }
}
