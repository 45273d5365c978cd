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

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Connections to a Postgres that has a certificate, by both clients. */
final class PostgresTlsTest {
    private static final String SECRET = "changeit";
    private static final long LIMIT_S = 20;

    @TempDir
    static Path folder;

    private static PostgresLocal postgres;
    private static Vertx vertx;

    @BeforeAll
    static void start() throws Exception {
        makeCertificate("server", "IP:127.0.0.1");
        makeCertificate("stranger", "IP:127.0.0.1");
        makeCertificate("elsewhere", "DNS:db.example");
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

    /** A key and a certificate that vouches for itself, as files in PEM. */
    private static void makeCertificate(final String name, final String host)
            throws IOException, InterruptedException, GeneralSecurityException {
        final Path store = folder.resolve(name + ".p12");
        final Process keytool = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        name,
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-dname",
                        "CN=" + name,
                        "-ext",
                        "SAN=" + host,
                        "-ext",
                        "BC=ca:true",
                        "-validity",
                        "2",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        SECRET))
                .redirectErrorStream(true)
                .start();
        final String said =
                new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(keytool.waitFor()).as(said).isZero();
        final KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, SECRET.toCharArray());
        }
        Files.writeString(
                folder.resolve(name + ".crt"),
                pem("CERTIFICATE", keys.getCertificate(name).getEncoded()));
        final Path key = folder.resolve(name + ".key");
        Files.writeString(
                key, pem("PRIVATE KEY", keys.getKey(name, SECRET.toCharArray()).getEncoded()));
        // Postgres refuses a key that others may read.
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
    }

    private static String pem(final String what, final byte[] der) {
        return "-----BEGIN " + what + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
                + "\n-----END " + what + "-----\n";
    }
}
