package io.ringledger.consumer;

import io.ringledger.readmodel.PostgresSettings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgConnection;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnectOptions;
import io.vertx.sqlclient.Tuple;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * The views in Postgres, over one connection that is held and made anew after any failure. Used by
 * one thread, which it blocks: a thread of KCL, never an event loop.
 */
public final class PgViewStore implements ViewStore, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PgViewStore.class);
    private static final long CLOSE_TIMEOUT_MS = 500;

    private final Vertx vertx;
    private final PgConnectOptions options;
    private final Supplier<Future<SqlConnectOptions>> connecting;
    private final long timeoutMs;
    private @Nullable PgConnection connection;

    /**
     * Connects at the first use.
     *
     * @param postgres where it is, and as whom to connect
     * @param timeoutMs bounds each wait: for the connection, and for a statement
     */
    public PgViewStore(final Vertx vertx, final PostgresSettings postgres, final long timeoutMs) {
        this.vertx = vertx;
        this.options = postgres.connectOptions().setCachePreparedStatements(true);
        this.options.addProperty("application_name", "ringledger-projector");
        ViewStatements.PLANNER.forEach(this.options::addProperty);
        // A statement that nobody waits for any more must not go on and pile up in the server.
        this.options.addProperty("statement_timeout", Long.toString(timeoutMs));
        this.timeoutMs = timeoutMs;
        connecting = postgres.connecting(vertx, options);
    }

    @Override
    public PartitionView load(final int partition) {
        final RowSet<Row> rows = execute(
                ViewStatements.LOAD, Tuple.of((short) partition), "load partition " + partition);
        Progress progress = null;
        final Map<Integer, Long> systemBalances = new HashMap<>();
        for (final Row row : rows) {
            progress = new Progress(
                    partition,
                    row.getLong(0),
                    row.getLong(1),
                    row.getLong(2),
                    row.getLong(3),
                    row.getBuffer(4).getBytes());
            final Integer accountNumber = row.getInteger(5);
            if (accountNumber != null) {
                systemBalances.put(accountNumber, row.getLong(6));
            }
        }
        if (progress == null) {
            throw new ContradictionException(
                    HaltReason.WRONG_PARTITION,
                    "the views have no progress row for the partition: partition=" + partition);
        }
        return new PartitionView(progress, systemBalances);
    }

    @Override
    public boolean commit(final ViewBatch batch) {
        final String what = "commit frames " + (batch.from().progress().frame() + 1) + " to "
                + batch.to().frame() + " of partition " + batch.to().partition();
        final RowSet<Row> rows =
                execute(ViewStatements.COMMIT, ViewStatements.commitParameters(batch), what);
        return rows.iterator().next().getLong(0) == 1;
    }

    private RowSet<Row> execute(final String sql, final Tuple parameters, final String what) {
        final PgConnection held = connected();
        try {
            return await(held.preparedQuery(sql).execute(parameters));
        } catch (final ExecutionException e) {
            if (e.getCause() instanceof final PgException refused && isContradiction(refused)) {
                throw new ContradictionException(
                        HaltReason.VIEW_DISAGREES,
                        "Postgres refused to " + what + ": " + refused.getMessage(),
                        refused);
            }
            drop();
            throw new ViewUnavailableException("cannot " + what + ": " + e.getCause(), e);
        } catch (final TimeoutException e) {
            drop();
            throw new ViewUnavailableException(
                    "cannot " + what + ": no answer in " + timeoutMs + " ms", e);
        }
    }

    /** Classes 22 (data) and 23 (integrity): the data itself is refused, now and at every retry. */
    private static boolean isContradiction(final PgException e) {
        final String state = e.getSqlState();
        return state != null && (state.startsWith("22") || state.startsWith("23"));
    }

    private PgConnection connected() {
        final PgConnection held = connection;
        if (held != null) {
            return held;
        }
        final String where =
                options.getHost() + ":" + options.getPort() + "/" + options.getDatabase();
        try {
            final Future<PgConnection> making = connecting
                    .get()
                    .compose(now -> PgConnection.connect(vertx, PgConnectOptions.wrap(now)));
            try {
                final PgConnection made = await(making);
                // Between two statements nobody awaits it: the next statement finds out.
                made.exceptionHandler(
                        e -> LOG.info("connection to {} broke: {}", where, e.toString()));
                connection = made;
                return made;
            } catch (final TimeoutException e) {
                making.onSuccess(PgConnection::close);
                throw e;
            }
        } catch (final ExecutionException e) {
            throw new ViewUnavailableException(
                    "cannot connect to Postgres at " + where + ": " + e.getCause(), e);
        } catch (final TimeoutException e) {
            throw new ViewUnavailableException(
                    "cannot connect to Postgres at " + where + ": no answer in " + timeoutMs
                            + " ms",
                    e);
        }
    }

    private <T> T await(final Future<T> future) throws ExecutionException, TimeoutException {
        try {
            return future.toCompletionStage()
                    .toCompletableFuture()
                    .get(timeoutMs, TimeUnit.MILLISECONDS);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            drop();
            throw new ViewUnavailableException("interrupted while waiting for Postgres", e);
        }
    }

    private void drop() {
        final PgConnection held = connection;
        connection = null;
        if (held != null) {
            held.close().onFailure(e -> LOG.debug("closing a broken connection failed", e));
        }
    }

    /** Closes the connection; a later call makes a new one. */
    @Override
    public void close() {
        final PgConnection held = connection;
        connection = null;
        if (held == null) {
            return;
        }
        try {
            held.close()
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(CLOSE_TIMEOUT_MS, TimeUnit.MILLISECONDS);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (final ExecutionException | TimeoutException e) {
            LOG.debug("closing the connection failed", e);
        }
    }
}
