package io.ringledger.torture;

import io.ringledger.model.AccountModel;
import io.ringledger.model.InvariantViolation;
import io.ringledger.model.ModelContext;
import io.ringledger.model.ResultCode;
import io.ringledger.model.event.AccountOpenedDecoder;
import io.ringledger.model.event.CommandRefusedDecoder;
import io.ringledger.model.event.CommandType;
import io.ringledger.model.event.CreditLimitChangedDecoder;
import io.ringledger.model.event.Flag;
import io.ringledger.model.event.TransactionPostedDecoder;
import io.ringledger.model.event.TransactionType;
import io.ringledger.model.frame.EventHandler;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The log of one partition, folded twice: by the production model, whose checks throw, and by a small
 * one of its own, which knows balances, limits and entries. Not thread-safe.
 */
final class PartitionFold {
    private static final long IDEMPOTENCY_WINDOW_MS = ModelContext.DEFAULT_IDEMPOTENCY_WINDOW_MS;

    /** An account of the log. */
    static final class Row {
        final String id;
        final int index;
        long balance;
        long limit;
        long sequence;

        Row(final String id, final long limit, final long sequence) {
            this.id = id;
            this.index = Ask.accountOf(id);
            this.limit = limit;
            this.sequence = sequence;
        }
    }

    private final int partition;
    private final Effects effects;
    private final AccountModel model = new AccountModel(
            new ModelContext(IDEMPOTENCY_WINDOW_MS, 0, 100_000_000, 0, 100_000_000, 1, 2));
    private final List<Row> rows = new ArrayList<>();
    private final Canonical canonical = new Canonical();
    private final Fenced fenced = new Fenced();
    private final Effects.Event event = new Effects.Event();

    // By sequence: what each entry of the views must show; 0 in the first: no entry.
    private long[] entryAmount = new long[1 << 12];
    private long[] entryBalance = new long[1 << 12];
    private int[] entryAccount = new int[1 << 12];
    private long[] worldBalance = new long[1 << 12];
    private int[] worldAccount = new int[1 << 12];
    private long entries;
    private long wrongRefusals;
    private String contradiction = "";

    PartitionFold(final int partition, final Effects effects) {
        this.partition = partition;
        this.effects = effects;
    }

    /** For frames that count. */
    EventHandler canonical() {
        return canonical;
    }

    /** For frames that readers drop. */
    EventHandler fenced() {
        return fenced;
    }

    Effects effects() {
        return effects;
    }

    int partition() {
        return partition;
    }

    /** By account number. */
    List<Row> rows() {
        return rows;
    }

    long entries() {
        return entries;
    }

    /** Refusals that the balance did not ask for. */
    long wrongRefusals() {
        return wrongRefusals;
    }

    /** Whether the views' entry is the log's. */
    boolean isEntry(final long sequence, final int account, final long amount, final long balance) {
        if (sequence >= entryAmount.length) {
            return false;
        }
        final int at = (int) sequence;
        return account == worldAccount[at]
                ? entryAmount[at] == -amount && worldBalance[at] == balance
                : account == entryAccount[at]
                        && entryAmount[at] == amount
                        && entryBalance[at] == balance;
    }

    /** Whether money is conserved and no account has passed its limit. */
    void verify() {
        check(model::verify);
        long sum = 0;
        for (final Row row : rows) {
            sum = Math.addExact(sum, row.balance);
        }
        if (sum != 0) {
            contradict("balances do not sum to zero: partition=" + partition + ", sum=" + sum);
        }
    }

    /** Lets the production model check; once it has failed a check its state means nothing. */
    private void check(final Runnable work) {
        if (contradiction.isEmpty()) {
            try {
                work.run();
            } catch (final InvariantViolation e) {
                contradict(e.getMessage());
            }
        }
    }

    /** The log cannot be what it is. */
    void contradict(final @Nullable String what) {
        if (contradiction.isEmpty()) {
            contradiction = "partition " + partition + ": " + what;
        }
    }

    /** The first contradiction of the log with itself; empty: none. */
    String contradiction() {
        return contradiction;
    }

    private void addEntries(
            final long sequence, final TransactionPostedDecoder decoder, final long posting) {
        if (sequence >= entryAmount.length) {
            final int capacity = Math.toIntExact(Math.max(sequence + 1, entryAmount.length * 2L));
            entryAmount = Arrays.copyOf(entryAmount, capacity);
            entryBalance = Arrays.copyOf(entryBalance, capacity);
            entryAccount = Arrays.copyOf(entryAccount, capacity);
            worldBalance = Arrays.copyOf(worldBalance, capacity);
            worldAccount = Arrays.copyOf(worldAccount, capacity);
        }
        final int at = (int) sequence;
        entryAmount[at] = posting;
        entryAccount[at] = decoder.accountNumber();
        entryBalance[at] = rows.get(decoder.accountNumber()).balance;
        worldAccount[at] = decoder.contraAccountNumber();
        worldBalance[at] = rows.get(decoder.contraAccountNumber()).balance;
        // One for the account, one for the world.
        entries += 2;
    }

    private static String ascii(final byte[] bytes) {
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    /** Keys of the campaign stand in the log as they are: none is hexadecimal or a UUID. */
    private static int number(final byte[] key) {
        return Ask.numberOf(ascii(key));
    }

    private static byte[] keyOf(final TransactionPostedDecoder decoder) {
        final byte[] key = new byte[decoder.idempotencyKeyLength()];
        decoder.getIdempotencyKey(key, 0, key.length);
        return key;
    }

    private static byte[] keyOf(final CreditLimitChangedDecoder decoder) {
        final byte[] key = new byte[decoder.idempotencyKeyLength()];
        decoder.getIdempotencyKey(key, 0, key.length);
        return key;
    }

    private static byte[] keyOf(final CommandRefusedDecoder decoder) {
        final byte[] key = new byte[decoder.idempotencyKeyLength()];
        decoder.getIdempotencyKey(key, 0, key.length);
        return key;
    }

    private static byte[] keyOf(final AccountOpenedDecoder decoder) {
        final byte[] key = new byte[decoder.idempotencyKeyLength()];
        decoder.getIdempotencyKey(key, 0, key.length);
        return key;
    }

    /** Folds. */
    private final class Canonical implements EventHandler {
        @Override
        public void onAccountOpened(
                final long sequence, final long timeMs, final AccountOpenedDecoder decoder) {
            if (decoder.worldOpened() == Flag.YES) {
                rows.add(new Row("@world", 0, sequence));
            }
            final int number = number(keyOf(decoder));
            final byte[] id = new byte[decoder.accountIdLength()];
            decoder.getAccountId(id, 0, id.length);
            final Row row = new Row(ascii(id), decoder.creditLimit(), sequence);
            rows.add(row);
            record(number, sequence, row, Op.OPEN, decoder.creditLimit(), ResultCode.ACCEPTED);
            decoder.sbeRewind();
            check(() -> model.onAccountOpened(sequence, timeMs, decoder));
        }

        @Override
        public void onTransactionPosted(
                final long sequence, final long timeMs, final TransactionPostedDecoder decoder) {
            final boolean isCredit = decoder.transactionType() == TransactionType.CREDIT;
            final Row row = rows.get(decoder.accountNumber());
            final Row world = rows.get(decoder.contraAccountNumber());
            final long posting = isCredit ? decoder.amount() : -decoder.amount();
            row.balance += posting;
            world.balance -= posting;
            row.sequence = sequence;
            world.sequence = sequence;
            addEntries(sequence, decoder, posting);
            record(
                    number(keyOf(decoder)),
                    sequence,
                    row,
                    isCredit ? Op.CREDIT : Op.WITHDRAW,
                    decoder.amount(),
                    ResultCode.ACCEPTED);
            decoder.sbeRewind();
            check(() -> model.onTransactionPosted(sequence, timeMs, decoder));
        }

        @Override
        public void onCreditLimitChanged(
                final long sequence, final long timeMs, final CreditLimitChangedDecoder decoder) {
            final Row row = rows.get(decoder.accountNumber());
            row.limit = decoder.creditLimit();
            row.sequence = sequence;
            record(
                    number(keyOf(decoder)),
                    sequence,
                    row,
                    Op.LIMIT,
                    decoder.creditLimit(),
                    ResultCode.ACCEPTED);
            decoder.sbeRewind();
            check(() -> model.onCreditLimitChanged(sequence, timeMs, decoder));
        }

        @Override
        public void onCommandRefused(
                final long sequence, final long timeMs, final CommandRefusedDecoder decoder) {
            final int number = number(keyOf(decoder));
            final byte[] id = new byte[decoder.accountIdLength()];
            decoder.getAccountId(id, 0, id.length);
            final boolean isKnown = id.length == 0;
            final Row row =
                    isKnown ? rows.get(decoder.accountNumber()) : new Row(ascii(id), 0, sequence);
            final ResultCode code = codeOf(decoder.resultCode());
            final boolean isWrong = (code == ResultCode.INSUFFICIENT_FUNDS
                            && row.balance + row.limit >= decoder.amount())
                    || (code == ResultCode.CREDIT_LIMIT_IN_USE
                            && row.balance + decoder.amount() >= 0)
                    || (code == ResultCode.ACCOUNT_NOT_FOUND && isOpen(row.id));
            if (isWrong) {
                wrongRefusals++;
            }
            record(number, sequence, row, opOf(decoder.commandType()), decoder.amount(), code);
            decoder.sbeRewind();
            check(() -> model.onCommandRefused(sequence, timeMs, decoder));
        }

        @Override
        public void onFrameEnd() {
            check(model::onFrameEnd);
        }

        private boolean isOpen(final String id) {
            return rows.stream().anyMatch(row -> row.id.equals(id));
        }

        private void record(
                final int number,
                final long sequence,
                final Row row,
                final Op op,
                final long amount,
                final ResultCode code) {
            event.account = row.index;
            event.op = op.letter();
            event.amount = amount;
            event.balance = row.balance;
            event.limit = row.limit;
            event.resultCode = code.number();
            effects.add(number, partition, sequence, event);
        }
    }

    private static ResultCode codeOf(final int number) {
        for (final ResultCode code : ResultCode.values()) {
            if (code.number() == number) {
                return code;
            }
        }
        throw new IllegalStateException("no such result code: number=" + number);
    }

    private static Op opOf(final CommandType type) {
        return switch (type) {
            case OPEN_ACCOUNT -> Op.OPEN;
            case CREDIT -> Op.CREDIT;
            case WITHDRAW -> Op.WITHDRAW;
            case SET_CREDIT_LIMIT -> Op.LIMIT;
            default -> throw new IllegalStateException("no such command: type=" + type);
        };
    }

    /** Only remembers whose events they were. */
    private final class Fenced implements EventHandler {
        @Override
        public void onFrameEnd() {}

        @Override
        public void onAccountOpened(
                final long sequence, final long timeMs, final AccountOpenedDecoder decoder) {
            effects.addFenced(number(keyOf(decoder)), sequence);
        }

        @Override
        public void onTransactionPosted(
                final long sequence, final long timeMs, final TransactionPostedDecoder decoder) {
            effects.addFenced(number(keyOf(decoder)), sequence);
        }

        @Override
        public void onCreditLimitChanged(
                final long sequence, final long timeMs, final CreditLimitChangedDecoder decoder) {
            effects.addFenced(number(keyOf(decoder)), sequence);
        }

        @Override
        public void onCommandRefused(
                final long sequence, final long timeMs, final CommandRefusedDecoder decoder) {
            effects.addFenced(number(keyOf(decoder)), sequence);
        }
    }
}
