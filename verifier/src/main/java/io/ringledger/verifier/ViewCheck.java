package io.ringledger.verifier;

import io.ringledger.model.CurrencyCode;
import io.ringledger.readmodel.PostgresSettings;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Properties;

/**
 * Compares the views of a partition with the fold of its log at exactly their position: progress row,
 * every account, every entry. All of them are read in one transaction that sees one moment, so the
 * projector may go on meanwhile. Not thread-safe; calls block.
 */
final class ViewCheck implements AutoCloseable {
    private static final int FETCH_ROWS = 10_000;

    private final Connection connection;

    /** The position of a partition's views. */
    @SuppressWarnings("ArrayRecordComponent") // a row is read, never compared
    record Progress(long frame, long sequence, long epoch, long recordedAtMs, byte[] frameHash) {}

    private ViewCheck(final Connection connection) {
        this.connection = connection;
    }

    /**
     * Connects, and begins the transaction.
     *
     * @throws SQLException if that cannot be
     */
    static ViewCheck open(final PostgresSettings postgres) throws SQLException {
        final Properties properties = new Properties();
        properties.setProperty("user", postgres.user());
        properties.setProperty("password", postgres.password());
        properties.setProperty("connectTimeout", "5");
        properties.setProperty("ApplicationName", "ringledger-verify");
        // The log is read between two statements, and the reader's role has limits for services.
        properties.setProperty(
                "options", "-c statement_timeout=0 -c idle_in_transaction_session_timeout=0");
        final Connection connection = DriverManager.getConnection(postgres.jdbcUrl(), properties);
        connection.setReadOnly(true);
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        connection.setAutoCommit(false);
        return new ViewCheck(connection);
    }

    /** The views are of a ledger with so many partitions. */
    void requirePartitions(final int partitions) throws SQLException {
        try (PreparedStatement query =
                        connection.prepareStatement("SELECT partitions FROM ledger_view.ledger");
                ResultSet row = query.executeQuery()) {
            final int found = row.next() ? row.getInt(1) : 0;
            if (found != partitions) {
                throw new Difference(
                        "views: they are of " + found + " partitions, expected " + partitions);
            }
        }
    }

    Progress progress(final int partition) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT frame, sequence, epoch, recorded_at_ms, frame_hash"
                        + " FROM ledger_view.progress WHERE partition = ?")) {
            query.setInt(1, partition);
            try (ResultSet row = query.executeQuery()) {
                if (!row.next()) {
                    throw new Difference(
                            "views: partition " + partition + " has no row in progress");
                }
                return new Progress(
                        row.getLong(1),
                        row.getLong(2),
                        row.getLong(3),
                        row.getLong(4),
                        row.getBytes(5));
            }
        }
    }

    /**
     * Compares with the fold of the log, which stands at the views' frame.
     *
     * @param firstSequence the fold has the entries from here on: 1, or what a snapshot left
     */
    void compare(
            final int partition,
            final Progress progress,
            final PartitionCheck check,
            final long firstSequence)
            throws SQLException {
        final String views =
                "views of partition " + partition + " at frame " + progress.frame() + ": ";
        require(views + "sequence", progress.sequence(), check.chain().sequence());
        require(
                views + "recorded_at_ms",
                progress.recordedAtMs(),
                check.fold().model().lastTimeMs());
        if (!Arrays.equals(progress.frameHash(), check.chain().hash())) {
            throw new Difference(views + "frame_hash is "
                    + HexFormat.of().formatHex(progress.frameHash()) + ", the log has "
                    + HexFormat.of().formatHex(check.chain().hash()));
        }
        compareAccounts(partition, check.fold(), views);
        compareEntries(partition, check.fold(), views, firstSequence);
    }

    private void compareAccounts(final int partition, final EntryFold fold, final String views)
            throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT account_number, account_id, currency, system_account, balance, held,"
                        + " credit_limit, sequence, recorded_at_ms FROM ledger_view.accounts"
                        + " WHERE partition = ? ORDER BY account_number")) {
            query.setFetchSize(FETCH_ROWS);
            query.setInt(1, partition);
            try (ResultSet row = query.executeQuery()) {
                fold.model()
                        .forEachAccount((number, id, currency, isWorld, balance, held, limit) -> {
                            try {
                                final String name = isWorld
                                        ? "@world." + CurrencyCode.unpack(currency) + "."
                                                + partition
                                        : new String(id, StandardCharsets.US_ASCII);
                                final String account =
                                        views + "account " + number + " (" + name + "): ";
                                if (!row.next() || row.getInt(1) != number) {
                                    throw new Difference(
                                            account + "it is in the log and not in the views");
                                }
                                require(account + "account_id", row.getString(2), name);
                                require(
                                        account + "currency",
                                        row.getString(3),
                                        CurrencyCode.unpack(currency));
                                require(
                                        account + "system_account",
                                        row.getBoolean(4) + "",
                                        isWorld + "");
                                require(account + "balance", row.getLong(5), balance);
                                require(account + "held", row.getLong(6), held);
                                require(account + "credit_limit", row.getLong(7), limit);
                                final EntryFold.Account folded = fold.account(number);
                                if (folded.lastSequence() > 0) {
                                    require(
                                            account + "sequence",
                                            row.getLong(8),
                                            folded.lastSequence());
                                    require(
                                            account + "recorded_at_ms",
                                            row.getLong(9),
                                            folded.lastTimeMs());
                                }
                            } catch (final SQLException e) {
                                throw new IllegalStateException(views + e.getMessage(), e);
                            }
                        });
                if (row.next()) {
                    throw new Difference(views + "account " + row.getInt(1) + " ("
                            + row.getString(2) + "): it is in the views and not in the log");
                }
            }
        }
    }

    private void compareEntries(
            final int partition, final EntryFold fold, final String views, final long firstSequence)
            throws SQLException {
        long entries = 0;
        int number = -1;
        EntryFold.Account shown = new EntryFold.Account();
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT account_number, sequence, recorded_at_ms, type, amount, balance, reference"
                        + " FROM ledger_view.entries WHERE partition = ? AND sequence >= ?"
                        + " ORDER BY account_number, sequence")) {
            query.setFetchSize(FETCH_ROWS);
            query.setInt(1, partition);
            query.setLong(2, firstSequence);
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    if (row.getInt(1) != number) {
                        requireEntries(views, number, shown, fold);
                        requireNone(views, number + 1, row.getInt(1), fold);
                        number = row.getInt(1);
                        shown = new EntryFold.Account();
                    }
                    final String reference = row.getString(7);
                    shown.add(
                            row.getLong(2),
                            row.getLong(3),
                            row.getInt(4),
                            row.getLong(5),
                            row.getLong(6),
                            reference == null ? "" : reference);
                    entries++;
                }
            }
        }
        requireEntries(views, number, shown, fold);
        requireNone(views, number + 1, fold.model().accountCount(), fold);
        require(views + "number of entries", entries, fold.entries());
    }

    private static void requireEntries(
            final String views,
            final int number,
            final EntryFold.Account shown,
            final EntryFold fold) {
        if (number >= 0 && !shown.hasEntriesOf(fold.account(number))) {
            throw new Difference(views + "account " + number + ": the views have " + shown
                    + "; the log " + fold.account(number));
        }
    }

    private static void requireNone(
            final String views, final int from, final int to, final EntryFold fold) {
        for (int number = from; number < to; number++) {
            requireEntries(views, number, new EntryFold.Account(), fold);
        }
    }

    private static void require(final String what, final long shown, final long folded) {
        if (shown != folded) {
            throw new Difference(what + " is " + shown + ", the log gives " + folded);
        }
    }

    private static void require(final String what, final String shown, final String folded) {
        if (!folded.equals(shown)) {
            throw new Difference(what + " is " + shown + ", the log gives " + folded);
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
