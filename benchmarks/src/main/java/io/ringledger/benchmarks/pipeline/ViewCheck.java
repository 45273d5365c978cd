package io.ringledger.benchmarks.pipeline;

import io.ringledger.benchmarks.driver.AccountIds;
import io.ringledger.benchmarks.driver.Acknowledged;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;

/** Checks the views against what was acknowledged, once all of it is in them. Stateless. */
final class ViewCheck {
    private static final String BALANCES = """
            SELECT a.account_id, a.balance, coalesce(e.total, 0)
            FROM ledger_view.accounts a
            LEFT JOIN (SELECT partition, account_number, sum(amount) AS total
                       FROM ledger_view.entries GROUP BY partition, account_number) e
              ON e.partition = a.partition AND e.account_number = a.account_number
            """;

    private ViewCheck() {}

    /**
     * Compares every balance with what was acknowledged, and with the sum of its entries.
     *
     * @throws IllegalStateException if one differs, or an account is not there: the run has no figure
     */
    static void requireEqual(final String jdbcUrl, final Acknowledged acknowledged)
            throws SQLException {
        final Map<String, Long> found = new HashMap<>();
        try (Connection connection = DriverManager.getConnection(jdbcUrl);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(BALANCES)) {
            while (rows.next()) {
                if (rows.getLong(2) != rows.getLong(3)) {
                    throw new IllegalStateException("wrong balance: account=" + rows.getString(1)
                            + ", view=" + rows.getLong(2) + ", entries=" + rows.getLong(3));
                }
                found.put(rows.getString(1), rows.getLong(2));
            }
        }
        for (int account = 0; account < acknowledged.accounts(); account++) {
            final Long balance = found.get(AccountIds.of(account));
            if (balance == null || balance != acknowledged.sum(account)) {
                throw new IllegalStateException("wrong balance: account=" + AccountIds.of(account)
                        + ", view=" + balance + ", acknowledged=" + acknowledged.sum(account));
            }
        }
    }
}
