package io.ringledger.readmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringledger.emulators.PostgresLocal;
import io.ringledger.readmodel.ViewRoles.Login;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;

/**
 * What each role may do, on a server that asks for passwords, made by an administrator who is no
 * superuser, as on a managed server.
 */
final class ViewRolesTest {
    private static final Login ADMINISTRATOR = new Login("administrator", "of-all");
    private static final Login CONSUMER = new Login("views_consumer", "of-the-consumer");
    private static final Login READER = new Login("views_reader", "of-the-reader");
    private static final String NOT_ALLOWED = "42501";
    private static final String WRONG_PASSWORD = "28P01";

    private static PostgresLocal postgres;

    @BeforeAll
    static void start() throws Exception {
        postgres = PostgresLocal.start();
        asSuperuser("CREATE ROLE " + ADMINISTRATOR + " LOGIN CREATEROLE CREATEDB PASSWORD '"
                + ADMINISTRATOR.password() + "'");
        asSuperuser("ALTER ROLE " + ADMINISTRATOR + " SET log_statement = 'all'");
        asSuperuser("ALTER ROLE " + ADMINISTRATOR + " SET log_min_messages = 'log'");
        asSuperuser("ALTER DATABASE " + postgres.database() + " OWNER TO " + ADMINISTRATOR);
        asSuperuser("CREATE TABLE public.of_somebody_else (secret text)");
        Files.writeString(Path.of(text(postgres.jdbcUrl(), null, "SHOW hba_file")), """
                host all postgres 127.0.0.1/32 trust
                host all all 127.0.0.1/32 scram-sha-256
                """);
        postgres.stopServer();
        postgres.startServer();
        ViewRoles.prepare(administrator(postgres.database()), CONSUMER, READER);
        assertThat(migrate(postgres.database())).isEqualTo(ViewSchema.VERSION);
        as(CONSUMER, "INSERT INTO ledger_view.ledger (partitions) VALUES (2)");
        as(CONSUMER, "INSERT INTO ledger_view.progress (partition) VALUES (0)");
    }

    @AfterAll
    static void stop() {
        if (postgres != null) {
            postgres.close();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "INSERT INTO ledger_view.progress (partition) VALUES (1)",
                "UPDATE ledger_view.progress SET sequence = 9",
                "DELETE FROM ledger_view.progress",
                "TRUNCATE ledger_view.progress",
                "SELECT partition FROM ledger_view.progress FOR UPDATE",
                "BEGIN; LOCK TABLE ledger_view.progress IN EXCLUSIVE MODE",
                "ALTER TABLE ledger_view.progress ADD COLUMN x int",
                "DROP TABLE ledger_view.progress",
                "CREATE TABLE ledger_view.x (x int)",
                "CREATE TABLE public.x (x int)",
                "CREATE TEMPORARY TABLE x (x int)",
                "CREATE SCHEMA x",
                "CREATE ROLE x",
                "CREATE DATABASE x",
                "SELECT secret FROM public.of_somebody_else",
                "SELECT rolpassword FROM pg_authid",
                "SELECT pg_read_file('postgresql.conf')",
                "COPY ledger_view.progress TO PROGRAM 'cat'",
                "SET ROLE views_consumer"
            })
    void shouldLetTheReaderDoNothingButRead(final String sql) {
        // What it sets for itself is no obstacle: it is not allowed.
        assertThatThrownBy(() -> as(READER, "SET default_transaction_read_only = off", sql))
                .isInstanceOfSatisfying(
                        SQLException.class,
                        e -> assertThat(e.getSQLState()).isEqualTo(NOT_ALLOWED));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE TABLE public.x (x int)",
                "CREATE TEMPORARY TABLE x (x int)",
                "CREATE SCHEMA x",
                "CREATE ROLE x",
                "SELECT secret FROM public.of_somebody_else",
                "ALTER ROLE views_reader PASSWORD 'x'",
                "SET ROLE administrator"
            })
    void shouldLetTheConsumerHaveItsSchemaAndNothingElse(final String sql) {
        assertThatThrownBy(() -> as(CONSUMER, sql))
                .isInstanceOfSatisfying(
                        SQLException.class,
                        e -> assertThat(e.getSQLState()).isEqualTo(NOT_ALLOWED));
    }

    @Test
    void shouldLetTheReaderReadWhatIsThereAndWhatALaterMigrationAdds() throws SQLException {
        as(CONSUMER, "CREATE TABLE ledger_view.later (x int)");
        for (final String table : new String[] {
            "ledger", "progress", "accounts", "entries", "flyway_schema_history", "later"
        }) {
            as(READER, "SELECT * FROM ledger_view." + table);
        }
        as(CONSUMER, "DROP TABLE ledger_view.later");
    }

    @Test
    void shouldBoundWhatTheReaderDoes() throws SQLException {
        final String url = url(postgres.database());
        assertThat(text(url, READER, "SHOW statement_timeout")).isEqualTo("1min");
        assertThat(text(url, READER, "SHOW idle_in_transaction_session_timeout"))
                .isEqualTo("1min");
        assertThat(text(url, READER, "SHOW transaction_read_only")).isEqualTo("on");
        assertThat(text(url, CONSUMER, "SHOW transaction_read_only")).isEqualTo("off");
    }

    /** It stays a member all the same, by the ADMIN option, which is the server's grant. */
    @Test
    void shouldLetTheAdministratorNeitherUseTheConsumersRightsNorSetItsRole() throws SQLException {
        assertThat(text(
                        postgres.jdbcUrl(),
                        null,
                        "SELECT pg_has_role('administrator', 'views_consumer', 'USAGE')"
                                + " OR pg_has_role('administrator', 'views_consumer', 'SET')"))
                .isEqualTo("f");
        assertThat(text(
                        postgres.jdbcUrl(),
                        null,
                        "SELECT pg_has_role('administrator', 'views_consumer', 'MEMBER')"))
                .isEqualTo("t");
    }

    @Test
    void shouldLetNobodyElseIn() throws SQLException {
        asSuperuser("CREATE ROLE stranger LOGIN PASSWORD 'stranger'");
        assertThatThrownBy(() -> as(new Login("stranger", "stranger"), "SELECT 1"))
                .isInstanceOfSatisfying(
                        SQLException.class,
                        e -> assertThat(e.getSQLState()).isEqualTo(NOT_ALLOWED));
    }

    @Test
    void shouldChangeAPasswordAndPutRightWhatSomebodyHasChanged() throws SQLException {
        as(CONSUMER, "GRANT INSERT ON ledger_view.progress TO views_reader");
        asSuperuser("ALTER ROLE views_reader RESET ALL");
        final Login changed = new Login(READER.name(), "another");
        ViewRoles.prepare(administrator(postgres.database()), CONSUMER, changed);
        try {
            assertThatThrownBy(() -> as(READER, "SELECT 1"))
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            e -> assertThat(e.getSQLState()).isEqualTo(WRONG_PASSWORD));
            as(changed, "SELECT * FROM ledger_view.progress");
            assertThat(text(url(postgres.database()), changed, "SHOW statement_timeout"))
                    .isEqualTo("1min");
            assertThatThrownBy(() -> as(
                            changed,
                            "SET default_transaction_read_only = off",
                            "INSERT INTO ledger_view.progress (partition) VALUES (1)"))
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            e -> assertThat(e.getSQLState()).isEqualTo(NOT_ALLOWED));
        } finally {
            ViewRoles.prepare(administrator(postgres.database()), CONSUMER, READER);
        }
        as(READER, "SELECT 1");
    }

    @Test
    void shouldTakeOverViewsThatTheAdministratorOwned() throws SQLException {
        as(ADMINISTRATOR, "CREATE DATABASE of_before");
        assertThat(ViewSchema.migrate(
                        url("of_before"), ADMINISTRATOR.name(), ADMINISTRATOR.password()))
                .isEqualTo(ViewSchema.VERSION);
        ViewRoles.prepare(administrator("of_before"), CONSUMER, READER);
        assertThat(migrate("of_before")).isZero();
        assertThat(text(
                        url("of_before"),
                        READER,
                        "SELECT string_agg(DISTINCT tableowner, ',') FROM pg_tables"
                                + " WHERE schemaname = 'ledger_view'"))
                .isEqualTo(CONSUMER.name());
        assertThat(text(url("of_before"), READER, "SELECT count(*) FROM ledger_view.entries"))
                .isEqualTo("0");
    }

    @Test
    void shouldLetRolesLogInByIamAloneAndBack() throws SQLException {
        asSuperuser("CREATE ROLE rds_iam");
        asSuperuser("GRANT rds_iam TO " + ADMINISTRATOR + " WITH ADMIN OPTION, INHERIT FALSE");
        final String state = "SELECT string_agg(r.rolname || ':' || (r.rolpassword IS NULL)"
                + " || ':' || pg_has_role(r.rolname, 'rds_iam', 'MEMBER'), ' ' ORDER BY r.rolname)"
                + " FROM pg_authid r WHERE r.rolname LIKE 'views\\_%'";
        try {
            ViewRoles.prepare(
                    administrator(postgres.database()),
                    new Login(CONSUMER.name(), ""),
                    new Login(READER.name(), ""));
            assertThat(text(postgres.jdbcUrl(), null, state))
                    .isEqualTo("views_consumer:true:true views_reader:true:true");
        } finally {
            ViewRoles.prepare(administrator(postgres.database()), CONSUMER, READER);
        }
        assertThat(text(postgres.jdbcUrl(), null, state))
                .isEqualTo("views_consumer:false:false views_reader:false:false");
    }

    @ParameterizedTest
    @ValueSource(strings = {"CREATEROLE", "SUPERUSER", "IN ROLE pg_write_all_data"})
    void shouldNotMakeAReaderOfARoleThatMayDoMore(final String what) throws SQLException {
        asSuperuser("CREATE ROLE strong LOGIN " + what);
        try {
            assertThatThrownBy(() -> ViewRoles.prepare(
                            superuser(), CONSUMER, new Login("strong", "changed")))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("role strong is a ");
            assertThat(text(
                            postgres.jdbcUrl(),
                            null,
                            "SELECT count(*) FROM pg_authid WHERE rolname = 'strong'"
                                    + " AND rolpassword IS NOT NULL"))
                    .as("nothing has changed")
                    .isEqualTo("0");
        } finally {
            asSuperuser("DROP ROLE strong");
        }
    }

    @Test
    void shouldNeverSendAPasswordThatALogOfTheServerWouldShow() throws Exception {
        final Path log = Path.of(text(postgres.jdbcUrl(), null, "SHOW data_directory"))
                .resolveSibling("server.log");
        assertThat(Files.readString(log))
                .contains("ALTER USER")
                .contains("SCRAM-SHA-256")
                .doesNotContain(CONSUMER.password())
                .doesNotContain(READER.password());
        assertThat(READER).hasToString("views_reader");
    }

    @Test
    void shouldBeDoneByTheCommand() throws SQLException {
        as(ADMINISTRATOR, "CREATE DATABASE by_command");
        ViewRolesMain.run(Map.of(
                "RINGLEDGER_POSTGRES_URI",
                "postgresql://127.0.0.1:" + postgres.port() + "/by_command",
                "RINGLEDGER_POSTGRES_USER",
                ADMINISTRATOR.name(),
                "RINGLEDGER_POSTGRES_PASSWORD",
                ADMINISTRATOR.password(),
                "RINGLEDGER_POSTGRES_CONSUMER_PASSWORD",
                "c",
                "RINGLEDGER_POSTGRES_READER_PASSWORD",
                "r"));
        assertThat(ViewSchema.migrate(url("by_command"), "ringledger_consumer", "c"))
                .isEqualTo(ViewSchema.VERSION);
        assertThat(text(
                        url("by_command"),
                        new Login("ringledger_reader", "r"),
                        "SELECT count(*) FROM ledger_view.accounts"))
                .isEqualTo("0");
    }

    private static PostgresSettings administrator(final String database) {
        return new PostgresSettings(
                postgres.host(),
                postgres.port(),
                database,
                ADMINISTRATOR.name(),
                ADMINISTRATOR.password(),
                null);
    }

    private static PostgresSettings superuser() {
        return new PostgresSettings(
                postgres.host(),
                postgres.port(),
                postgres.database(),
                postgres.user(),
                postgres.password(),
                null);
    }

    private static int migrate(final String database) {
        return ViewSchema.migrate(url(database), CONSUMER.name(), CONSUMER.password());
    }

    private static String url(final String database) {
        return administrator(database).jdbcUrl();
    }

    private static void as(final Login login, final String... statements) throws SQLException {
        try (Connection connection = DriverManager.getConnection(
                        url(postgres.database()), login.name(), login.password());
                Statement statement = connection.createStatement()) {
            for (final String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private static void asSuperuser(final String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(postgres.jdbcUrl());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** As the superuser, whose name is in the URL, where no login is given. */
    private static String text(final String url, final @Nullable Login login, final String sql)
            throws SQLException {
        try (Connection connection = login == null
                        ? DriverManager.getConnection(url)
                        : DriverManager.getConnection(url, login.name(), login.password());
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
