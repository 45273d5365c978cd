package io.ringledger.benchmarks.peer;

import io.ringledger.benchmarks.driver.AccountIds;
import io.ringledger.benchmarks.driver.Acknowledged;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Checks the peer's tables against what was acknowledged, as the ledger's are. Stateless. */
public final class TableCheck {
    /** Only a whole pass over the accounts may stand for all of them. */
    private static final String BALANCES = """
            SELECT a.number, a.account_id, a.balance, coalesce(t.total, 0)
            FROM peer.accounts a
            LEFT JOIN (SELECT account, sum(amount) AS total
                       FROM peer.transactions WHERE refusal = 0 GROUP BY account) t
              ON t.account = a.number
            """;

    private TableCheck() {}

    /**
     * Compares the balance of every account with what was acknowledged, and with the sum of its
     * entries.
     *
     * @throws IllegalStateException if one differs or is not there: the run has no figure
     */
    public static void requireEqual(final String jdbcUrl, final Acknowledged acknowledged)
            throws SQLException {
        int seen = 0;
        try (Connection connection = DriverManager.getConnection(jdbcUrl);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(BALANCES)) {
            while (rows.next()) {
                final int account = rows.getInt(1);
                final long balance = rows.getLong(3);
                final long entries = rows.getLong(4);
                if (!AccountIds.of(account).equals(rows.getString(2))
                        || balance != acknowledged.sum(account)
                        || balance != entries) {
                    throw new IllegalStateException("wrong balance: account=" + rows.getString(2)
                            + ", table=" + balance + ", entries=" + entries + ", acknowledged="
                            + acknowledged.sum(account));
                }
                seen++;
            }
        }
        if (seen != acknowledged.accounts()) {
            throw new IllegalStateException(
                    "accounts=" + seen + ", expected=" + acknowledged.accounts());
        }
    }
}
