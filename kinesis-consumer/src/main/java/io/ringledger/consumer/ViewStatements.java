package io.ringledger.consumer;

import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Tuple;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntFunction;

/**
 * The SQL of the projector: one statement to load where a partition's views stand, one to move them.
 */
final class ViewStatements {
    /**
     * Parameters: partition. The range of ids is that of the system accounts, which begin with '@':
     * it uses the index of the ids, while a search by partition would read every account.
     */
    static final String LOAD = """
            SELECT p.frame, p.sequence, p.epoch, p.recorded_at_ms, p.frame_hash,
                   s.account_number, s.balance
            FROM ledger_view.progress p
            LEFT JOIN ledger_view.accounts s
                   ON s.account_id >= '@' AND s.account_id < 'A'
                  AND s.partition = p.partition AND s.system_account
            WHERE p.partition = $1
            """;

    /**
     * The compare-and-set of the progress row gates everything else: where it misses, {@code cas} is
     * empty and so is every join with it. All parts see the snapshot from before the statement, so an
     * account that is opened and then changed in one batch is folded into its opening.
     *
     * <p>The entries come in the order of their primary key: neighbours in the index are inserted one
     * after another, which took 10 to 26 % of Postgres's work off.
     *
     * <p>An update counts only where the balance moves by the batch's own postings on it. Where an
     * account is missing or disagrees, the count is short and the last line fails on purpose, with
     * the counts in its message (SQLSTATE 22P02), which takes the whole statement back.
     */
    static final String COMMIT = """
            WITH cas AS (
                UPDATE ledger_view.progress
                SET frame = $3, sequence = $4, epoch = $5, recorded_at_ms = $6, frame_hash = $7
                WHERE partition = $1 AND frame = $2 AND epoch <= $5
                RETURNING partition),
            new_entries AS (
                INSERT INTO ledger_view.entries (partition, account_number, sequence, type, amount,
                                                 balance, reference, recorded_at_ms)
                SELECT cas.partition, e.account_number, e.sequence, e.type, e.amount, e.balance,
                       e.reference, e.recorded_at_ms
                FROM cas, unnest($8::int[], $9::bigint[], $10::smallint[], $11::bigint[],
                                 $12::bigint[], $13::text[], $14::bigint[])
                     AS e(account_number, sequence, type, amount, balance, reference,
                          recorded_at_ms)),
            new_accounts AS (
                INSERT INTO ledger_view.accounts (partition, account_number, account_id, currency,
                        system_account, balance, held, credit_limit, status, sequence,
                        recorded_at_ms)
                SELECT cas.partition, o.account_number, o.account_id, o.currency,
                       o.system_account, o.balance, 0, o.credit_limit, 'open', o.sequence,
                       o.recorded_at_ms
                FROM cas, unnest($15::int[], $16::text[], $17::text[], $18::boolean[],
                                 $19::bigint[], $20::bigint[], $21::bigint[], $22::bigint[])
                     AS o(account_number, account_id, currency, system_account, balance,
                          credit_limit, sequence, recorded_at_ms)),
            touched AS MATERIALIZED (
                SELECT cas.partition, t.*
                FROM cas, unnest($23::int[], $24::bigint[], $25::bigint[], $26::bigint[],
                                 $27::bigint[], $28::bigint[])
                     AS t(account_number, balance, balance_delta, credit_limit, sequence,
                          recorded_at_ms)),
            changed AS (
                UPDATE ledger_view.accounts a
                SET balance = coalesce(t.balance, a.balance),
                    credit_limit = coalesce(t.credit_limit, a.credit_limit),
                    sequence = t.sequence, recorded_at_ms = t.recorded_at_ms
                FROM touched t
                WHERE a.partition = t.partition AND a.account_number = t.account_number
                  AND a.balance + t.balance_delta = coalesce(t.balance, a.balance)
                  AND a.sequence < t.sequence
                RETURNING 1)
            SELECT hits, CASE WHEN hits = 1 AND rows <> cardinality($23)
                   THEN ('accounts that agree with the batch: ' || rows || ' of '
                         || cardinality($23))::int END
            FROM (SELECT (SELECT count(*) FROM cas) AS hits,
                         (SELECT count(*) FROM changed) AS rows) AS counts
            """;

    /**
     * Settings of the connection. There is one right plan: walk the arrays, look each account up by
     * its primary key. Left to statistics, which lag behind a table that grows, the planner now and
     * then reads all accounts of the partition instead, for every batch.
     */
    static final Map<String, String> PLANNER = Map.of(
            "plan_cache_mode", "force_generic_plan",
            "enable_seqscan", "off",
            "enable_bitmapscan", "off",
            "enable_hashjoin", "off",
            "enable_mergejoin", "off");

    private ViewStatements() {}

    /** The parameters of {@link #COMMIT}. */
    static Tuple commitParameters(final ViewBatch batch) {
        final Progress to = batch.to();
        final Tuple parameters = Tuple.tuple()
                .addShort((short) to.partition())
                .addLong(batch.from().progress().frame())
                .addLong(to.frame())
                .addLong(to.sequence())
                .addLong(to.epoch())
                .addLong(to.recordedAtMs())
                .addBuffer(Buffer.buffer(to.frameHash()));
        addEntries(parameters, batch.posted());
        final List<AccountChange> accounts = batch.accounts();
        addOpened(parameters, accounts.stream().filter(AccountChange::isOpened).toList());
        addChanged(parameters, accounts.stream().filter(a -> !a.isOpened()).toList());
        return parameters;
    }

    private static void addEntries(final Tuple parameters, final List<ViewBatch.Posted> posted) {
        final long[] order = inOrderOfAccounts(posted);
        final int rows = order.length;
        final Integer[] accountNumbers = new Integer[rows];
        final Long[] sequences = new Long[rows];
        final Short[] types = new Short[rows];
        final Long[] amounts = new Long[rows];
        final Long[] balances = new Long[rows];
        final String[] references = new String[rows];
        final Long[] recordedAtMs = new Long[rows];
        for (int row = 0; row < rows; row++) {
            final int posting = (int) order[row];
            final ViewBatch.Posted transaction = posted.get(posting >> 1);
            final boolean isContra = (posting & 1) == 1;
            accountNumbers[row] =
                    isContra ? transaction.contraAccountNumber() : transaction.accountNumber();
            sequences[row] = transaction.sequence();
            types[row] = transaction.type();
            amounts[row] = isContra ? -transaction.amount() : transaction.amount();
            balances[row] = isContra ? transaction.contraBalance() : transaction.balance();
            references[row] = transaction.reference();
            recordedAtMs[row] = transaction.recordedAtMs();
        }
        parameters
                .addArrayOfInteger(accountNumbers)
                .addArrayOfLong(sequences)
                .addArrayOfShort(types)
                .addArrayOfLong(amounts)
                .addArrayOfLong(balances)
                .addArrayOfString(references)
                .addArrayOfLong(recordedAtMs);
    }

    /**
     * Both postings of every transaction, the account's and the contra account's, by account and
     * sequence: the account number above, twice the index of the transaction below, plus one for the
     * contra account. Transactions come in the order of their sequences.
     */
    private static long[] inOrderOfAccounts(final List<ViewBatch.Posted> posted) {
        final long[] order = new long[2 * posted.size()];
        for (int i = 0; i < posted.size(); i++) {
            final ViewBatch.Posted transaction = posted.get(i);
            final int posting = 2 * i;
            order[posting] = ((long) transaction.accountNumber() << Integer.SIZE) | posting;
            order[posting + 1] =
                    ((long) transaction.contraAccountNumber() << Integer.SIZE) | (posting + 1);
        }
        Arrays.sort(order);
        return order;
    }

    private static void addOpened(final Tuple parameters, final List<AccountChange> opened) {
        parameters
                .addArrayOfInteger(column(opened, AccountChange::accountNumber, Integer[]::new))
                .addArrayOfString(column(opened, AccountChange::accountId, String[]::new))
                .addArrayOfString(column(opened, AccountChange::currency, String[]::new))
                .addArrayOfBoolean(column(opened, AccountChange::isSystemAccount, Boolean[]::new))
                .addArrayOfLong(column(opened, AccountChange::balanceOrNull, Long[]::new))
                .addArrayOfLong(column(opened, AccountChange::creditLimitOrNull, Long[]::new))
                .addArrayOfLong(column(opened, AccountChange::sequence, Long[]::new))
                .addArrayOfLong(column(opened, AccountChange::recordedAtMs, Long[]::new));
    }

    private static void addChanged(final Tuple parameters, final List<AccountChange> changed) {
        parameters
                .addArrayOfInteger(column(changed, AccountChange::accountNumber, Integer[]::new))
                .addArrayOfLong(column(changed, AccountChange::balanceOrNull, Long[]::new))
                .addArrayOfLong(column(changed, AccountChange::balanceDelta, Long[]::new))
                .addArrayOfLong(column(changed, AccountChange::creditLimitOrNull, Long[]::new))
                .addArrayOfLong(column(changed, AccountChange::sequence, Long[]::new))
                .addArrayOfLong(column(changed, AccountChange::recordedAtMs, Long[]::new));
    }

    private static <T extends @Nullable Object> T[] column(
            final List<AccountChange> changes,
            final Function<AccountChange, T> value,
            final IntFunction<T[]> array) {
        final T[] column = array.apply(changes.size());
        for (int i = 0; i < column.length; i++) {
            column[i] = value.apply(changes.get(i));
        }
        return column;
    }
}
