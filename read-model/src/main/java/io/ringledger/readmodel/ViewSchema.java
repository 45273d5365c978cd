package io.ringledger.readmodel;

import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;

import java.util.Map;

/**
 * The Postgres schema of the views and the way to bring a database up to it. Stateless; every
 * method may be called from any thread, but not from an event loop: they block.
 */
public final class ViewSchema {
    /** The schema that holds the views. */
    public static final String NAME = "ledger_view";

    /** The version that this build reads and writes: the newest migration's. */
    public static final int VERSION = 1;

    private static final String LOCATION = "classpath:io/ringledger/readmodel/migrations";

    private ViewSchema() {}

    /**
     * Brings the database up to {@link #VERSION}, and does nothing where it is there already.
     * Several processes may call this at once: Flyway's lock lets one migrate while the others
     * wait.
     *
     * @param jdbcUrl {@code jdbc:postgresql://host:port/database}
     * @param user a role that may create the schema, or owns it
     * @param password of that role; empty if the server asks for none
     * @return how many migrations this call applied
     * @throws FlywayException if the database cannot be reached, or holds migrations that differ
     *     from this build's
     */
    public static int migrate(final String jdbcUrl, final String user, final String password) {
        return Flyway.configure(ViewSchema.class.getClassLoader())
                .dataSource(jdbcUrl, user, password)
                .jdbcProperties(Map.of("ApplicationName", "ringledger-migrate"))
                .schemas(NAME)
                .defaultSchema(NAME)
                .createSchemas(true)
                .locations(LOCATION)
                .failOnMissingLocations(true)
                .validateMigrationNaming(true)
                .cleanDisabled(true)
                .load()
                .migrate()
                .migrationsExecuted;
    }
}
