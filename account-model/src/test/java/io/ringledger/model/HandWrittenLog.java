package io.ringledger.model;

import io.ringledger.model.event.AccountOpenedEncoder;
import io.ringledger.model.event.CommandRefusedEncoder;
import io.ringledger.model.event.CommandType;
import io.ringledger.model.event.CreditLimitChangedEncoder;
import io.ringledger.model.event.Flag;
import io.ringledger.model.event.KeyFormat;
import io.ringledger.model.event.MessageHeaderEncoder;
import io.ringledger.model.event.TransactionPostedEncoder;
import io.ringledger.model.event.TransactionType;
import io.ringledger.model.frame.EventBatch;
import io.ringledger.model.frame.EventHandler;
import io.ringledger.model.frame.FrameEncoder;
import io.ringledger.model.frame.FrameFormat;
import io.ringledger.model.frame.FrameReader;

import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Events written by hand, into frames whose checksums hold: what a faulty or hostile writer could
 * put into the log. Each event is valid by default; the argument changes its fixed fields.
 */
public final class HandWrittenLog {
    public static final long TIME = 1_700_000_000_000L;

    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final AccountOpenedEncoder opened = new AccountOpenedEncoder();
    private final TransactionPostedEncoder posted = new TransactionPostedEncoder();
    private final CreditLimitChangedEncoder changed = new CreditLimitChangedEncoder();
    private final CommandRefusedEncoder refused = new CommandRefusedEncoder();
    private final EventBatch batch = new EventBatch(1 << 20);
    private long sequence;
    private long timeMs = TIME;

    /** The next event gets the sequence after this one. */
    public HandWrittenLog after(final long lastSequence) {
        sequence = lastSequence;
        return this;
    }

    /** The next frame's events have this time. */
    public HandWrittenLog at(final long newTimeMs) {
        timeMs = newTimeMs;
        return this;
    }

    public HandWrittenLog opened(
            final String key, final String accountId, final Consumer<AccountOpenedEncoder> change) {
        final int block = AccountOpenedEncoder.traceIdHighEncodingOffset();
        final int body = begin(AccountOpenedEncoder.TEMPLATE_ID, block);
        opened.wrap(batch.buffer(), body);
        opened.limit(body + block);
        opened.timeDeltaMs(0)
                .accountNumber(1)
                .worldAccountNumber(0)
                .worldOpened(Flag.YES)
                .currency("EUR")
                .creditLimit(50)
                .keyFormat(KeyFormat.TEXT)
                .putIdempotencyKey(ascii(key), 0, key.length())
                .putAccountId(ascii(accountId), 0, accountId.length());
        change.accept(opened);
        return end(opened.encodedLength());
    }

    public HandWrittenLog posted(
            final String key,
            final String reference,
            final Consumer<TransactionPostedEncoder> change) {
        final int block = TransactionPostedEncoder.traceIdHighEncodingOffset();
        final int body = begin(TransactionPostedEncoder.TEMPLATE_ID, block);
        posted.wrap(batch.buffer(), body);
        posted.limit(body + block);
        posted.timeDeltaMs(0)
                .accountNumber(1)
                .contraAccountNumber(0)
                .transactionType(TransactionType.CREDIT)
                .amount(100)
                .balance(100)
                .keyFormat(KeyFormat.TEXT)
                .putIdempotencyKey(ascii(key), 0, key.length())
                .putReference(ascii(reference), 0, reference.length());
        change.accept(posted);
        return end(posted.encodedLength());
    }

    public HandWrittenLog limitChanged(
            final String key, final Consumer<CreditLimitChangedEncoder> change) {
        final int block = CreditLimitChangedEncoder.traceIdHighEncodingOffset();
        final int body = begin(CreditLimitChangedEncoder.TEMPLATE_ID, block);
        changed.wrap(batch.buffer(), body);
        changed.limit(body + block);
        changed.timeDeltaMs(0)
                .accountNumber(1)
                .creditLimit(70)
                .keyFormat(KeyFormat.TEXT)
                .putIdempotencyKey(ascii(key), 0, key.length());
        change.accept(changed);
        return end(changed.encodedLength());
    }

    public HandWrittenLog refused(
            final String key,
            final String accountId,
            final String reference,
            final Consumer<CommandRefusedEncoder> change) {
        final int block = CommandRefusedEncoder.traceIdHighEncodingOffset();
        final int body = begin(CommandRefusedEncoder.TEMPLATE_ID, block);
        refused.wrap(batch.buffer(), body);
        refused.limit(body + block);
        refused.timeDeltaMs(0)
                .accountNumber(accountId.isEmpty() ? 1 : -1)
                .commandType(CommandType.WITHDRAW)
                .resultCode((short) (accountId.isEmpty()
                                ? ResultCode.INSUFFICIENT_FUNDS
                                : ResultCode.ACCOUNT_NOT_FOUND)
                        .number())
                .putCurrency((byte) 0, (byte) 0, (byte) 0)
                .amount(1000)
                .keyFormat(KeyFormat.TEXT)
                .putIdempotencyKey(ascii(key), 0, key.length())
                .putAccountId(ascii(accountId), 0, accountId.length())
                .putReference(ascii(reference), 0, reference.length());
        change.accept(refused);
        return end(refused.encodedLength());
    }

    /** The batch, to spoil its bytes before it becomes a frame. */
    public EventBatch batch() {
        return batch;
    }

    /** The frame of the events so far; starts the next one. */
    public byte[] frame() {
        try (FrameEncoder encoder = new FrameEncoder(TestLedger.PARTITION, TestLedger.PARTITIONS)) {
            return encoder.encode(batch, 1, 1, FrameFormat.noHash());
        } finally {
            batch.clear();
        }
    }

    /** Hands the events so far to a handler, through a frame. */
    public HandWrittenLog into(final EventHandler handler) {
        try (FrameReader reader = new FrameReader()) {
            reader.open(frame());
            reader.readEvents(handler);
        }
        return this;
    }

    /** Writes the header of an event without a trace; returns where its body begins. */
    private int begin(final int templateId, final int blockLength) {
        batch.beginEvent(++sequence, timeMs);
        header.wrap(batch.buffer(), batch.length())
                .blockLength(blockLength)
                .templateId(templateId)
                .schemaId(MessageHeaderEncoder.SCHEMA_ID)
                .version(0);
        return batch.length() + MessageHeaderEncoder.ENCODED_LENGTH;
    }

    private HandWrittenLog end(final int bodyLength) {
        batch.endEvent(MessageHeaderEncoder.ENCODED_LENGTH + bodyLength);
        return this;
    }

    private static byte[] ascii(final String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
