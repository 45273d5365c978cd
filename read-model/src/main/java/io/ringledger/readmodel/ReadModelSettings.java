package io.ringledger.readmodel;

import io.ringledger.kit.Setting;
import io.ringledger.kit.Settings;

import java.util.ArrayList;
import java.util.List;

/**
 * What bounds the query side. Immutable.
 *
 * @param postgres where the views are
 * @param poolSize connections to Postgres
 * @param pipelining queries that a connection carries at once
 * @param poolQueueSize queries that wait for a connection
 * @param poolIdleTimeoutMs after which an unused connection closes
 * @param statementTimeoutMs how long Postgres works on a query
 * @param queryTimeoutMs how long a request waits for its answer, waiting for a position aside
 * @param silenceTimeoutMs after which a Postgres that says nothing gets new connections
 * @param afterTimeoutMs how long a read waits for the position that it asked for
 * @param afterPollIntervalMs between two looks at the progress, while reads wait
 * @param maxAfterWaiters reads that wait at once
 */
public record ReadModelSettings(
        PostgresSettings postgres,
        int poolSize,
        int pipelining,
        int poolQueueSize,
        long poolIdleTimeoutMs,
        long statementTimeoutMs,
        long queryTimeoutMs,
        long silenceTimeoutMs,
        long afterTimeoutMs,
        long afterPollIntervalMs,
        int maxAfterWaiters) {

    private static final Setting<Integer> POOL_SIZE = Setting.ofInt(
            "RINGLEDGER_QUERY_POOL_SIZE", 8, "connections", 1, 1000, "connections to Postgres");
    private static final Setting<Integer> PIPELINING = Setting.ofInt(
            "RINGLEDGER_QUERY_PIPELINING",
            8,
            "queries",
            1,
            256,
            "queries that a connection carries at once");
    private static final Setting<Integer> POOL_QUEUE_SIZE = Setting.ofInt(
            "RINGLEDGER_QUERY_POOL_QUEUE_SIZE",
            2048,
            "queries",
            1,
            1_000_000,
            "queries that wait for a connection; beyond, 503 overloaded");
    private static final Setting<Long> POOL_IDLE_TIMEOUT_MS = Setting.ofLong(
            "RINGLEDGER_QUERY_POOL_IDLE_TIMEOUT_MS",
            60_000,
            "ms",
            1000,
            86_400_000,
            "an unused connection to Postgres is closed after it");
    private static final Setting<Long> STATEMENT_TIMEOUT_MS = Setting.ofLong(
            "RINGLEDGER_QUERY_STATEMENT_TIMEOUT_MS",
            1500,
            "ms",
            1,
            60_000,
            "how long Postgres works on a query");
    private static final Setting<Long> QUERY_TIMEOUT_MS = Setting.ofLong(
            "RINGLEDGER_QUERY_TIMEOUT_MS",
            2000,
            "ms",
            1,
            60_000,
            "how long a request waits for its answer; beyond, 503 view_unavailable");
    private static final Setting<Long> SILENCE_TIMEOUT_MS = Setting.ofLong(
            "RINGLEDGER_QUERY_SILENCE_TIMEOUT_MS",
            5000,
            "ms",
            1,
            600_000,
            "a Postgres that answers nothing for so long gets new connections");
    private static final Setting<Long> AFTER_TIMEOUT_MS = Setting.ofLong(
            "RINGLEDGER_AFTER_TIMEOUT_MS",
            2000,
            "ms",
            1,
            60_000,
            "how long a read waits for the position of after=; beyond, 503 view_behind");
    private static final Setting<Long> AFTER_POLL_INTERVAL_MS = Setting.ofLong(
            "RINGLEDGER_AFTER_POLL_INTERVAL_MS",
            10,
            "ms",
            1,
            1000,
            "between two looks at the views' progress, while reads wait for a position");
    private static final Setting<Integer> MAX_AFTER_WAITERS = Setting.ofInt(
            "RINGLEDGER_AFTER_MAX_WAITERS",
            1024,
            "reads",
            1,
            1_000_000,
            "reads that wait for a position at once; beyond, 503 view_behind");

    /** How many queries are on a connection at most; further ones wait. */
    int maxQueriesUnderWay() {
        return poolSize * pipelining;
    }

    /** The declarations of everything here, the database's address included. */
    public static List<Setting<?>> declarations() {
        final List<Setting<?>> all = new ArrayList<>(PostgresSettings.declarations());
        all.addAll(List.of(
                POOL_SIZE,
                PIPELINING,
                POOL_QUEUE_SIZE,
                POOL_IDLE_TIMEOUT_MS,
                STATEMENT_TIMEOUT_MS,
                QUERY_TIMEOUT_MS,
                SILENCE_TIMEOUT_MS,
                AFTER_TIMEOUT_MS,
                AFTER_POLL_INTERVAL_MS,
                MAX_AFTER_WAITERS));
        return List.copyOf(all);
    }

    /** The values that were read. */
    public static ReadModelSettings from(final Settings settings) {
        return new ReadModelSettings(
                PostgresSettings.from(settings),
                settings.get(POOL_SIZE),
                settings.get(PIPELINING),
                settings.get(POOL_QUEUE_SIZE),
                settings.get(POOL_IDLE_TIMEOUT_MS),
                settings.get(STATEMENT_TIMEOUT_MS),
                settings.get(QUERY_TIMEOUT_MS),
                settings.get(SILENCE_TIMEOUT_MS),
                settings.get(AFTER_TIMEOUT_MS),
                settings.get(AFTER_POLL_INTERVAL_MS),
                settings.get(MAX_AFTER_WAITERS));
    }
}
