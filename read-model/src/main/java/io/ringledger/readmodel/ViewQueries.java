package io.ringledger.readmodel;

import io.ringledger.readmodel.EntriesView.Entry;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowIterator;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * The SQL of the queries, and their rows as values. One statement a query, because a statement sees
 * one snapshot: the progress row that it joins is the position of everything else that it shows.
 */
final class ViewQueries {
    /** Parameter: account id. */
    static final String ACCOUNT = """
            SELECT p.partition, p.sequence, p.recorded_at_ms,
                   a.currency, a.balance, a.held, a.credit_limit, a.status
            FROM ledger_view.accounts a
            JOIN ledger_view.progress p ON p.partition = a.partition
            WHERE a.account_id = $1
            """;

    /**
     * Parameters: account id, the sequence below which the page begins, and how many rows: one more
     * than the page, to know whether there is another. An account without entries gives one row
     * without an entry.
     */
    static final String ENTRIES = """
            SELECT p.partition, p.sequence,
                   e.sequence, e.type, e.amount, e.balance, e.reference, e.recorded_at_ms
            FROM ledger_view.accounts a
            JOIN ledger_view.progress p ON p.partition = a.partition
            LEFT JOIN LATERAL (
                SELECT n.sequence, n.type, n.amount, n.balance, n.reference, n.recorded_at_ms
                FROM ledger_view.entries n
                WHERE n.partition = a.partition
                  AND n.account_number = a.account_number
                  AND n.sequence < $2
                ORDER BY n.sequence DESC
                LIMIT $3) e ON true
            WHERE a.account_id = $1
            ORDER BY e.sequence DESC
            """;

    /** How far every partition is: what waiting reads look at. */
    static final String PROGRESS = "SELECT partition, sequence FROM ledger_view.progress";

    /** How many partitions the ledger was created with; no row before its first start. */
    static final String PARTITIONS = "SELECT partitions FROM ledger_view.ledger";

    /** The newest migration that the database has. */
    static final String SCHEMA_VERSION = """
            SELECT max(version::int) FROM ledger_view.flyway_schema_history
            WHERE success AND version ~ '^[0-9]{1,9}$'
            """;

    /** What a partition without a progress row counts as. */
    static final long NO_PROGRESS = -1;

    private static final short TYPE_CREDIT = 1;
    private static final short TYPE_WITHDRAW = 2;

    private ViewQueries() {}

    static Tuple accountParameters(final String accountId) {
        return Tuple.of(accountId);
    }

    static Tuple entriesParameters(
            final String accountId, final long belowSequence, final int limit) {
        return Tuple.of(accountId, belowSequence, limit + 1L);
    }

    /** The row of {@link #ACCOUNT}, or null if there is no such account. */
    static @Nullable AccountView account(final String accountId, final RowSet<Row> rows) {
        final RowIterator<Row> iterator = rows.iterator();
        if (!iterator.hasNext()) {
            return null;
        }
        final Row row = iterator.next();
        return new AccountView(
                accountId,
                row.getString(3),
                row.getLong(4),
                row.getLong(5),
                row.getLong(6),
                row.getString(7),
                new LogPosition(row.getShort(0), row.getLong(1)),
                row.getLong(2));
    }

    /** The rows of {@link #ENTRIES}, or null if there is no such account. */
    static @Nullable EntriesView entries(
            final String accountId, final int limit, final RowSet<Row> rows) {
        LogPosition position = null;
        final List<Entry> entries = new ArrayList<>(Math.min(limit, rows.size()));
        boolean hasMore = false;
        for (final Row row : rows) {
            if (position == null) {
                position = new LogPosition(row.getShort(0), row.getLong(1));
            }
            if (row.getLong(2) == null) {
                break;
            }
            if (entries.size() == limit) {
                hasMore = true;
                break;
            }
            entries.add(entry(row));
        }
        return position == null
                ? null
                : new EntriesView(
                        accountId, Collections.unmodifiableList(entries), hasMore, position);
    }

    private static Entry entry(final Row row) {
        final short type = row.getShort(3);
        return new Entry(
                row.getLong(2),
                typeName(type),
                Math.absExact(row.getLong(4)),
                row.getLong(5),
                row.getString(6),
                row.getLong(7));
    }

    private static String typeName(final short type) {
        return switch (type) {
            case TYPE_CREDIT -> "credit";
            case TYPE_WITHDRAW -> "withdraw";
            default -> throw new IllegalStateException("unknown type of an entry: type=" + type);
        };
    }

    /** Sequences by partition; {@link #NO_PROGRESS} where a partition has no row. */
    static long[] progress(final RowSet<Row> rows) {
        long[] sequences = new long[0];
        for (final Row row : rows) {
            final int partition = row.getShort(0);
            if (partition >= sequences.length) {
                final int length = sequences.length;
                sequences = Arrays.copyOf(sequences, partition + 1);
                Arrays.fill(sequences, length, partition + 1, NO_PROGRESS);
            }
            sequences[partition] = row.getLong(1);
        }
        return sequences;
    }

    /** The number of a one-row answer; 0 where there is no row or no value. */
    static int number(final RowSet<Row> rows) {
        final RowIterator<Row> iterator = rows.iterator();
        if (!iterator.hasNext()) {
            return 0;
        }
        final Integer number = iterator.next().getInteger(0);
        return number == null ? 0 : number;
    }
}
