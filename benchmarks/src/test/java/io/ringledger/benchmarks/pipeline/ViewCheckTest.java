package io.ringledger.benchmarks.pipeline;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringledger.benchmarks.driver.Acknowledged;
import io.ringledger.emulators.PostgresLocal;
import io.ringledger.readmodel.ViewSchema;

import org.junit.jupiter.api.Test;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;

/** A run with a wrong balance has no figure. */
final class ViewCheckTest {
    private static final String ACCOUNTS = "INSERT INTO ledger_view.accounts (balance, held,"
            + " credit_limit, sequence, recorded_at_ms, account_number, partition, account_id,"
            + " currency) SELECT 0, 0, 100, i + 1, 1, i, 0, 'account-000000' || i, 'EUR'"
            + " FROM generate_series(0, 2) AS i";

    @Test
    void shouldFindAWrongBalanceAndAMissingAccount() throws Exception {
        final Acknowledged nothing = new Acknowledged(3);
        try (PostgresLocal postgres = PostgresLocal.start();
                Connection connection = DriverManager.getConnection(postgres.jdbcUrl());
                Statement statement = connection.createStatement()) {
            ViewSchema.migrate(postgres.jdbcUrl(), postgres.user(), postgres.password());
            statement.execute(ACCOUNTS);
            ViewCheck.requireEqual(postgres.jdbcUrl(), nothing);
            statement.execute(
                    "UPDATE ledger_view.accounts SET balance = 1 WHERE account_number = 2");
            assertThatThrownBy(() -> ViewCheck.requireEqual(postgres.jdbcUrl(), nothing))
                    .hasMessage("wrong balance: account=account-0000002, view=1, entries=0");
            statement.execute("INSERT INTO ledger_view.entries (sequence, amount, balance,"
                    + " recorded_at_ms, account_number, partition, type)"
                    + " SELECT 9, 1, 1, 0, account_number, partition, 1"
                    + " FROM ledger_view.accounts WHERE account_number = 2");
            assertThatThrownBy(() -> ViewCheck.requireEqual(postgres.jdbcUrl(), nothing))
                    .hasMessage("wrong balance: account=account-0000002, view=1, acknowledged=0");
            statement.execute("DELETE FROM ledger_view.entries");
            statement.execute("DELETE FROM ledger_view.accounts WHERE account_number = 2");
            assertThatThrownBy(() -> ViewCheck.requireEqual(postgres.jdbcUrl(), nothing))
                    .hasMessage("wrong balance: account=account-0000002, view=null,"
                            + " acknowledged=0");
        }
    }
}
