package io.ringledger.readmodel;

import io.ringledger.readmodel.ViewUnavailableException.Reason;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * The views in Postgres, asked without blocking. May be called from any event loop; every future
 * completes on the caller's, in bounded time; it fails with {@link ViewUnavailableException}.
 *
 * <p>Bounded in three ways: connections and queries that wait for one (the pool refuses more), the
 * time a query may take on the server (statement_timeout), and the time that a caller waits. The
 * last one stands because the client library bounds neither connecting nor an answer: a server that
 * accepts and then says nothing would hold its connections for ever. When nothing at all has come
 * back for {@code silenceTimeoutMs}, the pool and its sockets are given up and a new one begins.
 *
 * <p>Queries are pipelined: a connection carries several, which costs fewer switches between
 * processes than a connection a query. With 64 account queries at once on 2 busy cores (load
 * generator included, median of 5 rounds): 19,600/s over 8 connections of 8, 13,500/s over 16 of
 * one. A slow page holds up what stands behind it on its connection, so that number is bounded.
 */
final class ViewDatabase {
    private static final Logger LOG = LoggerFactory.getLogger(ViewDatabase.class);

    private final Vertx vertx;
    private final ReadModelSettings settings;
    private final AtomicBoolean isFailing = new AtomicBoolean();
    private volatile Generation current;

    // Guarded by this, as is every change of the current generation.
    private boolean isClosed;

    ViewDatabase(final Vertx vertx, final ReadModelSettings settings) {
        this.vertx = vertx;
        this.settings = settings;
        this.current = newGeneration();
    }

    /** The account, or null if there is none. */
    Future<@Nullable AccountView> account(final String accountId, final long timeoutMs) {
        return query(
                ViewQueries.ACCOUNT,
                ViewQueries.accountParameters(accountId),
                timeoutMs,
                rows -> ViewQueries.account(accountId, rows));
    }

    /** A page of entries below a sequence, or null if there is no such account. */
    Future<@Nullable EntriesView> entries(
            final String accountId,
            final long belowSequence,
            final int limit,
            final long timeoutMs) {
        return query(
                ViewQueries.ENTRIES,
                ViewQueries.entriesParameters(accountId, belowSequence, limit),
                timeoutMs,
                rows -> ViewQueries.entries(accountId, limit, rows));
    }

    /** The sequence that each partition's views have reached, by partition. */
    Future<long[]> progress(final long timeoutMs) {
        return query(ViewQueries.PROGRESS, Tuple.tuple(), timeoutMs, ViewQueries::progress);
    }

    /** How many partitions the ledger has; 0 before its first start. */
    Future<Integer> partitions(final long timeoutMs) {
        return query(ViewQueries.PARTITIONS, Tuple.tuple(), timeoutMs, ViewQueries::number);
    }

    /** The version of the schema that the database has; 0 if it has none. */
    Future<Integer> schemaVersion(final long timeoutMs) {
        return query(ViewQueries.SCHEMA_VERSION, Tuple.tuple(), timeoutMs, ViewQueries::number);
    }

    /** Queries that are on a connection, or on one that is being opened. */
    int inUse() {
        return Math.min(current.underWay.get(), settings.maxQueriesUnderWay());
    }

    /** Queries that wait for a connection. */
    int waiting() {
        return Math.max(0, current.underWay.get() - settings.maxQueriesUnderWay());
    }

    /** Gives every connection up; queries under way fail. */
    synchronized Future<Void> close() {
        isClosed = true;
        return current.pool.close();
    }

    private <T extends @Nullable Object> Future<T> query(
            final String sql,
            final Tuple parameters,
            final long timeoutMs,
            final Function<RowSet<Row>, T> read) {
        final Generation generation = current;
        generation.begin();
        return generation
                .pool
                .preparedQuery(sql)
                .execute(parameters)
                .onComplete(answer -> generation.end())
                .timeout(Math.max(1, timeoutMs), TimeUnit.MILLISECONDS)
                .transform(answer -> {
                    if (answer.succeeded()) {
                        recovered();
                        return Future.succeededFuture(read.apply(answer.result()));
                    }
                    return Future.failedFuture(failed(generation, answer.cause()));
                });
    }

    private ViewUnavailableException failed(final Generation generation, final Throwable cause) {
        if (cause instanceof ConnectionPoolTooBusyException) {
            return new ViewUnavailableException(Reason.OVERLOADED, String.valueOf(cause));
        }
        if (cause instanceof TimeoutException
                && generation.silentMs() >= settings.silenceTimeoutMs()) {
            renew(generation);
        }
        if (isFailing.compareAndSet(false, true)) {
            LOG.warn("the views cannot be read; asking again with every query", cause);
        }
        return new ViewUnavailableException(Reason.UNAVAILABLE, String.valueOf(cause));
    }

    private void recovered() {
        // Read first: a write by every query of every event loop would bounce the cache line.
        if (isFailing.get() && isFailing.compareAndSet(true, false)) {
            LOG.info("the views can be read again");
        }
    }

    private synchronized void renew(final Generation silent) {
        if (current != silent || isClosed) {
            return;
        }
        current = newGeneration();
        LOG.warn(
                "Postgres has been silent, its connections are given up: silentMs={}, queries={}",
                silent.silentMs(),
                silent.underWay.get());
        silent.pool.close().onFailure(e -> LOG.debug("closing a silent pool failed", e));
    }

    private Generation newGeneration() {
        final PgConnectOptions connect = settings.postgres()
                .connectOptions()
                .setReconnectAttempts(0)
                .setPipeliningLimit(settings.pipelining())
                .setCachePreparedStatements(true)
                .addProperty("application_name", "ringledger-read-model")
                .addProperty("statement_timeout", Long.toString(settings.statementTimeoutMs()))
                .addProperty("default_transaction_read_only", "on")
                // Short look-ups by key: never worth compiling, nor planning each time again.
                .addProperty("jit", "off")
                .addProperty("plan_cache_mode", "force_generic_plan");
        final PoolOptions pool = new PoolOptions()
                .setName("views")
                .setMaxSize(settings.poolSize())
                .setMaxWaitQueueSize(settings.poolQueueSize())
                // The deadline of each query bounds its wait too; the pool's own would answer the
                // caller and leave the query in the queue without counting it.
                .setConnectionTimeout(0)
                .setIdleTimeout(Math.toIntExact(settings.poolIdleTimeoutMs()))
                .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
                .setPoolCleanerPeriod(1000);
        return new Generation(PgBuilder.client()
                .with(pool)
                .connectingTo(settings.postgres().connecting(vertx, connect))
                .using(vertx)
                .build());
    }

    /** One pool, from its beginning until it falls silent. Safe for use by any thread. */
    private static final class Generation {
        private static final long NONE = 0;

        private final SqlClient pool;
        private final AtomicInteger underWay = new AtomicInteger();
        /** When the first query began that is not followed by any answer; NONE if there is none. */
        private final AtomicLong unansweredSinceNs = new AtomicLong(NONE);

        Generation(final SqlClient pool) {
            this.pool = pool;
        }

        void begin() {
            underWay.incrementAndGet();
            if (unansweredSinceNs.get() == NONE) {
                unansweredSinceNs.compareAndSet(NONE, System.nanoTime() | 1);
            }
        }

        /** Any answer counts, an error too: something is there. */
        void end() {
            underWay.decrementAndGet();
            unansweredSinceNs.set(NONE);
        }

        long silentMs() {
            final long since = unansweredSinceNs.get();
            return since == NONE ? 0 : TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since);
        }
    }
}
