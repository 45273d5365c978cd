package io.ringledger.model;

import io.ringledger.model.event.AccountOpenedDecoder;
import io.ringledger.model.event.CommandRefusedDecoder;
import io.ringledger.model.event.CreditLimitChangedDecoder;
import io.ringledger.model.event.Flag;
import io.ringledger.model.event.TransactionPostedDecoder;
import io.ringledger.model.event.TransactionType;
import io.ringledger.model.frame.EventHandler;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The balances as a reader of the log sees them who does not have the model: a small projector. */
final class LogFold implements EventHandler {
    /** An account as the log tells it. */
    static final class Row {
        final String id;
        final String currency;
        BigInteger balance = BigInteger.ZERO;
        long creditLimit;

        Row(final String id, final String currency, final long creditLimit) {
            this.id = id;
            this.currency = currency;
            this.creditLimit = creditLimit;
        }
    }

    private final List<Row> rows = new ArrayList<>();
    private final Map<Integer, Integer> refusals = new HashMap<>();
    private long events;

    List<Row> rows() {
        return rows;
    }

    long events() {
        return events;
    }

    /** Refusals by the number of their code. */
    Map<Integer, Integer> refusals() {
        return refusals;
    }

    @Override
    public void onFrameEnd() {}

    @Override
    public void onAccountOpened(
            final long sequence, final long timeMs, final AccountOpenedDecoder event) {
        events++;
        if (event.worldOpened() == Flag.YES) {
            rows.add(new Row("@world", event.currency(), 0));
        }
        event.skipIdempotencyKey();
        final byte[] id = new byte[event.accountIdLength()];
        event.getAccountId(id, 0, id.length);
        rows.add(new Row(
                new String(id, java.nio.charset.StandardCharsets.US_ASCII),
                event.currency(),
                event.creditLimit()));
    }

    @Override
    public void onTransactionPosted(
            final long sequence, final long timeMs, final TransactionPostedDecoder event) {
        events++;
        final BigInteger amount = BigInteger.valueOf(event.amount());
        final BigInteger posting =
                event.transactionType() == TransactionType.CREDIT ? amount : amount.negate();
        final Row account = rows.get(event.accountNumber());
        final Row contra = rows.get(event.contraAccountNumber());
        account.balance = account.balance.add(posting);
        contra.balance = contra.balance.subtract(posting);
    }

    @Override
    public void onCreditLimitChanged(
            final long sequence, final long timeMs, final CreditLimitChangedDecoder event) {
        events++;
        rows.get(event.accountNumber()).creditLimit = event.creditLimit();
    }

    @Override
    public void onCommandRefused(
            final long sequence, final long timeMs, final CommandRefusedDecoder event) {
        events++;
        refusals.merge((int) event.resultCode(), 1, Integer::sum);
    }
}
