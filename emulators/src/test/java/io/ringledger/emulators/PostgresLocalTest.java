package io.ringledger.emulators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.stream.Stream;

class PostgresLocalTest {
    private static PostgresLocal postgres;

    @BeforeAll
    static void start() {
        postgres = PostgresLocal.start();
    }

    @AfterAll
    static void close() {
        postgres.close();
    }

    @ParameterizedTest
    @CsvSource({
        "fsync, on",
        "synchronous_commit, on",
        "full_page_writes, on",
        "listen_addresses, 127.0.0.1",
        "unix_socket_directories, ''",
        "server_encoding, UTF8"
    })
    void shouldRunAsDurableAsInProduction(final String setting, final String value)
            throws SQLException {
        assertThat(query(postgres, "SHOW " + setting)).isEqualTo(value);
    }

    @Test
    void shouldBePostgres18WithADatabaseOfOurs() throws SQLException {
        assertThat(query(postgres, "SHOW server_version")).startsWith("18.");
        assertThat(query(postgres, "SELECT current_database()")).isEqualTo("ringledger");
    }

    @Test
    void shouldKeepDataAndPortAcrossStopAndStart() throws SQLException {
        final int port = postgres.port();
        execute(postgres, "CREATE TABLE kept (n int)");
        execute(postgres, "INSERT INTO kept VALUES (42)");

        postgres.stopServer();
        postgres.stopServer();
        assertThat(postgres.isRunning()).isFalse();
        assertThatThrownBy(() -> query(postgres, "SELECT n FROM kept"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("refused");
        postgres.startServer();
        postgres.startServer();

        assertThat(postgres.isRunning()).isTrue();
        assertThat(postgres.port()).isEqualTo(port);
        assertThat(query(postgres, "SELECT n FROM kept")).isEqualTo("42");
        assertThat(query(postgres, "SHOW fsync")).isEqualTo("on");
    }

    @Test
    void shouldStartOnTheClusterOfAnEarlierStartAndMakeANewOneIfThatIsDamaged(
            @TempDir final Path clusters) throws Exception {
        final String made = systemIdentifier(clusters);
        assertThat(systemIdentifier(clusters)).isEqualTo(made);

        final Path cluster;
        try (Stream<Path> all = Files.list(clusters)) {
            cluster = all.findFirst().orElseThrow();
        }
        Files.write(cluster.resolve("global/pg_control"), new byte[8192]);
        final String madeAgain = systemIdentifier(clusters);
        assertThat(madeAgain).isNotEqualTo(made);
        assertThat(systemIdentifier(clusters)).isEqualTo(madeAgain);
    }

    /** Of a server that is new and empty each time, whatever was written to one before. */
    private static String systemIdentifier(final Path clusters) throws SQLException {
        try (PostgresLocal other = PostgresLocal.start(clusters, Duration.ofSeconds(5))) {
            execute(other, "CREATE TABLE only_here (n int)");
            return query(other, "SELECT system_identifier FROM pg_control_system()");
        }
    }

    @Test
    void shouldLeaveNothingAfterClose() throws SQLException {
        final PostgresLocal other = PostgresLocal.start();
        final long pid = postmasterPid(other);
        assertThat(Await.isAlive(pid)).isTrue();

        other.close();
        other.close();

        assertThat(Await.isAlive(pid)).isFalse();
        assertThat(Files.exists(other.folder())).isFalse();
        assertThatThrownBy(other::startServer)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    static long postmasterPid(final PostgresLocal postgres) throws SQLException {
        return Long.parseLong(
                query(postgres, "SELECT split_part(pg_read_file('postmaster.pid'), chr(10), 1)"));
    }

    private static String query(final PostgresLocal postgres, final String sql)
            throws SQLException {
        try (Connection connection = DriverManager.getConnection(postgres.jdbcUrl());
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            assertThat(rows.next()).isTrue();
            return rows.getString(1);
        }
    }

    private static void execute(final PostgresLocal postgres, final String sql)
            throws SQLException {
        try (Connection connection = DriverManager.getConnection(postgres.jdbcUrl());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
