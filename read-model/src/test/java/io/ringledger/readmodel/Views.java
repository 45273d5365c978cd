package io.ringledger.readmodel;

import io.ringledger.emulators.PostgresLocal;
import io.ringledger.readmodel.ViewRoles.Login;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;

/** A Postgres with the schema, and rows put into it as the projector would. */
final class Views implements AutoCloseable {
    /** 2026-11-20T10:00:00.007Z. */
    static final long NOON_MS = 1_795_168_800_007L;

    static final int PARTITIONS = 4;

    private static final Login CONSUMER = new Login("views_consumer", "of-the-consumer");
    private static final Login READER = new Login("views_reader", "of-the-reader");

    private final PostgresLocal postgres;

    private Views(final PostgresLocal postgres) {
        this.postgres = postgres;
    }

    static Views start() throws SQLException {
        final Views views = new Views(PostgresLocal.start());
        ViewRoles.prepare(
                views.settings(new Login(views.postgres.user(), views.postgres.password())),
                CONSUMER,
                READER);
        final PostgresSettings consumer = views.settings(CONSUMER);
        ViewSchema.migrate(consumer.jdbcUrl(), consumer.user(), consumer.password());
        views.sql("INSERT INTO ledger_view.ledger (partitions) VALUES (" + PARTITIONS + ")");
        for (int partition = 0; partition < PARTITIONS; partition++) {
            views.sql("INSERT INTO ledger_view.progress (partition) VALUES (" + partition + ")");
        }
        return views;
    }

    PostgresLocal postgres() {
        return postgres;
    }

    private PostgresSettings settings(final Login login) {
        return new PostgresSettings(
                postgres.host(),
                postgres.port(),
                postgres.database(),
                login.name(),
                login.password(),
                null);
    }

    /** As the superuser. */
    Connection connect() throws SQLException {
        return DriverManager.getConnection(postgres.jdbcUrl());
    }

    void sql(final String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    long number(final String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    void progress(final int partition, final long sequence) throws SQLException {
        sql("UPDATE ledger_view.progress SET frame = frame + 1, sequence = " + sequence
                + ", recorded_at_ms = " + (NOON_MS + sequence) + " WHERE partition = " + partition);
    }

    void account(
            final int partition,
            final int accountNumber,
            final String accountId,
            final long balance,
            final long held,
            final long creditLimit)
            throws SQLException {
        try (Connection connection = connect();
                PreparedStatement insert = connection.prepareStatement("""
                        INSERT INTO ledger_view.accounts (partition, account_number, account_id,
                            currency, balance, held, credit_limit, status, system_account,
                            sequence, recorded_at_ms)
                        VALUES (?, ?, ?, 'CZK', ?, ?, ?, 'open', ?, 1, ?)
                        """)) {
            insert.setInt(1, partition);
            insert.setInt(2, accountNumber);
            insert.setString(3, accountId);
            insert.setLong(4, balance);
            insert.setLong(5, held);
            insert.setLong(6, creditLimit);
            insert.setBoolean(7, accountId.startsWith("@"));
            insert.setLong(8, NOON_MS);
            insert.executeUpdate();
        }
    }

    /** Entries with these sequences: an amount of minus the sequence if it is even, else plus. */
    void entries(final int partition, final int accountNumber, final long first, final long last)
            throws SQLException {
        sql("INSERT INTO ledger_view.entries (partition, account_number, sequence, type, amount,"
                + " balance, reference, recorded_at_ms)"
                + " SELECT " + partition + ", " + accountNumber + ", s,"
                + " CASE WHEN s % 2 = 0 THEN 2 ELSE 1 END,"
                + " CASE WHEN s % 2 = 0 THEN -s ELSE s END, 100 * s,"
                + " CASE WHEN s % 3 = 0 THEN NULL ELSE 'ref ' || s END, " + NOON_MS + " + s"
                + " FROM generate_series(" + first + "::bigint, " + last + "::bigint) s");
    }

    /** The settings of a service that reads these views, as the reader, on a free port. */
    Map<String, String> environment(final String... more) {
        final Map<String, String> environment = new HashMap<>();
        environment.put("RINGLEDGER_HTTP_PORT", "0");
        environment.put(
                "RINGLEDGER_POSTGRES_URI",
                "postgresql://" + postgres.host() + ":" + postgres.port() + "/"
                        + postgres.database());
        environment.put("RINGLEDGER_POSTGRES_USER", READER.name());
        environment.put("RINGLEDGER_POSTGRES_PASSWORD", READER.password());
        for (int i = 0; i < more.length; i += 2) {
            environment.put(more[i], more[i + 1]);
        }
        return environment;
    }

    @Override
    public void close() {
        postgres.close();
    }
}
