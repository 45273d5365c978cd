package io.ringledger.benchmarks.peer;

import io.ringledger.kit.ProblemCode;
import io.ringledger.ledger.http.CommandIngress;
import io.ringledger.ledger.http.CommandReply;
import io.ringledger.model.Command;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.SqlClient;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Commands become transactions of Postgres, one each, where the ledger has its rings: behind the same
 * HTTP handler, so that requests are read, checked and answered by the same code. It knows credits
 * and withdrawals; accounts are opened by {@link TableSchema}. Thread-safe.
 */
public final class TableLedger implements CommandIngress {
    private final SqlClient client;
    private final int maxInFlight;
    private final AtomicInteger inFlight = new AtomicInteger();

    /** Connects at the first command. */
    public TableLedger(
            final Vertx vertx, final PgConnectOptions postgres, final TableOptions options) {
        maxInFlight = options.maxInFlight();
        final PgConnectOptions connect = new PgConnectOptions(postgres)
                .setReconnectAttempts(0)
                .setCachePreparedStatements(true)
                .setPipeliningLimit(options.pipelining())
                .addProperty("application_name", "ringledger-peer")
                .addProperty("jit", "off")
                // Planned once: each statement has one way to go.
                .addProperty("plan_cache_mode", "force_generic_plan");
        final PoolOptions pool = new PoolOptions()
                .setName("peer")
                .setMaxSize(options.connections())
                .setMaxWaitQueueSize(options.maxInFlight())
                .setConnectionTimeout(0)
                .setIdleTimeout(0);
        client =
                PgBuilder.client().with(pool).connectingTo(connect).using(vertx).build();
    }

    @Override
    public String ledger() {
        return "peer";
    }

    @Override
    public int partitions() {
        return 1;
    }

    /**
     * Begins the transaction of a command.
     *
     * @throws IllegalArgumentException if it is neither a credit nor a withdrawal
     */
    @Override
    public boolean tryPublish(
            final int partition, final Command command, final CommandReply reply, final int index) {
        if (inFlight.get() >= maxInFlight) {
            return false;
        }
        final TableTransaction transaction =
                new TableTransaction(client, command, reply, index, inFlight::decrementAndGet);
        inFlight.incrementAndGet();
        transaction.begin();
        return true;
    }

    /** Its transaction has begun. */
    @Override
    public void wakeUp(final int partition) {}

    @Override
    public @Nullable String ownerAddress(final int partition) {
        return null;
    }

    @Override
    public @Nullable ProblemCode closedBecause(final int partition) {
        return null;
    }

    /** Gives the connections up. */
    public Future<Void> close() {
        return client.close();
    }
}
