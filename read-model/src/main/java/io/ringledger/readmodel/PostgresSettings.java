package io.ringledger.readmodel;

import io.ringledger.kit.Setting;
import io.ringledger.kit.Settings;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.SslMode;

import org.jspecify.annotations.Nullable;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where the database of the views is, for every process that uses it. Immutable.
 *
 * @param host name or address
 * @param port of the server
 * @param database name
 * @param user the role
 * @param password of the role; not part of {@link #toString}
 * @param caFile the certificate authorities that vouch for the server, PEM; null: no TLS
 */
public record PostgresSettings(
        String host,
        int port,
        String database,
        String user,
        String password,
        @Nullable Path caFile) {
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
    public static final Setting<String> POSTGRES_PASSWORD =
            Setting.ofSecret("RINGLEDGER_POSTGRES_PASSWORD", null, "the password of that role");

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
        return List.of(POSTGRES_URI, POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_CA);
    }

    /**
     * The values that were read.
     *
     * @throws IllegalArgumentException if the URI has another form, the file cannot be read, or
     *     passwords and balances would cross a network in plain text without anybody having said so
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
        return new PostgresSettings(
                host,
                uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort(),
                database.group(1),
                settings.get(POSTGRES_USER),
                settings.get(POSTGRES_PASSWORD),
                caFile(settings.get(POSTGRES_CA), host));
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

    /** For the Vert.x client; a new object each time, for the caller to change. */
    public PgConnectOptions connectOptions() {
        final PgConnectOptions options = new PgConnectOptions()
                .setHost(host)
                .setPort(port)
                .setDatabase(database)
                .setUser(user)
                .setPassword(password);
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
