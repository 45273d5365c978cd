package io.ringledger.readmodel;

import io.ringledger.kit.Setting;
import io.ringledger.kit.Settings;
import io.vertx.pgclient.PgConnectOptions;

import java.net.URI;
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
 */
public record PostgresSettings(
        String host, int port, String database, String user, String password) {
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

    private static final int DEFAULT_PORT = 5432;
    private static final Pattern DATABASE = Pattern.compile("/([A-Za-z0-9_.-]{1,63})");

    /** The declarations of everything here. */
    public static List<Setting<?>> declarations() {
        return List.of(POSTGRES_URI, POSTGRES_USER, POSTGRES_PASSWORD);
    }

    /**
     * The values that were read.
     *
     * @throws IllegalArgumentException if the URI has another form
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
        return new PostgresSettings(
                uri.getHost().replaceAll("[\\[\\]]", ""),
                uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort(),
                database.group(1),
                settings.get(POSTGRES_USER),
                settings.get(POSTGRES_PASSWORD));
    }

    /** For {@link ViewSchema#migrate}. */
    public String jdbcUrl() {
        return "jdbc:postgresql://" + hostInUri() + ":" + port + "/" + database;
    }

    /** For the Vert.x client; a new object each time, for the caller to change. */
    public PgConnectOptions connectOptions() {
        return new PgConnectOptions()
                .setHost(host)
                .setPort(port)
                .setDatabase(database)
                .setUser(user)
                .setPassword(password);
    }

    @Override
    public String toString() {
        return "postgresql://" + user + "@" + hostInUri() + ":" + port + "/" + database;
    }

    private String hostInUri() {
        return host.indexOf(':') < 0 ? host : "[" + host + "]";
    }
}
