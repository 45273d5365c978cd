package io.ringledger.emulators;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * A real PostgreSQL 18 on a loopback port, with a database {@value #DATABASE}: durable as in
 * production (fsync, synchronous commit, full page writes), in a temporary folder that goes with
 * {@link #close()} or with this process, whichever ends first.
 *
 * <p>Thread-safe. All of start, stop and close block. Several may run side by side.
 */
public final class PostgresLocal implements AutoCloseable {
    /** The one database besides Postgres's own. */
    public static final String DATABASE = "ringledger";

    private static final String HOST = "127.0.0.1";
    private static final String USER = "postgres";
    private static final String PASSWORD = "postgres";
    /**
     * What stays, for the next start of the same user: the unpacked binaries, and a new cluster
     * with an empty database. Making one takes a second on a quiet machine and ten on a busy one;
     * copying one takes a tenth of that.
     */
    private static final Path CACHE = Path.of(
            System.getProperty("java.io.tmpdir"),
            "ringledger-postgres-" + System.getProperty("user.name"));

    private static final Path BINARIES = CACHE.resolve("binaries");
    private static final Path CLUSTERS = CACHE.resolve("clusters");
    private static final String BINARIES_RESOURCE = "/postgres-linux-x86_64.txz";
    private static final Logger LOG = LoggerFactory.getLogger(PostgresLocal.class);
    private static final long STOP_TIMEOUT_S = 30;

    private static final Duration START_TIMEOUT = Duration.ofSeconds(60);

    /** Shorter: where a copy does not start, a new cluster is made. */
    private static final Duration COPY_START_TIMEOUT = Duration.ofSeconds(20);

    private static final int PORT_TRIES = 20;

    /**
     * Below the range from which systems take ports for outgoing connections (from 32768 on Linux):
     * while the server is stopped, a client's own attempt to connect must not get this port.
     */
    private static final int FIRST_PORT = 20_000;

    private static final int PORTS = 12_000;

    private static final Map<String, String> SETTINGS = Map.ofEntries(
            Map.entry("fsync", "on"),
            Map.entry("synchronous_commit", "on"),
            Map.entry("full_page_writes", "on"),
            Map.entry("listen_addresses", HOST),
            Map.entry("unix_socket_directories", ""),
            Map.entry("max_connections", "100"),
            Map.entry("shared_buffers", "256MB"),
            Map.entry("max_wal_size", "4GB"),
            Map.entry("log_min_messages", "fatal"),
            Map.entry("timezone", "UTC"));

    /** Ends the server as a crash would, and removes the folder: {@code $1}. */
    private static final String CLEAN_UP =
            "pid=$(head -n 1 \"$1/data/postmaster.pid\" 2>/dev/null);"
                    + " if [ -n \"$pid\" ]; then kill -QUIT \"$pid\"; n=0;"
                    + " while kill -0 \"$pid\" && [ $n -lt 50 ]; do n=$((n+1)); sleep 0.1; done;"
                    + " kill -KILL \"$pid\"; fi;"
                    + " rm -rf \"$1\"";

    private final Path folder;
    private final Watchdog watchdog;
    private final int port;

    // Guarded by this.
    private @Nullable EmbeddedPostgres server;
    private boolean closed;

    private PostgresLocal(final Path folder, final Watchdog watchdog, final int port) {
        this.folder = folder;
        this.watchdog = watchdog;
        this.port = port;
    }

    /**
     * Starts a new, empty server and returns once it answers.
     *
     * @throws IllegalStateException if it cannot start; the message says why and carries the
     *     server's last words
     */
    public static PostgresLocal start() {
        return start(CLUSTERS, COPY_START_TIMEOUT);
    }

    static PostgresLocal start(final Path clusters, final Duration copyStartTimeout) {
        final PostgresLocal postgres;
        try {
            final int port = freePort();
            final Path folder = Files.createTempDirectory("ringledger-postgres-");
            postgres = new PostgresLocal(folder, Watchdog.start(CLEAN_UP, folder.toString()), port);
        } catch (final IOException e) {
            throw new IllegalStateException("cannot prepare Postgres: " + e.getMessage(), e);
        }
        try {
            final Path cluster = clusters.resolve(clusterName());
            if (!postgres.startOnCopyOf(cluster, copyStartTimeout)) {
                postgres.startServer();
                postgres.createDatabase();
                postgres.publishAs(cluster);
            }
            return postgres;
        } catch (final RuntimeException e) {
            postgres.close();
            throw e;
        }
    }

    /** Always a loopback address. */
    public String host() {
        return HOST;
    }

    /** The same across {@link #stopServer()} and {@link #startServer()}. */
    public int port() {
        return port;
    }

    /** {@link #DATABASE}. */
    public String database() {
        return DATABASE;
    }

    /** A superuser. */
    public String user() {
        return USER;
    }

    /** Any is taken: connections from this machine are trusted. */
    public String password() {
        return PASSWORD;
    }

    /** For the JDBC driver, with user and password. */
    public String jdbcUrl() {
        return jdbcUrl(DATABASE);
    }

    /** Whether the server was started and not stopped. */
    public synchronized boolean isRunning() {
        return server != null;
    }

    /**
     * Stops the server ("fast": open transactions are rolled back, connections are closed) and
     * keeps its data and its port. Does nothing if it is stopped.
     */
    public synchronized void stopServer() {
        final EmbeddedPostgres running = server;
        if (running == null) {
            return;
        }
        server = null;
        final Optional<ProcessHandle> postmaster = postmaster();
        try {
            running.close();
        } catch (final IOException e) {
            throw new IllegalStateException("cannot stop Postgres: port=" + port, e);
        }
        // Embedded Postgres gives up after 5 s, without a word.
        postmaster.ifPresent(PostgresLocal::awaitOrKill);
    }

    /**
     * Starts the server on its data and its port. Does nothing if it runs.
     *
     * @throws IllegalStateException if it cannot start, or after {@link #close()}
     */
    public synchronized void startServer() {
        startServer(START_TIMEOUT);
    }

    private synchronized void startServer(final Duration timeout) {
        if (closed) {
            throw new IllegalStateException("this Postgres is closed: port=" + port);
        }
        if (server != null) {
            return;
        }
        final Path log = folder.resolve("server.log");
        final EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setOverrideWorkingDirectory(BINARIES.toFile())
                .setPort(port)
                .setDataDirectory(data())
                .setCleanDataDirectory(false)
                .setRegisterShutdownHook(false)
                .setPGStartupWait(timeout)
                .setOutputRedirector(ProcessBuilder.Redirect.appendTo(log.toFile()));
        SETTINGS.forEach(builder::setServerConfig);
        try {
            server = builder.start();
        } catch (final IOException | RuntimeException e) {
            // It may have been too slow, and run now.
            postmaster().ifPresent(late -> {
                late.destroyForcibly();
                late.onExit().join();
            });
            throw new IllegalStateException(
                    "Postgres did not start: port=" + port + "; it printed: " + lastWords(log), e);
        }
    }

    /** Ends the server and removes its data. May be called more than once. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        try {
            stopServer();
        } finally {
            closed = true;
            deleteFolder();
            watchdog.close();
        }
    }

    Path folder() {
        return folder;
    }

    private String jdbcUrl(final String database) {
        return "jdbc:postgresql://" + HOST + ":" + port + "/" + database + "?user=" + USER
                + "&password=" + PASSWORD;
    }

    private void createDatabase() {
        try (Connection connection = DriverManager.getConnection(jdbcUrl("postgres"));
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + DATABASE);
        } catch (final SQLException e) {
            throw new IllegalStateException(
                    "cannot create database " + DATABASE + ": " + e.getMessage(), e);
        }
    }

    private static int freePort() throws IOException {
        for (int i = 0; i < PORT_TRIES; i++) {
            final int port = FIRST_PORT + ThreadLocalRandom.current().nextInt(PORTS);
            try (ServerSocket socket = new ServerSocket()) {
                socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                return port;
            } catch (final IOException e) {
                // Taken: try another one.
            }
        }
        throw new IOException(
                "found no free port in " + FIRST_PORT + " to " + (FIRST_PORT + PORTS - 1));
    }

    private static String lastWords(final Path log) {
        try {
            final String text = Files.readString(log);
            return text.substring(Math.max(0, text.length() - 4_000));
        } catch (final IOException e) {
            return "nothing";
        }
    }

    /** Whether it runs now, on a copy of a cluster that an earlier start left. */
    private boolean startOnCopyOf(final Path cluster, final Duration timeout) {
        if (!Files.isDirectory(cluster)) {
            return false;
        }
        try {
            Folders.copy(cluster, data());
            startServer(timeout);
            return true;
        } catch (final IOException | IllegalStateException e) {
            LOG.warn("cannot use {}, making a new one: {}", cluster, e.getMessage());
            stopServer();
            try {
                Folders.delete(data());
                Folders.delete(cluster);
            } catch (final IOException notDeleted) {
                throw new IllegalStateException(
                        "cannot remove " + cluster + "; remove it by hand", notDeleted);
            }
            return false;
        }
    }

    /** Leaves a copy of this new cluster for later starts. It is there whole or not at all. */
    private void publishAs(final Path cluster) {
        final Path copy = folder.resolve("copy");
        try {
            stopServer();
            Folders.copy(data(), copy);
            Folders.force(copy);
            Files.createDirectories(cluster.getParent());
            Files.move(copy, cluster, StandardCopyOption.ATOMIC_MOVE);
        } catch (final IOException e) {
            // Another process was first, or there is no room: we do not need it.
            LOG.debug("did not leave {}: {}", cluster, e.toString());
        }
        startServer();
    }

    /** One for each version of the binaries: the name of the jar that they come from. */
    private static String clusterName() {
        final URL resource = EmbeddedPostgres.class.getResource(BINARIES_RESOURCE);
        if (resource == null) {
            throw new IllegalStateException(
                    "no Postgres for this system on the class path: " + BINARIES_RESOURCE);
        }
        final String jar = resource.getPath().replaceFirst("!.*", "");
        return jar.substring(jar.lastIndexOf('/') + 1) + "-1";
    }

    private Path data() {
        return folder.resolve("data");
    }

    private Optional<ProcessHandle> postmaster() {
        try (Stream<String> lines = Files.lines(data().resolve("postmaster.pid"))) {
            return lines.findFirst()
                    .flatMap(line -> ProcessHandle.of(Long.parseLong(line.trim())))
                    .filter(PostgresLocal::isPostgres);
        } catch (final IOException e) {
            return Optional.empty();
        }
    }

    /** Whether it is not some other process that has the number of a dead one now. */
    private static boolean isPostgres(final ProcessHandle process) {
        return process.info()
                .command()
                .filter(command -> command.endsWith("postgres"))
                .isPresent();
    }

    private static void awaitOrKill(final ProcessHandle postmaster) {
        try {
            postmaster.onExit().get(STOP_TIMEOUT_S, TimeUnit.SECONDS);
        } catch (final TimeoutException | ExecutionException e) {
            LOG.warn(
                    "killing Postgres: pid={} runs {} s after its stop",
                    postmaster.pid(),
                    STOP_TIMEOUT_S);
            postmaster.destroyForcibly();
            postmaster.onExit().join();
        } catch (final InterruptedException e) {
            postmaster.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private void deleteFolder() {
        try {
            Folders.delete(folder);
        } catch (final IOException e) {
            throw new IllegalStateException("cannot remove " + folder + ": " + e.getMessage(), e);
        }
    }
}
