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
    private ViewCheck() {}

    /**
     * Compares every balance.
     *
     * @throws IllegalStateException if one differs, or an account is not there: the run has no figure
     */
    static void requireEqual(final String jdbcUrl, final Acknowledged acknowledged)
            throws SQLException {
        final Map<String, Long> found = new HashMap<>();
        try (Connection connection = DriverManager.getConnection(jdbcUrl);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT account_id, balance FROM ledger_view.accounts")) {
            while (rows.next()) {
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
