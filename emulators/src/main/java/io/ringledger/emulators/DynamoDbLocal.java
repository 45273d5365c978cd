package io.ringledger.emulators;

import ch.qos.logback.classic.Level;

import com.almworks.sqlite4java.SQLite;
import com.amazonaws.services.dynamodbv2.local.server.LocalDynamoDBRequestHandler;
import com.amazonaws.services.dynamodbv2.local.server.LocalDynamoDBServerHandler;

import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.logging.Logger;

/**
 * The DynamoDB API in this process: AWS's DynamoDB Local, in memory, on a free loopback port. All
 * credentials and regions see the same tables. It sends no telemetry: only its request handlers
 * run, on a server of ours.
 *
 * <p>Thread-safe. {@code start} and {@code close} block. Several may run side by side.
 */
public final class DynamoDbLocal implements AutoCloseable {
    private static final String NATIVE_LIBRARY = "libsqlite4java-linux-amd64.so";
    private static final int MAX_THREADS = 32;
    private static final int MIN_THREADS = 4;
    private static final int THREAD_IDLE_TIMEOUT_MS = 60_000;

    /** Held, because java.util.logging forgets the level of a logger that nobody holds. */
    private static final Logger SQLITE_LOG = Logger.getLogger("com.almworks.sqlite4java");

    private final LocalDynamoDBRequestHandler tables;
    private final ThreadGroup threadGroup;
    private final Server server;
    private final int port;

    private DynamoDbLocal(
            final LocalDynamoDBRequestHandler tables,
            final ThreadGroup threadGroup,
            final Server server,
            final int port) {
        this.tables = tables;
        this.threadGroup = threadGroup;
        this.server = server;
        this.port = port;
    }

    /**
     * Starts an empty DynamoDB and returns once it listens.
     *
     * @throws IllegalStateException if it cannot start here; the message says why
     */
    public static DynamoDbLocal start() {
        quietLogs();
        NativeStore.load();
        final LocalDynamoDBRequestHandler tables =
                new LocalDynamoDBRequestHandler(0, true, null, true, false);
        // Its first request makes a pool of threads that are no daemons, one of which sleeps for
        // hours and is not woken by its own shutdown. They join the group of the request's thread.
        final ThreadGroup threadGroup = new ThreadGroup("dynamodb-local");
        final QueuedThreadPool threads = new QueuedThreadPool(
                MAX_THREADS, MIN_THREADS, THREAD_IDLE_TIMEOUT_MS, null, threadGroup);
        threads.setName("dynamodb-local");
        threads.setDaemon(true);
        final Server server = new Server(threads);
        final ServerConnector connector = new ServerConnector(server, 1, 1);
        connector.setHost("127.0.0.1");
        connector.setPort(0);
        server.addConnector(connector);
        server.setHandler(new LocalDynamoDBServerHandler(tables, null));
        server.setStopTimeout(0);
        try {
            server.start();
            return new DynamoDbLocal(tables, threadGroup, server, connector.getLocalPort());
        } catch (final Exception e) {
            tables.shutdown();
            threadGroup.interrupt();
            throw new IllegalStateException("DynamoDB Local did not start: " + e.getMessage(), e);
        }
    }

    /** Where an SDK client finds it, for {@code endpointOverride}. */
    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + port);
    }

    /** Ends it and forgets all tables. May be called more than once. */
    @Override
    public void close() {
        if (server.isStopped()) {
            return;
        }
        try {
            server.stop();
        } catch (final Exception e) {
            throw new IllegalStateException("DynamoDB Local did not stop: " + e.getMessage(), e);
        } finally {
            tables.shutdown();
            threadGroup.interrupt();
        }
    }

    private static void quietLogs() {
        for (final String name : List.of("com.amazonaws", "org.eclipse.jetty")) {
            if (LoggerFactory.getLogger(name) instanceof ch.qos.logback.classic.Logger logger
                    && logger.getLevel() == null) {
                logger.setLevel(Level.ERROR);
            }
        }
        SQLITE_LOG.setLevel(java.util.logging.Level.SEVERE);
    }

    /** The native library, unpacked from this module's jar once a process. */
    private static final class NativeStore {
        private static boolean loaded;

        private NativeStore() {}

        static synchronized void load() {
            if (loaded) {
                return;
            }
            final String system =
                    System.getProperty("os.name") + " " + System.getProperty("os.arch");
            if (!"Linux amd64".equals(system)) {
                throw new IllegalStateException(
                        "DynamoDB Local needs Linux on x86-64, this is " + system);
            }
            try (InputStream library = DynamoDbLocal.class.getResourceAsStream(NATIVE_LIBRARY)) {
                if (library == null) {
                    throw new IllegalStateException(NATIVE_LIBRARY
                            + " is missing beside DynamoDbLocal.class; build again with"
                            + " Maven: mvn -pl emulators -am package");
                }
                final Path folder = Files.createTempDirectory("ringledger-sqlite-");
                final Path file = folder.resolve(NATIVE_LIBRARY);
                Files.copy(library, file);
                // Loaded now, so that the file need not outlive this call, even for a kill -9.
                SQLite.setLibraryPath(folder.toString());
                SQLite.loadLibrary();
                Files.delete(file);
                Files.delete(folder);
            } catch (final IOException e) {
                throw new IllegalStateException(
                        "cannot unpack " + NATIVE_LIBRARY + " to the folder for temporary files: "
                                + e.getMessage(),
                        e);
            } catch (final com.almworks.sqlite4java.SQLiteException e) {
                throw new IllegalStateException(
                        "cannot load " + NATIVE_LIBRARY + ": " + e.getMessage(), e);
            }
            loaded = true;
        }
    }
}
