package io.ringledger.readmodel;

import io.ringledger.kit.Setting;
import io.ringledger.kit.Settings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.SslMode;
import io.vertx.sqlclient.SqlConnectOptions;

import org.jspecify.annotations.Nullable;

import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where the database of the views is, for every process that uses it. Immutable.
 *
 * @param host name or address
 * @param port of the server
 * @param database name
 * @param user the role
 * @param passwords of the role; not part of {@link #toString}
 * @param caFile the certificate authorities that vouch for the server, PEM; null: no TLS
 */
public record PostgresSettings(
        String host,
        int port,
        String database,
        String user,
        PasswordSource passwords,
        @Nullable Path caFile) {
    /** How a role shows who it is. */
    enum Login {
        /** By a password that somebody has set. */
        PASSWORD,
        /** By a token of IAM, signed anew for each connection: RDS and Aurora. */
        IAM
    }

    /** The value of {@link #POSTGRES_CA} that says that plain text is meant. */
    static final String NO_TLS = "none";

    /** {@code postgresql://host:port/database}. */
    public static final Setting<URI> POSTGRES_URI = Setting.ofUri(
            "RINGLEDGER_POSTGRES_URI",
            "postgresql://127.0.0.1:5432/ringledger",
            "where the views are: postgresql://host:port/database, without user and parameters");

    /** The role. */
    public static final Setting<String> POSTGRES_USER =
            Setting.ofText("RINGLEDGER_POSTGRES_USER", "ringledger", "the role to connect as");

    /** Its password. */
    public static final Setting<String> POSTGRES_PASSWORD = Setting.ofOptionalSecret(
            "RINGLEDGER_POSTGRES_PASSWORD",
            "the password of that role; must be set unless RINGLEDGER_POSTGRES_LOGIN=iam");

    /** How it logs in. */
    static final Setting<Login> POSTGRES_LOGIN = Setting.ofChoice(
            "RINGLEDGER_POSTGRES_LOGIN",
            Login.PASSWORD,
            "how the role logs in: `password`; `iam`, a token that is signed for each connection with"
                    + " the AWS credentials of this process, for RDS and Aurora, with TLS only");

    /** Who vouches for the server. */
    public static final Setting<String> POSTGRES_CA = Setting.ofOptionalText(
            "RINGLEDGER_POSTGRES_CA",
            "PEM file of the certificate authorities that vouch for the server: connections are"
                    + " then encrypted, and its certificate must name its host; `none`: plain text;"
                    + " must be set unless the host is this machine");

    private static final int DEFAULT_PORT = 5432;
    private static final Pattern LOOPBACK = Pattern.compile("127(\\.[0-9]{1,3}){3}");
    private static final Pattern DATABASE = Pattern.compile("/([A-Za-z0-9_.-]{1,63})");

    /** The declarations of everything here. */
    public static List<Setting<?>> declarations() {
        return List.of(POSTGRES_URI, POSTGRES_USER, POSTGRES_LOGIN, POSTGRES_PASSWORD, POSTGRES_CA);
    }

    /** With a password that somebody has set. */
    public PostgresSettings(
            final String host,
            final int port,
            final String database,
            final String user,
            final String password,
            final @Nullable Path caFile) {
        this(host, port, database, user, new PasswordSource.Fixed(password), caFile);
    }

    /**
     * The values that were read.
     *
     * @throws IllegalArgumentException if the URI has another form, the file cannot be read,
     *     passwords and balances would cross a network in plain text without anybody having said so,
     *     or there is no way to log in
     */
    public static PostgresSettings from(final Settings settings) {
        final URI uri = settings.get(POSTGRES_URI);
        final String path = uri.getRawPath() == null ? "" : uri.getRawPath();
        final Matcher database = DATABASE.matcher(path);
        if (!"postgresql".equals(uri.getScheme())
                || uri.getHost() == null
                || uri.getRawUserInfo() != null
                || uri.getRawQuery() != null
                || uri.getRawFragment() != null
                || !database.matches()) {
            throw new IllegalArgumentException(
                    POSTGRES_URI.name() + " must be postgresql://host:port/database");
        }
        // Java writes an IPv6 address with its brackets.
        final String host = uri.getHost().replaceAll("[\\[\\]]", "");
        final int port = uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort();
        final Path caFile = caFile(settings.get(POSTGRES_CA), host);
        return new PostgresSettings(
                host,
                port,
                database.group(1),
                settings.get(POSTGRES_USER),
                passwords(settings, host, port, caFile != null),
                caFile);
    }

    private static PasswordSource passwords(
            final Settings settings, final String host, final int port, final boolean isEncrypted) {
        final String password = settings.get(POSTGRES_PASSWORD);
        final boolean isIam = settings.get(POSTGRES_LOGIN) == Login.IAM;
        if (isIam != password.isEmpty()) {
            throw new IllegalArgumentException(POSTGRES_PASSWORD.name() + " must be set with "
                    + POSTGRES_LOGIN.name() + "=password, and not with iam");
        }
        if (!isIam) {
            return new PasswordSource.Fixed(password);
        }
        if (!isEncrypted) {
            throw new IllegalArgumentException(
                    POSTGRES_LOGIN.name() + "=iam sends a token that is as good as a password: set "
                            + POSTGRES_CA.name());
        }
        try {
            return new IamPassword(
                    DefaultCredentialsProvider.builder().build(),
                    new DefaultAwsRegionProviderChain().getRegion().id(),
                    host,
                    port,
                    settings.get(POSTGRES_USER),
                    Clock.systemUTC());
        } catch (final SdkClientException e) {
            throw new IllegalArgumentException(
                    POSTGRES_LOGIN.name() + "=iam needs a region: set AWS_REGION", e);
        }
    }

    private static @Nullable Path caFile(final String text, final String host) {
        if (text.isEmpty()) {
            if (!isThisMachine(host)) {
                throw new IllegalArgumentException(POSTGRES_CA.name()
                        + " must be set, as Postgres is not on this machine: the PEM file of the"
                        + " authorities that vouch for it, or " + NO_TLS + " for plain text");
            }
            return null;
        }
        if (text.equals(NO_TLS)) {
            return null;
        }
        final Path file = Path.of(text);
        if (!Files.isReadable(file)) {
            throw new IllegalArgumentException(
                    POSTGRES_CA.name() + " is not a file that can be read: " + text);
        }
        return file.toAbsolutePath();
    }

    /** By its name alone: nobody's answer is asked for where to send passwords in plain text. */
    private static boolean isThisMachine(final String host) {
        return host.equals("localhost")
                || host.equals("::1")
                || LOOPBACK.matcher(host).matches();
    }

    /** For {@link ViewSchema#migrate}. */
    public String jdbcUrl() {
        final String url = "jdbc:postgresql://" + hostInUri() + ":" + port + "/" + database;
        return caFile == null
                ? url
                : url + "?sslmode=verify-full&sslrootcert="
                        + URLEncoder.encode(caFile.toString(), StandardCharsets.UTF_8);
    }

    /** For a connection that is made now; may block, so not on an event loop. */
    public String password() {
        return passwords.password();
    }

    /**
     * For connections of the Vert.x client, each with a password that is valid when it is made.
     *
     * @param options of {@link #connectOptions}, changed as the caller likes
     */
    public Supplier<Future<SqlConnectOptions>> connecting(
            final Vertx vertx, final PgConnectOptions options) {
        if (passwords.isFixed()) {
            final Future<SqlConnectOptions> same = Future.succeededFuture(options);
            return () -> same;
        }
        return () -> vertx.executeBlocking(
                () -> new PgConnectOptions(options).setPassword(password()), false);
    }

    /**
     * For the Vert.x client, by way of {@link #connecting}; a new object each time, for the caller to
     * change.
     */
    public PgConnectOptions connectOptions() {
        final PgConnectOptions options = new PgConnectOptions()
                .setHost(host)
                .setPort(port)
                .setDatabase(database)
                .setUser(user);
        if (passwords.isFixed()) {
            options.setPassword(password());
        }
        if (caFile != null) {
            options.setSslMode(SslMode.VERIFY_FULL)
                    .setSslOptions(new ClientSSLOptions()
                            .setTrustOptions(new PemTrustOptions().addCertPath(caFile.toString()))
                            .setHostnameVerificationAlgorithm("HTTPS"));
        }
        return options;
    }

    @Override
    public String toString() {
        return "postgresql://" + user + "@" + hostInUri() + ":" + port + "/" + database;
    }

    private String hostInUri() {
        return host.indexOf(':') < 0 ? host : "[" + host + "]";
    }
}
