package io.ringledger.readmodel;

import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Makes the two roles that the services log in with, and gives them what they need and nothing else:
 *
 * <pre>
 * consumer   owns the schema {@value ViewSchema#NAME}: it migrates it and writes the views
 * reader     may SELECT from its tables, those that later migrations add too, for at most
 *            {@value #READER_STATEMENT_LIMIT_MS} ms a statement; its transactions are read only
 * </pre>
 *
 * Everybody else may not even connect. Made by an administrator of the database, before the services
 * start, and again whenever a password changes or the database is a new one: it is the same however
 * often it is done, and puts right what somebody changed in between. Stateless; calls block.
 *
 * <p>From PostgreSQL 16 on, an administrator who is no superuser stays a member of the roles that it
 * makes, with the ADMIN option alone: the server grants that itself, and the administrator cannot take
 * it away. Where the roles log in by IAM, RDS may therefore take the administrator for a member of
 * {@code rds_iam} too and refuse its password from then on, so that doing it again would need a log-in
 * by IAM. No real Aurora has been asked.
 */
public final class ViewRoles {
    /** Above what any service asks for by itself ({@code RINGLEDGER_QUERY_STATEMENT_TIMEOUT_MS}). */
    static final long READER_STATEMENT_LIMIT_MS = 60_000;

    private static final Logger LOG = LoggerFactory.getLogger(ViewRoles.class);

    /** What needs no quotes in SQL, so that it is the same name for every tool. */
    private static final Pattern NAME = Pattern.compile("[a-z_][a-z0-9_]{0,62}");

    /** Of RDS: who is a member of it logs in with a token of IAM. */
    private static final String RDS_IAM = "rds_iam";

    private static final String IS_MEMBER = """
            SELECT EXISTS (
                SELECT FROM pg_auth_members m
                JOIN pg_roles r ON r.oid = m.roleid
                WHERE r.rolname = 'rds_iam'
                  AND m.member = (SELECT oid FROM pg_roles WHERE rolname = ?))
            """;

    private static final String IS_SUPERUSER =
            "SELECT rolsuper FROM pg_roles WHERE rolname = current_user";

    /** Several processes may come at once, and two of them cannot make the same role. */
    private static final String ONE_AT_A_TIME =
            "SELECT pg_advisory_xact_lock(hashtextextended('ringledger roles', 0))";

    /** Whatever makes a role more than it should be; a row is a reason. */
    private static final String TOO_MUCH = """
            SELECT 'is a superuser or may make roles, databases or copies'
            FROM pg_roles WHERE rolname = ?
             AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls)
            UNION ALL
            SELECT 'is a member of another role'
            FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid
            WHERE m.member = (SELECT oid FROM pg_roles WHERE rolname = ?)
             AND r.rolname <> 'rds_iam'
            UNION ALL
            SELECT 'may make schemas or temporary tables'
            WHERE has_database_privilege(?, current_database(), 'CREATE, TEMPORARY')
            UNION ALL
            SELECT 'may make tables in schema public'
            WHERE has_schema_privilege(?, 'public', 'CREATE')
            """;

    private static final int TOO_MUCH_PARAMETERS = 4;

    private ViewRoles() {}

    /**
     * A role and how it logs in.
     *
     * @param name lower case, without what SQL would quote
     * @param password part of no text of this object; empty: no password, but a token of IAM, which
     *     RDS and Aurora take of the members of their role {@code rds_iam}
     */
    public record Login(String name, String password) {
        /**
         * Refuses names that are not the same in every tool.
         *
         * @throws IllegalArgumentException if the name would need quotes
         */
        public Login {
            if (!NAME.matcher(name).matches()) {
                throw new IllegalArgumentException("a role of the database must be named with"
                        + " lower case letters, digits and _ alone: " + name);
            }
        }

        boolean isIam() {
            return password.isEmpty();
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /**
     * Makes the roles, or makes them right.
     *
     * @param administrator a role that may make roles and owns the database, or a superuser
     * @throws SQLException if the database cannot be reached, or does not let the administrator
     * @throws IllegalStateException if a role has more rights than it should have, and the
     *     administrator cannot take them away; nothing has changed then
     */
    public static void prepare(
            final PostgresSettings administrator, final Login consumer, final Login reader)
            throws SQLException {
        if (consumer.name().equals(reader.name())
                || consumer.name().equals(administrator.user())
                || reader.name().equals(administrator.user())) {
            throw new IllegalArgumentException(
                    "administrator, consumer and reader must be three roles: "
                            + administrator.user() + ", " + consumer + ", " + reader);
        }
        try (Connection connection = DriverManager.getConnection(
                administrator.jdbcUrl(), administrator.user(), administrator.password())) {
            connection.setAutoCommit(false);
            execute(connection, ONE_AT_A_TIME);
            for (final Login login : new Login[] {consumer, reader}) {
                makeRole(connection, login);
            }
            // Who is no superuser may give away only to a role that it can become. It must not
            // stay able to; the ADMIN option, which the server grants itself, does stay.
            final boolean isLent = !isTrue(connection, IS_SUPERUSER);
            if (isLent) {
                execute(connection, "GRANT " + consumer + " TO CURRENT_USER");
            }
            limitReader(connection, reader.name());
            closeDatabase(connection, administrator.database(), consumer.name(), reader.name());
            ownSchema(connection, consumer.name());
            readSchema(connection, consumer.name(), reader.name());
            requireNoMore(connection, consumer.name());
            requireNoMore(connection, reader.name());
            if (isLent) {
                execute(connection, "REVOKE " + consumer + " FROM CURRENT_USER");
            }
            connection.commit();
        }
        LOG.info("roles of {}: consumer={}, reader={}", administrator, consumer, reader);
    }

    private static void makeRole(final Connection connection, final Login login)
            throws SQLException {
        if (!isTrue(
                connection,
                "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = ?)",
                login.name())) {
            execute(connection, "CREATE ROLE " + login.name() + " LOGIN");
        }
        if (login.isIam()) {
            execute(connection, "ALTER ROLE " + login.name() + " PASSWORD NULL");
            execute(connection, "GRANT " + RDS_IAM + " TO " + login.name());
            return;
        }
        // A member of it could log in with tokens alone.
        if (isTrue(connection, IS_MEMBER, login.name())) {
            execute(connection, "REVOKE " + RDS_IAM + " FROM " + login.name());
        }
        // The driver sends what the server keeps, never the password: it is in no log of the
        // server.
        connection
                .unwrap(PGConnection.class)
                .alterUserPassword(login.name(), login.password().toCharArray(), "scram-sha-256");
    }

    private static void limitReader(final Connection connection, final String reader)
            throws SQLException {
        final String alter = "ALTER ROLE " + reader + " SET ";
        execute(connection, alter + "default_transaction_read_only = on");
        execute(connection, alter + "statement_timeout = " + READER_STATEMENT_LIMIT_MS);
        execute(
                connection,
                alter + "idle_in_transaction_session_timeout = " + READER_STATEMENT_LIMIT_MS);
    }

    /** By default every role may connect to a database, and make temporary tables in it. */
    private static void closeDatabase(
            final Connection connection,
            final String database,
            final String consumer,
            final String reader)
            throws SQLException {
        final String name = "\"" + database + "\"";
        final String roles = consumer + ", " + reader;
        execute(connection, "REVOKE ALL ON DATABASE " + name + " FROM PUBLIC, " + roles);
        execute(connection, "GRANT CONNECT ON DATABASE " + name + " TO " + roles);
        execute(connection, "REVOKE ALL ON SCHEMA public FROM PUBLIC, " + roles);
    }

    private static void ownSchema(final Connection connection, final String consumer)
            throws SQLException {
        execute(
                connection,
                "CREATE SCHEMA IF NOT EXISTS " + ViewSchema.NAME + " AUTHORIZATION " + consumer);
        execute(connection, "ALTER SCHEMA " + ViewSchema.NAME + " OWNER TO " + consumer);
        handOverTables(connection, consumer);
    }

    /** Those that a role of before owns: of an older release, or of a backup. */
    private static void handOverTables(final Connection connection, final String consumer)
            throws SQLException {
        final List<String> tables = new ArrayList<>();
        try (PreparedStatement query = connection.prepareStatement("""
                SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
                WHERE schemaname = ? AND tableowner <> ?
                """)) {
            query.setString(1, ViewSchema.NAME);
            query.setString(2, consumer);
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    tables.add(rows.getString(1));
                }
            }
        }
        for (final String table : tables) {
            execute(connection, "ALTER TABLE " + table + " OWNER TO " + consumer);
        }
    }

    private static void readSchema(
            final Connection connection, final String consumer, final String reader)
            throws SQLException {
        final String tables = " ON ALL TABLES IN SCHEMA " + ViewSchema.NAME;
        execute(connection, "REVOKE ALL" + tables + " FROM PUBLIC, " + reader);
        execute(connection, "REVOKE ALL ON SCHEMA " + ViewSchema.NAME + " FROM PUBLIC, " + reader);
        execute(connection, "GRANT USAGE ON SCHEMA " + ViewSchema.NAME + " TO " + reader);
        execute(connection, "GRANT SELECT" + tables + " TO " + reader);
        execute(
                connection,
                "ALTER DEFAULT PRIVILEGES FOR ROLE " + consumer + " IN SCHEMA " + ViewSchema.NAME
                        + " GRANT SELECT ON TABLES TO " + reader);
    }

    /** A REVOKE of somebody who may not is a warning only: so look. */
    private static void requireNoMore(final Connection connection, final String role)
            throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(TOO_MUCH)) {
            for (int i = 1; i <= TOO_MUCH_PARAMETERS; i++) {
                query.setString(i, role);
            }
            try (ResultSet reasons = query.executeQuery()) {
                if (reasons.next()) {
                    throw new IllegalStateException("role " + role + " " + reasons.getString(1)
                            + ": take that away from it, or take another role");
                }
            }
        }
    }

    private static boolean isTrue(
            final Connection connection, final String sql, final String... parameters)
            throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                query.setString(i + 1, parameters[i]);
            }
            try (ResultSet row = query.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        }
    }

    private static void execute(final Connection connection, final String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
