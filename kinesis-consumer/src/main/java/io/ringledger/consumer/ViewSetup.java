package io.ringledger.consumer;

import io.ringledger.readmodel.PostgresSettings;
import io.ringledger.readmodel.ViewSchema;

import org.flywaydb.core.api.FlywayException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;

/**
 * Makes the views ready for the projector: the schema, the number of partitions, which is written down
 * once and never changes, and a progress row for each. Stateless; calls block.
 */
final class ViewSetup {
    private static final Logger LOG = LoggerFactory.getLogger(ViewSetup.class);
    private static final Duration RETRY = Duration.ofMillis(500);

    private ViewSetup() {}

    /**
     * Does nothing where all is there. Several workers may do this at once. Waits for Postgres.
     *
     * @throws IllegalStateException if the views are of a ledger of another number of partitions, or
     *     Postgres cannot be reached before the deadline
     */
    static void prepare(
            final PostgresSettings postgres, final int partitions, final Deadline deadline) {
        while (true) {
            try {
                final int applied = ViewSchema.migrate(
                        postgres.jdbcUrl(), postgres.user(), postgres.password());
                insertRows(postgres, partitions);
                LOG.info(
                        "views at {}: ready, partitions={}, migrations={}",
                        postgres,
                        partitions,
                        applied);
                return;
            } catch (final FlywayException | SQLException e) {
                if (!deadline.pause(RETRY)) {
                    throw new IllegalStateException(
                            "views not ready in time: " + postgres + ", waited="
                                    + deadline.elapsedMs() + " ms: " + e.getMessage(),
                            e);
                }
                LOG.warn(
                        "views at {}: waiting, waited={} ms: {}",
                        postgres,
                        deadline.elapsedMs(),
                        e.getMessage());
            }
        }
    }

    private static void insertRows(final PostgresSettings postgres, final int partitions)
            throws SQLException {
        try (Connection connection = DriverManager.getConnection(
                postgres.jdbcUrl(), postgres.user(), postgres.password())) {
            connection.setAutoCommit(false);
            try (PreparedStatement ledger = connection.prepareStatement(
                            "INSERT INTO ledger_view.ledger (partitions) VALUES (?)"
                                    + " ON CONFLICT DO NOTHING");
                    PreparedStatement found = connection.prepareStatement(
                            "SELECT partitions FROM ledger_view.ledger");
                    PreparedStatement progress = connection.prepareStatement(
                            "INSERT INTO ledger_view.progress (partition)"
                                    + " SELECT generate_series(0, ? - 1) ON CONFLICT DO NOTHING")) {
                ledger.setInt(1, partitions);
                ledger.executeUpdate();
                try (ResultSet row = found.executeQuery()) {
                    row.next();
                    if (row.getInt(1) != partitions) {
                        throw new IllegalStateException(
                                "the views are of a ledger of another number of partitions: views="
                                        + row.getInt(1) + ", configured=" + partitions
                                        + ": set RINGLEDGER_PARTITIONS, or RINGLEDGER_POSTGRES_URI to"
                                        + " this ledger's own views");
                    }
                }
                progress.setInt(1, partitions);
                progress.executeUpdate();
            }
            connection.commit();
        }
    }
}
