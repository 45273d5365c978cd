package io.ringledger.torture;

import io.ringledger.emulators.PostgresLocal;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** The databases of the views, as an operator handles them. Blocks; thread-safe. */
final class Views {
    /** All columns of all rows, whatever their order on disk. */
    private static final List<String> CONTENT = List.of(
            "SELECT count(*), md5(string_agg(a::text, ';' ORDER BY partition, account_number))"
                    + " FROM ledger_view.accounts a",
            "SELECT count(*), md5(string_agg(e::text, ';'"
                    + " ORDER BY partition, account_number, sequence)) FROM ledger_view.entries e",
            "SELECT count(*), md5(string_agg(p::text, ';' ORDER BY partition))"
                    + " FROM ledger_view.progress p");

    private final PostgresLocal postgres;
    private final int partitions;

    Views(final PostgresLocal postgres, final int partitions) {
        this.postgres = postgres;
        this.partitions = partitions;
    }

    /** Removes a database under its connections' feet. */
    void drop(final String database) throws SQLException {
        administer("DROP DATABASE " + database + " WITH (FORCE)");
    }

    void create(final String database) throws SQLException {
        administer("CREATE DATABASE " + database);
    }

    private void administer(final String sql) throws SQLException {
        try (Connection connection = connect("postgres");
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** How far the views of each partition are; 0 while they cannot be asked. */
    long[] positions(final String database) {
        final long[] sequences = new long[partitions];
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT partition, sequence FROM ledger_view.progress")) {
            while (rows.next()) {
                sequences[rows.getInt(1)] = rows.getLong(2);
            }
        } catch (final SQLException e) {
            // There is no such database, or no schema in it yet.
            return new long[partitions];
        }
        return sequences;
    }

    /** Counts and digests of all that is in a database. */
    String content(final String database) throws SQLException {
        final StringBuilder content = new StringBuilder();
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement()) {
            for (final String query : CONTENT) {
                try (ResultSet row = statement.executeQuery(query)) {
                    row.next();
                    content.append(row.getLong(1)).append(' ').append(row.getString(2));
                    content.append('\n');
                }
            }
        }
        return content.toString();
    }

    /** For the services. */
    String uri(final String database) {
        return "postgresql://" + postgres.host() + ":" + postgres.port() + "/" + database;
    }

    private Connection connect(final String database) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:" + uri(database), postgres.user(), postgres.password());
    }
}
