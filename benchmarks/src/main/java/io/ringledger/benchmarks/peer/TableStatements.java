package io.ringledger.benchmarks.peer;

/** The SQL of the peer's commands. Stateless. */
final class TableStatements {
    /**
     * One command as one statement, which is a transaction of its own: one round trip. Parameters:
     * account id, key, signed amount, reference, time. The row of the account is locked by the
     * update; one who waited for it looks at the balance again. No row comes back if the amount
     * does not fit or there is no such account; the unique key refuses what has been decided
     * before, and takes the update back.
     */
    static final String MOVE = """
            WITH moved AS (
                UPDATE peer.accounts SET balance = balance + $3::bigint
                WHERE account_id = $1
                  AND balance + $3::bigint + credit_limit >= 0
                  AND balance + $3::bigint BETWEEN -9007199254740991 AND 9007199254740991
                RETURNING number, balance, credit_limit, currency),
            recorded AS (
                INSERT INTO peer.transactions (account, idempotency_key, amount, reference,
                                               recorded_at_ms, balance, credit_limit)
                SELECT number, $2, $3, $4, $5, balance, credit_limit FROM moved
                RETURNING id)
            SELECT recorded.id, moved.balance, moved.credit_limit, moved.currency
            FROM moved, recorded
            """;

    /**
     * Records a refusal, decided anew by what the account holds now. No row comes back if the amount
     * fits by now, the key is taken or there is no such account. The same parameters.
     */
    static final String REFUSE = """
            INSERT INTO peer.transactions (account, idempotency_key, amount, reference,
                                           recorded_at_ms, balance, credit_limit, refusal)
            SELECT number, $2, $3, $4, $5, balance, credit_limit,
                   CASE WHEN balance + $3::bigint + credit_limit < 0 THEN 3 ELSE 5 END
            FROM peer.accounts
            WHERE account_id = $1
              AND (balance + $3::bigint + credit_limit < 0
                   OR balance + $3::bigint NOT BETWEEN -9007199254740991 AND 9007199254740991)
            ON CONFLICT (account, idempotency_key) DO NOTHING
            RETURNING id, refusal
            """;

    /**
     * What was decided for a key before. Parameters: account id, key. No row: no such account; a row
     * without an id: nothing yet.
     */
    static final String RECALL = """
            SELECT t.id, t.amount, t.reference, t.recorded_at_ms, t.refusal, t.balance,
                   t.credit_limit, a.currency
            FROM peer.accounts a
            LEFT JOIN peer.transactions t ON t.account = a.number AND t.idempotency_key = $2
            WHERE a.account_id = $1
            """;

    private TableStatements() {}
}
