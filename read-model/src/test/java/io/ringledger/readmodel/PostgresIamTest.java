package io.ringledger.readmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringledger.emulators.PostgresLocal;
import io.ringledger.kit.Settings;
import io.ringledger.readmodel.ViewRoles.Login;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.SqlConnection;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.auth.signer.Aws4Signer;
import software.amazon.awssdk.auth.signer.params.Aws4PresignerParams;
import software.amazon.awssdk.http.SdkHttpFullRequest;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.regions.Region;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Tokens in the place of passwords. What Aurora does with one is not here: this server takes it as a
 * password in clear text over TLS, as Aurora's does, and knows which one to expect because the clock
 * stands still. No real Aurora has seen one of these tokens.
 */
final class PostgresIamTest {
    private static final long LIMIT_S = 20;
    private static final String REGION = "eu-central-1";
    private static final Login ROLE = new Login("views_reader", "");
    private static final String WRONG_PASSWORD = "28P01";

    @TempDir
    static Path folder;

    private static PostgresLocal postgres;
    private static Vertx vertx;

    /** Moved by hand. */
    private static final class StillClock extends Clock {
        private volatile Instant now = Instant.parse("2026-11-20T10:00:00Z");

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(final ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    }

    @BeforeAll
    static void start() throws Exception {
        TestCertificate.make(folder, "server", "IP:127.0.0.1");
        postgres = PostgresLocal.start();
        vertx = Vertx.vertx();
        execute("CREATE ROLE views_reader LOGIN");
        execute("ALTER SYSTEM SET ssl_cert_file = '" + folder.resolve("server.crt") + "'");
        execute("ALTER SYSTEM SET ssl_key_file = '" + folder.resolve("server.key") + "'");
        execute("ALTER SYSTEM SET ssl = on");
        Files.writeString(Path.of(text("SHOW hba_file")), """
                host all postgres 127.0.0.1/32 trust
                hostssl all all 127.0.0.1/32 password
                """);
        postgres.stopServer();
        postgres.startServer();
    }

    @AfterAll
    static void stop() throws Exception {
        vertx.close().await(LIMIT_S, TimeUnit.SECONDS);
        postgres.close();
    }

    /** The SDK has two signers of this kind; its client of RDS makes tokens with the other one. */
    @ParameterizedTest
    @CsvSource({
        "views.cluster-abc.eu-central-1.rds.amazonaws.com, 5432, ringledger_reader, false",
        "views.cluster-abc.eu-central-1.rds.amazonaws.com, 6432, ringledger_consumer, true",
    })
    @SuppressWarnings("deprecation")
    void shouldSignWhatTheClientOfRdsSigns(
            final String host, final int port, final String user, final boolean isSession) {
        final StillClock clock = new StillClock();
        final AwsCredentialsProvider credentials = credentials(isSession);
        final String expected = Aws4Signer.create()
                .presign(
                        SdkHttpFullRequest.builder()
                                .method(SdkHttpMethod.GET)
                                .protocol("https")
                                .host(host)
                                .port(port)
                                .encodedPath("/")
                                .putRawQueryParameter("DBUser", user)
                                .putRawQueryParameter("Action", "connect")
                                .build(),
                        Aws4PresignerParams.builder()
                                .awsCredentials(credentials.resolveCredentials())
                                .expirationTime(clock.instant().plus(Duration.ofMinutes(15)))
                                .signingClockOverride(clock)
                                .signingName("rds-db")
                                .signingRegion(Region.of(REGION))
                                .build())
                .getUri()
                .toString();
        final IamPassword password = new IamPassword(credentials, REGION, host, port, user, clock);
        // In whatever order: the signature is of the sorted parameters.
        assertThat(password.password().split("[?&]"))
                .containsExactlyInAnyOrder(
                        expected.substring("https://".length()).split("[?&]"))
                .startsWith(host + ":" + port + "/")
                .contains("Action=connect", "DBUser=" + user, "X-Amz-Expires=900")
                .anyMatch(parameter -> parameter.matches("X-Amz-Signature=[0-9a-f]{64}"));
        assertThat(password).hasToString("tokens of IAM");
    }

    @Test
    void shouldAskForATokenForEachNewConnectionAndKeepThoseThatAreOpen() throws Exception {
        final StillClock clock = new StillClock();
        final AtomicInteger asked = new AtomicInteger();
        final PostgresSettings settings = settings(clock, asked);
        expect(settings);
        final Pool pool = PgBuilder.pool()
                .connectingTo(settings.connecting(vertx, settings.connectOptions()))
                .with(new PoolOptions().setMaxSize(2))
                .using(vertx)
                .build();
        asked.set(0);
        final SqlConnection first = pool.getConnection().await(LIMIT_S, TimeUnit.SECONDS);
        assertThat(asked).hasValue(1);
        assertThat(userOf(first)).isEqualTo(ROLE.name());

        // A quarter of an hour later the first token is worth nothing any more.
        clock.now = clock.now.plus(Duration.ofMinutes(15));
        expect(settings);
        asked.set(0);
        final SqlConnection second = pool.getConnection().await(LIMIT_S, TimeUnit.SECONDS);
        assertThat(asked).hasValue(1);
        assertThat(userOf(second)).isEqualTo(ROLE.name());
        assertThat(userOf(first)).as("stays open").isEqualTo(ROLE.name());
        pool.close().await(LIMIT_S, TimeUnit.SECONDS);
    }

    @Test
    void shouldLogInWithATokenByJdbcToo() throws Exception {
        final StillClock clock = new StillClock();
        final PostgresSettings settings = settings(clock, new AtomicInteger());
        expect(settings);
        try (Connection connection = DriverManager.getConnection(
                settings.jdbcUrl(), settings.user(), settings.password())) {
            assertThat(connection.isValid(5)).isTrue();
        }
        clock.now = clock.now.plus(Duration.ofMinutes(1));
        assertThatThrownBy(() -> DriverManager.getConnection(
                        settings.jdbcUrl(), settings.user(), settings.password()))
                .isInstanceOfSatisfying(
                        SQLException.class,
                        e -> assertThat(e.getSQLState()).isEqualTo(WRONG_PASSWORD));
    }

    @Test
    void shouldSayThatTheViewsCannotBeReadWhereThereAreNoCredentials() {
        final PostgresSettings settings = new PostgresSettings(
                postgres.host(),
                postgres.port(),
                postgres.database(),
                ROLE.name(),
                new IamPassword(
                        () -> {
                            throw new IllegalStateException("no credentials");
                        },
                        REGION,
                        postgres.host(),
                        postgres.port(),
                        ROLE.name(),
                        new StillClock()),
                folder.resolve("server.crt"));
        final Pool pool = PgBuilder.pool()
                .connectingTo(settings.connecting(vertx, settings.connectOptions()))
                .using(vertx)
                .build();
        assertThatThrownBy(() -> pool.query("SELECT 1").execute().await(LIMIT_S, TimeUnit.SECONDS))
                .hasStackTraceContaining("no credentials");
    }

    @ParameterizedTest
    @CsvSource({
        "iam, secret, ca, RINGLEDGER_POSTGRES_PASSWORD must be set with",
        "password,, ca, RINGLEDGER_POSTGRES_PASSWORD must be set with",
        "iam,, none, RINGLEDGER_POSTGRES_LOGIN=iam sends a token that is as good as a password",
    })
    void shouldRefuseSettingsThatGiveAway(
            final String login, final String password, final String ca, final String message) {
        final Map<String, String> environment = new HashMap<>(Map.of(
                "RINGLEDGER_POSTGRES_URI",
                "postgresql://127.0.0.1:5432/ringledger",
                "RINGLEDGER_POSTGRES_LOGIN",
                login,
                "RINGLEDGER_POSTGRES_PASSWORD",
                password == null ? "" : password,
                "RINGLEDGER_POSTGRES_CA",
                ca.equals("ca") ? folder.resolve("server.crt").toString() : ca));
        assertThatThrownBy(() -> PostgresSettings.from(
                        Settings.read(environment, PostgresSettings.declarations())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(message);
    }

    private static PostgresSettings settings(final Clock clock, final AtomicInteger asked) {
        final AwsCredentialsProvider credentials = credentials(true);
        return new PostgresSettings(
                postgres.host(),
                postgres.port(),
                postgres.database(),
                ROLE.name(),
                new IamPassword(
                        () -> {
                            asked.incrementAndGet();
                            assertThat(Context.isOnEventLoopThread()).isFalse();
                            return credentials.resolveCredentials();
                        },
                        REGION,
                        postgres.host(),
                        postgres.port(),
                        ROLE.name(),
                        clock),
                folder.resolve("server.crt"));
    }

    private static AwsCredentialsProvider credentials(final boolean isSession) {
        final AwsCredentials credentials = isSession
                ? AwsSessionCredentials.create("AKIDEXAMPLE", "secret", "token/+=".repeat(100))
                : AwsBasicCredentials.create("AKIDEXAMPLE", "secret");
        return StaticCredentialsProvider.create(credentials);
    }

    /** Lets the server take the token of now, and no other. */
    private static void expect(final PostgresSettings settings) throws SQLException {
        execute("ALTER ROLE views_reader PASSWORD '" + settings.password() + "'");
    }

    private static String userOf(final SqlConnection connection) throws Exception {
        return connection
                .query("SELECT session_user::text")
                .execute()
                .await(LIMIT_S, TimeUnit.SECONDS)
                .iterator()
                .next()
                .getString(0);
    }

    private static void execute(final String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(postgres.jdbcUrl());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String text(final String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(postgres.jdbcUrl());
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
