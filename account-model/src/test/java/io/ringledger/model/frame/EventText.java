package io.ringledger.model.frame;

import io.ringledger.model.event.AccountOpenedDecoder;
import io.ringledger.model.event.CommandRefusedDecoder;
import io.ringledger.model.event.CreditLimitChangedDecoder;
import io.ringledger.model.event.Flag;
import io.ringledger.model.event.KeyFormat;
import io.ringledger.model.event.TransactionPostedDecoder;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Events as lines that a person can read and that hold every member. */
class EventText implements EventHandler {
    private static final HexFormat HEX = HexFormat.of();

    private final List<String> lines = new ArrayList<>();

    List<String> lines() {
        return lines;
    }

    @Override
    public void onFrameEnd() {}

    @Override
    public void onAccountOpened(
            final long sequence, final long timeMs, final AccountOpenedDecoder event) {
        final String line = sequence + " " + timeMs + " AccountOpened account="
                + event.accountNumber() + " world=" + event.worldAccountNumber()
                + (event.worldOpened() == Flag.YES ? " opened" : " there") + " currency="
                + event.currency() + " creditLimit=" + event.creditLimit();
        final String trace = trace(event.traceIdHigh(), event.traceIdLow(), event.spanId());
        final KeyFormat format = event.keyFormat();
        final byte[] key = new byte[event.idempotencyKeyLength()];
        event.getIdempotencyKey(key, 0, key.length);
        final byte[] id = new byte[event.accountIdLength()];
        event.getAccountId(id, 0, id.length);
        lines.add(line + trace + key(format, key) + " id=" + ascii(id));
    }

    @Override
    public void onTransactionPosted(
            final long sequence, final long timeMs, final TransactionPostedDecoder event) {
        final String line = sequence + " " + timeMs + " TransactionPosted account="
                + event.accountNumber() + " contra=" + event.contraAccountNumber() + " type="
                + event.transactionType() + " amount=" + event.amount() + " balance="
                + event.balance();
        final String trace = trace(event.traceIdHigh(), event.traceIdLow(), event.spanId());
        final KeyFormat format = event.keyFormat();
        final byte[] key = new byte[event.idempotencyKeyLength()];
        event.getIdempotencyKey(key, 0, key.length);
        final byte[] reference = new byte[event.referenceLength()];
        event.getReference(reference, 0, reference.length);
        lines.add(line + trace + key(format, key) + " reference=" + utf8(reference));
    }

    @Override
    public void onCreditLimitChanged(
            final long sequence, final long timeMs, final CreditLimitChangedDecoder event) {
        final String line = sequence + " " + timeMs + " CreditLimitChanged account="
                + event.accountNumber() + " creditLimit=" + event.creditLimit();
        final String trace = trace(event.traceIdHigh(), event.traceIdLow(), event.spanId());
        final KeyFormat format = event.keyFormat();
        final byte[] key = new byte[event.idempotencyKeyLength()];
        event.getIdempotencyKey(key, 0, key.length);
        lines.add(line + trace + key(format, key));
    }

    @Override
    public void onCommandRefused(
            final long sequence, final long timeMs, final CommandRefusedDecoder event) {
        final String line = sequence + " " + timeMs + " CommandRefused account="
                + event.accountNumber() + " command=" + event.commandType() + " code="
                + event.resultCode() + " currency=" + event.currency() + " amount="
                + event.amount();
        final String trace = trace(event.traceIdHigh(), event.traceIdLow(), event.spanId());
        final KeyFormat format = event.keyFormat();
        final byte[] key = new byte[event.idempotencyKeyLength()];
        event.getIdempotencyKey(key, 0, key.length);
        final byte[] id = new byte[event.accountIdLength()];
        event.getAccountId(id, 0, id.length);
        final byte[] reference = new byte[event.referenceLength()];
        event.getReference(reference, 0, reference.length);
        lines.add(line + trace + key(format, key) + " id=" + ascii(id) + " reference="
                + utf8(reference));
    }

    /** Nothing where there is none: the listings of version 0 know no traces. */
    private static String trace(final long high, final long low, final long spanId) {
        return spanId == 0
                ? ""
                : " trace=" + HEX.toHexDigits(high) + HEX.toHexDigits(low) + " span="
                        + HEX.toHexDigits(spanId);
    }

    private static String key(final KeyFormat format, final byte[] key) {
        return " key=" + format + ':'
                + (format == KeyFormat.TEXT ? ascii(key) : HexFormat.of().formatHex(key));
    }

    private static String ascii(final byte[] bytes) {
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    private static String utf8(final byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
