package io.ringledger.benchmarks.peer;

import io.ringledger.kit.ProblemCode;
import io.ringledger.ledger.http.CommandReply;
import io.ringledger.model.Command;
import io.ringledger.model.CurrencyCode;
import io.ringledger.model.Outcome;
import io.ringledger.model.ResultCode;
import io.ringledger.model.event.CommandType;
import io.vertx.core.AsyncResult;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowIterator;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.Objects;

/**
 * One command's way through Postgres. What is accepted at its first sight, nearly everything, takes
 * one round trip; refusals and retries take one or two more:
 *
 * <pre>
 * move ── a row ──▶ accepted
 *  ├── none ──▶ refuse ── a row ──▶ refused
 *  │              └── none ─────┐
 *  └── unique violation ──▶ recall ── a row ──▶ replayed, or the key was reused
 *                             ├── no id ──▶ move again: the account changed meanwhile
 *                             └── none ──▶ no such account (not recorded)
 * </pre>
 *
 * <p>Used by the event loop that began it, on which the client answers.
 */
final class TableTransaction {
    private static final Logger LOG = LoggerFactory.getLogger(TableTransaction.class);
    private static final String UNIQUE_VIOLATION = "23505";
    private static final int MAX_TRIES = 100;

    private final SqlClient client;
    private final CommandReply reply;
    private final int index;
    private final Runnable ended;
    private final String accountId;
    private final String key;
    private final long amount;
    private final @Nullable String reference;
    private final long timeMs = System.currentTimeMillis();
    private int tries;

    TableTransaction(
            final SqlClient client,
            final Command command,
            final CommandReply reply,
            final int index,
            final Runnable ended) {
        this.client = client;
        this.reply = reply;
        this.index = index;
        this.ended = ended;
        accountId = command.accountId();
        key = command.key();
        amount = signed(command);
        final String text = command.reference();
        reference = text.isEmpty() ? null : text;
    }

    private static long signed(final Command command) {
        if (command.type() == CommandType.CREDIT) {
            return command.amountMinor();
        }
        if (command.type() == CommandType.WITHDRAW) {
            return -command.amountMinor();
        }
        throw new IllegalArgumentException("not of the peer: " + command.type());
    }

    void begin() {
        tries++;
        client.preparedQuery(TableStatements.MOVE).execute(parameters()).onComplete(this::moved);
    }

    private Tuple parameters() {
        return Tuple.of(accountId, key, amount, reference, timeMs);
    }

    private void moved(final AsyncResult<RowSet<Row>> answer) {
        if (answer.failed()) {
            if (isUniqueViolation(answer.cause())) {
                recall();
            } else {
                fail(answer.cause());
            }
            return;
        }
        final RowIterator<Row> rows = answer.result().iterator();
        if (!rows.hasNext()) {
            refuse();
            return;
        }
        final Row row = rows.next();
        final long id = row.getLong(0);
        end(new Outcome()
                .reset(ResultCode.ACCEPTED, timeMs)
                .account(row.getLong(1), 0, row.getLong(2), CurrencyCode.pack(row.getString(3)))
                .recorded(id));
    }

    private void refuse() {
        client.preparedQuery(TableStatements.REFUSE).execute(parameters()).onComplete(answer -> {
            if (answer.failed()) {
                fail(answer.cause());
                return;
            }
            final RowIterator<Row> rows = answer.result().iterator();
            if (rows.hasNext()) {
                final Row row = rows.next();
                end(new Outcome()
                        .reset(refusal(row.getInteger(1)), timeMs)
                        .recorded(row.getLong(0)));
            } else {
                recall();
            }
        });
    }

    private void recall() {
        client.preparedQuery(TableStatements.RECALL)
                .execute(Tuple.of(accountId, key))
                .onComplete(answer -> {
                    if (answer.failed()) {
                        fail(answer.cause());
                        return;
                    }
                    final RowIterator<Row> rows = answer.result().iterator();
                    if (!rows.hasNext()) {
                        end(new Outcome().reset(ResultCode.ACCOUNT_NOT_FOUND, timeMs));
                        return;
                    }
                    final Row row = rows.next();
                    if (row.getLong(0) != null) {
                        end(recalled(row));
                    } else if (tries < MAX_TRIES) {
                        begin();
                    } else {
                        end(ProblemCode.OVERLOADED);
                    }
                });
    }

    private Outcome recalled(final Row row) {
        if (row.getLong(1) != amount || !Objects.equals(row.getString(2), reference)) {
            return new Outcome().reset(ResultCode.IDEMPOTENCY_KEY_REUSED, timeMs);
        }
        return new Outcome()
                .reset(refusal(row.getInteger(4)), row.getLong(3))
                .account(row.getLong(5), 0, row.getLong(6), CurrencyCode.pack(row.getString(7)))
                .replayOf(row.getLong(0));
    }

    /** The number of the code in the table is that in the log. */
    private static ResultCode refusal(final int number) {
        for (final ResultCode code : ResultCode.values()) {
            if (code.number() == number) {
                return code;
            }
        }
        throw new IllegalStateException("no such code: number=" + number);
    }

    private static boolean isUniqueViolation(final Throwable failure) {
        return failure instanceof final PgException e && UNIQUE_VIOLATION.equals(e.getSqlState());
    }

    private void fail(final Throwable failure) {
        LOG.warn("a transaction failed", failure);
        end(ProblemCode.OUTCOME_UNKNOWN);
    }

    private void end(final ProblemCode code) {
        ended.run();
        reply.onFailed(index, code);
    }

    private void end(final Outcome outcome) {
        ended.run();
        reply.onOutcome(index, outcome);
    }
}
