package io.ringledger.torture;

import io.vertx.core.json.JsonObject;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Holds the views in Postgres, and what the queries answer, against the fold. Blocks. */
final class ViewCheck {
    static final String BEHIND = "views that did not catch up";
    static final String ACCOUNTS = "accounts of the views that differ from the log";
    static final String ENTRIES = "entries of the views that differ from the log";
    static final String QUERIES = "queries that differ from the log";

    private static final int FETCH_SIZE = 5_000;
    private static final int QUERIED = 100;
    private static final long POLL_MS = 200;

    private final String jdbcUrl;
    private final LogOracle log;
    private final Findings findings;

    ViewCheck(final String jdbcUrl, final LogOracle log, final Findings findings) {
        this.jdbcUrl = jdbcUrl;
        this.log = log;
        this.findings = findings;
    }

    /** Waits until the views are where the log ends; a finding if they do not get there. */
    boolean awaitCaughtUp(final long timeoutMs) throws InterruptedException {
        final long[] expected = log.sequences();
        findings.checked(BEHIND, expected.length);
        final long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
        long[] shown = new long[0];
        String failure = "";
        while (System.nanoTime() < deadlineNs) {
            try {
                shown = progress(expected.length);
                if (Arrays.equals(shown, expected)) {
                    return true;
                }
            } catch (final SQLException e) {
                // Postgres is coming back.
                failure = ", " + e.getMessage();
            }
            TimeUnit.MILLISECONDS.sleep(POLL_MS);
        }
        findings.add(
                BEHIND,
                "views are at " + Arrays.toString(shown) + ", the log at "
                        + Arrays.toString(expected) + failure);
        return false;
    }

    private long[] progress(final int partitions) throws SQLException {
        final long[] sequences = new long[partitions];
        try (Connection connection = DriverManager.getConnection(jdbcUrl);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT partition, sequence FROM ledger_view.progress")) {
            while (rows.next()) {
                sequences[rows.getInt(1)] = rows.getLong(2);
            }
        }
        return sequences;
    }

    void check() throws SQLException {
        try (Connection connection = DriverManager.getConnection(jdbcUrl)) {
            // A cursor: there are millions.
            connection.setAutoCommit(false);
            checkAccounts(connection);
            checkEntries(connection);
        }
    }

    private void checkAccounts(final Connection connection) throws SQLException {
        long expected = 0;
        for (final PartitionFold fold : log.folds()) {
            expected += fold.rows().size();
        }
        findings.checked(ACCOUNTS, expected);
        long found = 0;
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT partition, account_number, account_id, balance, held, credit_limit,"
                                + " sequence, system_account FROM ledger_view.accounts")) {
            while (rows.next()) {
                found++;
                final List<PartitionFold.Row> accounts =
                        log.folds().get(rows.getInt(1)).rows();
                final int number = rows.getInt(2);
                if (number >= accounts.size() || !isSame(rows, accounts.get(number))) {
                    findings.add(
                            ACCOUNTS,
                            rows.getString(3) + " of partition " + rows.getInt(1) + ": balance "
                                    + rows.getLong(4) + " at " + rows.getLong(7));
                }
            }
        }
        findings.addAll(ACCOUNTS, Math.abs(expected - found), found + " of " + expected);
    }

    private static boolean isSame(final ResultSet rows, final PartitionFold.Row row)
            throws SQLException {
        final boolean isSystem = rows.getBoolean(8);
        return rows.getLong(4) == row.balance
                && rows.getLong(5) == 0
                && rows.getLong(6) == row.limit
                && isSystem == row.id.startsWith("@")
                && (isSystem
                        || (rows.getString(3).equals(row.id) && rows.getLong(7) == row.sequence));
    }

    private void checkEntries(final Connection connection) throws SQLException {
        long expected = 0;
        for (final PartitionFold fold : log.folds()) {
            expected += fold.entries();
        }
        findings.checked(ENTRIES, expected);
        long found = 0;
        try (Statement statement = connection.createStatement()) {
            statement.setFetchSize(FETCH_SIZE);
            try (ResultSet rows = statement.executeQuery(
                    "SELECT partition, sequence, account_number, amount, balance FROM ledger_view.entries")) {
                while (rows.next()) {
                    found++;
                    final PartitionFold fold = log.folds().get(rows.getInt(1));
                    if (!fold.isEntry(
                            rows.getLong(2), rows.getInt(3), rows.getLong(4), rows.getLong(5))) {
                        findings.add(ENTRIES, "entry " + rows.getInt(1) + "-" + rows.getLong(2));
                    }
                }
            }
        }
        findings.addAll(ENTRIES, Math.abs(expected - found), found + " of " + expected);
    }

    /** Asks for some balances, as a client does. */
    void query(final URI readModel) throws InterruptedException {
        long asked = 0;
        try (HttpClient http =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            for (final PartitionFold fold : log.folds()) {
                for (final PartitionFold.Row row :
                        fold.rows().stream().limit(QUERIED).toList()) {
                    if (row.index >= 0) {
                        asked++;
                        query(http, readModel, row);
                    }
                }
            }
        }
        findings.checked(QUERIES, asked);
    }

    private void query(final HttpClient http, final URI readModel, final PartitionFold.Row row)
            throws InterruptedException {
        final URI uri = readModel.resolve("/v1/accounts/" + row.id + "/balance");
        String answer;
        try {
            final HttpResponse<String> response = http.send(
                    HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(10)).build(),
                    HttpResponse.BodyHandlers.ofString());
            answer = response.body();
            if (response.statusCode() == 200
                    && new JsonObject(answer).getLong("balance") == row.balance) {
                return;
            }
        } catch (final IOException e) {
            answer = e.toString();
        }
        findings.add(QUERIES, row.id + " has " + row.balance + ", the query says " + answer);
    }
}
