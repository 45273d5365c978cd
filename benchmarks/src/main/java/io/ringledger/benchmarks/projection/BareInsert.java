package io.ringledger.benchmarks.projection;

import java.sql.Array;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The neighbour: as many rows of two postings a transaction into a table of the same columns and
 * primary key, by {@code unnest} over one connection, a transaction a statement. No decoding, no
 * position, no accounts, no checks. Used by one thread.
 */
final class BareInsert implements AutoCloseable {
    private static final String TABLE = """
            DROP TABLE IF EXISTS bare_entries;
            CREATE TABLE bare_entries (
                sequence bigint NOT NULL, amount bigint NOT NULL, balance bigint NOT NULL,
                recorded_at_ms bigint NOT NULL, account_number integer NOT NULL,
                partition smallint NOT NULL, type smallint NOT NULL, reference text,
                PRIMARY KEY (partition, account_number, sequence))
            """;
    private static final String INSERT = """
            INSERT INTO bare_entries (partition, type, account_number, sequence, amount, balance,
                                      recorded_at_ms)
            SELECT 0, 1, e.* FROM unnest(?::int[], ?::bigint[], ?::bigint[], ?::bigint[],
                                         ?::bigint[]) AS e
            """;

    private final Connection connection;
    private final int accounts;
    private long sequence;

    BareInsert(final String jdbcUrl, final int accounts) throws SQLException {
        this.connection = DriverManager.getConnection(jdbcUrl);
        this.accounts = accounts;
        connection.createStatement().execute(TABLE);
    }

    /** Inserts the rows of so many transactions in statements of so many; returns events a second. */
    double insert(final int events, final int eventsPerStatement) throws SQLException {
        final long startNs = System.nanoTime();
        try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
            for (int done = 0; done < events; done += eventsPerStatement) {
                fill(insert, Math.min(eventsPerStatement, events - done));
                insert.executeUpdate();
            }
        }
        return events * 1e9 / (System.nanoTime() - startNs);
    }

    private void fill(final PreparedStatement insert, final int events) throws SQLException {
        final long first = sequence;
        sequence += events;
        final Integer[] numbers = new Integer[2 * events];
        final Long[] sequences = new Long[2 * events];
        final Long[] values = new Long[2 * events];
        Arrays.fill(values, 1_000L);
        // One half on one account, as on that of the world; the other half spread; both in order.
        final Long[] spread = IntStream.range(0, events)
                .mapToObj(i -> ((first + i) * 7_919L) % accounts + 1)
                .sorted()
                .toArray(Long[]::new);
        for (int i = 0; i < events; i++) {
            numbers[i] = 0;
            numbers[events + i] = spread[i].intValue();
            sequences[i] = first + i;
            sequences[events + i] = first + i;
        }
        final Array money = connection.createArrayOf("bigint", values);
        insert.setArray(1, connection.createArrayOf("integer", numbers));
        insert.setArray(2, connection.createArrayOf("bigint", sequences));
        insert.setArray(3, money);
        insert.setArray(4, money);
        insert.setArray(5, money);
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
