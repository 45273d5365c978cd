package io.ringledger.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringledger.emulators.PostgresLocal;
import io.ringledger.readmodel.PostgresSettings;
import io.ringledger.readmodel.ViewRoles;
import io.ringledger.readmodel.ViewRoles.Login;
import io.ringledger.readmodel.ViewSchema;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.TreeMap;

/** A real Postgres with the views' schema, and what a test asks of it over JDBC. */
final class ViewDatabase implements AutoCloseable {
    private static final Login CONSUMER = new Login("views_consumer", "of-the-consumer");
    private static final Login READER = new Login("views_reader", "of-the-reader");

    private final PostgresLocal postgres = PostgresLocal.start();
    private final Vertx vertx = Vertx.vertx();

    ViewDatabase(final int partitions) {
        try {
            ViewRoles.prepare(
                    settings(new Login(postgres.user(), postgres.password())), CONSUMER, READER);
        } catch (final SQLException e) {
            throw new IllegalStateException(e);
        }
        final PostgresSettings consumer = settings();
        ViewSchema.migrate(consumer.jdbcUrl(), consumer.user(), consumer.password());
        reset(partitions);
    }

    /** As a consumer finds them. */
    PostgresSettings settings() {
        return settings(CONSUMER);
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

    /** Empties the views and makes a progress row per partition. */
    void reset(final int partitions) {
        execute("TRUNCATE ledger_view.entries, ledger_view.accounts, ledger_view.progress,"
                + " ledger_view.ledger");
        execute("INSERT INTO ledger_view.ledger (partitions) VALUES (" + partitions + ")");
        execute("INSERT INTO ledger_view.progress (partition) SELECT generate_series(0, "
                + (partitions - 1) + ")");
    }

    PostgresLocal postgres() {
        return postgres;
    }

    Vertx vertx() {
        return vertx;
    }

    PgConnectOptions options() {
        return settings().connectOptions();
    }

    PgViewStore store() {
        return new PgViewStore(vertx, settings(), 5_000);
    }

    void execute(final String sql) {
        try (Connection connection = DriverManager.getConnection(postgres.jdbcUrl());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (final SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    long number(final String sql) {
        try (Connection connection = DriverManager.getConnection(postgres.jdbcUrl());
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return result.getLong(1);
        } catch (final SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    /** The first column as key, the second as value. */
    Map<String, Long> numbers(final String sql) {
        final Map<String, Long> numbers = new TreeMap<>();
        try (Connection connection = DriverManager.getConnection(postgres.jdbcUrl());
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            while (result.next()) {
                numbers.put(result.getString(1), result.getLong(2));
            }
            return numbers;
        } catch (final SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    long frame(final int partition) {
        return number("SELECT frame FROM ledger_view.progress WHERE partition = " + partition);
    }

    /** The views of a partition are those of the log: nothing is missing, nothing is there twice. */
    void assertShows(final TestLog log, final int partition) {
        final String of = " WHERE partition = " + partition;
        assertThat(frame(partition)).isEqualTo(log.frames().size());
        assertThat(number("SELECT sequence FROM ledger_view.progress" + of))
                .isEqualTo(log.lastSequence());
        assertThat(numbers("SELECT account_id, balance FROM ledger_view.accounts" + of))
                .isEqualTo(log.balances());
        assertThat(numbers("SELECT account_id, credit_limit FROM ledger_view.accounts" + of))
                .isEqualTo(log.creditLimits());
        assertThat(number("SELECT count(*) FROM ledger_view.entries" + of))
                .isEqualTo(log.entries());
        assertConserved();
    }

    /** Promise 4 of the design, in SQL. */
    void assertConserved() {
        assertThat(number("SELECT count(*) FROM (SELECT partition FROM ledger_view.entries"
                        + " GROUP BY partition HAVING sum(amount) <> 0) AS unbalanced"))
                .as("partitions whose postings do not sum to zero")
                .isZero();
        assertThat(number("SELECT count(*) FROM (SELECT partition, sequence"
                        + " FROM ledger_view.entries GROUP BY partition, sequence"
                        + " HAVING sum(amount) <> 0 OR count(*) <> 2) AS unbalanced"))
                .as("transactions whose postings do not sum to zero")
                .isZero();
        assertThat(number("SELECT coalesce(sum(balance), 0) FROM ledger_view.accounts"))
                .as("sum of all balances, those of @world included")
                .isZero();
        assertThat(number("SELECT count(*) FROM ledger_view.accounts a WHERE balance <>"
                        + " (SELECT coalesce(sum(amount), 0) FROM ledger_view.entries e"
                        + " WHERE e.partition = a.partition"
                        + " AND e.account_number = a.account_number)"))
                .as("accounts whose balance is not the sum of their entries")
                .isZero();
        assertThat(number("SELECT count(*) FROM (SELECT balance - lag(balance, 1, 0::bigint)"
                        + " OVER (PARTITION BY partition, account_number ORDER BY sequence)"
                        + " <> amount AS is_wrong FROM ledger_view.entries) AS e WHERE is_wrong"))
                .as("entries whose balance does not follow from the entry before")
                .isZero();
    }

    @Override
    public void close() {
        try {
            vertx.close().toCompletionStage().toCompletableFuture().join();
        } finally {
            postgres.close();
        }
    }
}
