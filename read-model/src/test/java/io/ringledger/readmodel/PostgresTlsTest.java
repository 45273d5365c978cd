package io.ringledger.readmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringledger.emulators.PostgresLocal;
import io.ringledger.kit.Settings;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Connections to a Postgres that has a certificate, by both clients. */
final class PostgresTlsTest {
    private static final long LIMIT_S = 20;

    @TempDir
    static Path folder;

    private static PostgresLocal postgres;
    private static Vertx vertx;

    @BeforeAll
    static void start() throws Exception {
        TestCertificate.make(folder, "server", "IP:127.0.0.1");
        TestCertificate.make(folder, "stranger", "IP:127.0.0.1");
        TestCertificate.make(folder, "elsewhere", "DNS:db.example");
        postgres = PostgresLocal.start();
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void stop() throws Exception {
        vertx.close().await(LIMIT_S, TimeUnit.SECONDS);
        postgres.close();
    }

    @Test
    void shouldEncryptWhatGoesToTheServerThatIsVouchedFor() throws Exception {
        serveWith("server");
        final PostgresSettings settings = settings("server");
        assertThat(isEncryptedByVertx(settings)).isTrue();
        assertThat(isEncryptedByJdbc(settings)).isTrue();
    }

    @Test
    void shouldNotTalkToAServerThatNobodyVouchesFor() throws Exception {
        serveWith("server");
        final PostgresSettings settings = settings("stranger");
        assertThatThrownBy(() -> isEncryptedByVertx(settings)).isNotNull();
        assertThatThrownBy(() -> isEncryptedByJdbc(settings)).isInstanceOf(SQLException.class);
    }

    @Test
    void shouldNotTalkToAServerWhoseCertificateNamesAnotherHost() throws Exception {
        serveWith("elsewhere");
        final PostgresSettings settings = settings("elsewhere");
        assertThatThrownBy(() -> isEncryptedByVertx(settings)).isNotNull();
        assertThatThrownBy(() -> isEncryptedByJdbc(settings)).isInstanceOf(SQLException.class);
    }

    @Test
    void shouldNotFallBackToPlainText() throws Exception {
        execute("ALTER SYSTEM SET ssl = off");
        reload();
        final PostgresSettings settings = settings("server");
        assertThatThrownBy(() -> isEncryptedByVertx(settings)).isNotNull();
        assertThatThrownBy(() -> isEncryptedByJdbc(settings)).isInstanceOf(SQLException.class);
    }

    private static PostgresSettings settings(final String authority) {
        return PostgresSettings.from(Settings.read(
                Map.of(
                        "RINGLEDGER_POSTGRES_URI",
                        "postgresql://127.0.0.1:" + postgres.port() + "/" + postgres.database(),
                        "RINGLEDGER_POSTGRES_USER",
                        postgres.user(),
                        "RINGLEDGER_POSTGRES_PASSWORD",
                        postgres.password(),
                        "RINGLEDGER_POSTGRES_CA",
                        folder.resolve(authority + ".crt").toString()),
                PostgresSettings.declarations()));
    }

    private static final String IS_ENCRYPTED =
            "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";

    private static boolean isEncryptedByVertx(final PostgresSettings settings) throws Exception {
        final PgConnection connection = PgConnection.connect(vertx, settings.connectOptions())
                .await(LIMIT_S, TimeUnit.SECONDS);
        try {
            return connection
                    .query(IS_ENCRYPTED)
                    .execute()
                    .await(LIMIT_S, TimeUnit.SECONDS)
                    .iterator()
                    .next()
                    .getBoolean(0);
        } finally {
            connection.close().await(LIMIT_S, TimeUnit.SECONDS);
        }
    }

    private static boolean isEncryptedByJdbc(final PostgresSettings settings) throws SQLException {
        try (Connection connection = DriverManager.getConnection(
                        settings.jdbcUrl(), settings.user(), settings.password());
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(IS_ENCRYPTED)) {
            return row.next() && row.getBoolean(1);
        }
    }

    /** From the next connection on. */
    private static void serveWith(final String name) throws Exception {
        execute("ALTER SYSTEM SET ssl_cert_file = '" + folder.resolve(name + ".crt") + "'");
        execute("ALTER SYSTEM SET ssl_key_file = '" + folder.resolve(name + ".key") + "'");
        execute("ALTER SYSTEM SET ssl = on");
        reload();
    }

    /** Started anew, as a reload takes its time to be heard. */
    private static void reload() {
        postgres.stopServer();
        postgres.startServer();
    }

    private static void execute(final String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(postgres.jdbcUrl());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
