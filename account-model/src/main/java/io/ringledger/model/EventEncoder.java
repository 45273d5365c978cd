package io.ringledger.model;

import io.ringledger.model.event.AccountOpenedEncoder;
import io.ringledger.model.event.CommandRefusedEncoder;
import io.ringledger.model.event.CommandType;
import io.ringledger.model.event.CreditLimitChangedEncoder;
import io.ringledger.model.event.Flag;
import io.ringledger.model.event.MessageHeaderEncoder;
import io.ringledger.model.event.TransactionPostedEncoder;
import io.ringledger.model.event.TransactionType;
import io.ringledger.model.frame.EventBatch;

import org.agrona.MutableDirectBuffer;

/**
 * Writes the event of a decision into a batch. The event of a traced command has the whole block of
 * the schema's version 1; any other one is of version 0, whose block ends where the trace would
 * begin. Reused; not thread-safe.
 */
final class EventEncoder {
    private static final int HEADER = MessageHeaderEncoder.ENCODED_LENGTH;
    private static final int UNTRACED_VERSION = 0;
    private static final int TRACED_VERSION = 1;

    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final AccountOpenedEncoder accountOpened = new AccountOpenedEncoder();
    private final TransactionPostedEncoder transactionPosted = new TransactionPostedEncoder();
    private final CreditLimitChangedEncoder creditLimitChanged = new CreditLimitChangedEncoder();
    private final CommandRefusedEncoder commandRefused = new CommandRefusedEncoder();

    /**
     * Appends one event.
     *
     * @param nextAccount the number that an opened account gets, if its {@code @world} account is
     *     there
     */
    void encode(
            final EventBatch batch,
            final long sequence,
            final long timeMs,
            final Command command,
            final ResultCode code,
            final Decider decision,
            final int nextAccount) {
        final long timeDeltaMs = batch.beginEvent(sequence, timeMs);
        final MutableDirectBuffer buffer = batch.buffer();
        final int offset = batch.length();
        final int bodyLength;
        if (code != ResultCode.ACCEPTED) {
            bodyLength = encodeRefused(buffer, offset, timeDeltaMs, command, code, decision);
        } else if (command.type() == CommandType.OPEN_ACCOUNT) {
            bodyLength = encodeOpened(buffer, offset, timeDeltaMs, command, decision, nextAccount);
        } else if (command.type() == CommandType.SET_CREDIT_LIMIT) {
            bodyLength = encodeLimitChanged(buffer, offset, timeDeltaMs, command, decision);
        } else {
            bodyLength = encodePosted(buffer, offset, timeDeltaMs, command, decision);
        }
        batch.endEvent(HEADER + bodyLength);
    }

    private int encodePosted(
            final MutableDirectBuffer buffer,
            final int offset,
            final long timeDeltaMs,
            final Command command,
            final Decider decision) {
        final PackedKey key = command.packedKey();
        transactionPosted.wrap(buffer, offset + HEADER);
        if (command.isTraced()) {
            header(
                    buffer,
                    offset,
                    TransactionPostedEncoder.TEMPLATE_ID,
                    TransactionPostedEncoder.BLOCK_LENGTH,
                    TRACED_VERSION);
            transactionPosted
                    .traceIdHigh(command.traceIdHigh())
                    .traceIdLow(command.traceIdLow())
                    .spanId(command.spanId());
        } else {
            final int block = TransactionPostedEncoder.traceIdHighEncodingOffset();
            header(buffer, offset, TransactionPostedEncoder.TEMPLATE_ID, block, UNTRACED_VERSION);
            transactionPosted.limit(offset + HEADER + block);
        }
        transactionPosted
                .timeDeltaMs(timeDeltaMs)
                .accountNumber(decision.account())
                .contraAccountNumber(decision.world())
                .transactionType(
                        command.type() == CommandType.CREDIT
                                ? TransactionType.CREDIT
                                : TransactionType.WITHDRAW)
                .amount(command.amountMinor())
                .balance(decision.balance())
                .keyFormat(key.format())
                .putIdempotencyKey(key.bytes(), 0, key.length())
                .putReference(command.referenceBytes(), 0, command.referenceLength());
        return transactionPosted.encodedLength();
    }

    private int encodeOpened(
            final MutableDirectBuffer buffer,
            final int offset,
            final long timeDeltaMs,
            final Command command,
            final Decider decision,
            final int nextAccount) {
        final PackedKey key = command.packedKey();
        final boolean opensWorld = decision.world() == Accounts.NONE;
        accountOpened.wrap(buffer, offset + HEADER);
        if (command.isTraced()) {
            header(
                    buffer,
                    offset,
                    AccountOpenedEncoder.TEMPLATE_ID,
                    AccountOpenedEncoder.BLOCK_LENGTH,
                    TRACED_VERSION);
            accountOpened
                    .traceIdHigh(command.traceIdHigh())
                    .traceIdLow(command.traceIdLow())
                    .spanId(command.spanId());
        } else {
            final int block = AccountOpenedEncoder.traceIdHighEncodingOffset();
            header(buffer, offset, AccountOpenedEncoder.TEMPLATE_ID, block, UNTRACED_VERSION);
            accountOpened.limit(offset + HEADER + block);
        }
        accountOpened
                .timeDeltaMs(timeDeltaMs)
                .accountNumber(opensWorld ? nextAccount + 1 : nextAccount)
                .worldAccountNumber(opensWorld ? nextAccount : decision.world())
                .worldOpened(opensWorld ? Flag.YES : Flag.NO)
                .putCurrency((byte) command.currency(), (byte) (command.currency() >>> 8), (byte)
                        (command.currency() >>> 16))
                .creditLimit(command.amountMinor())
                .keyFormat(key.format())
                .putIdempotencyKey(key.bytes(), 0, key.length())
                .putAccountId(command.accountIdBytes(), 0, command.accountIdLength());
        return accountOpened.encodedLength();
    }

    private int encodeLimitChanged(
            final MutableDirectBuffer buffer,
            final int offset,
            final long timeDeltaMs,
            final Command command,
            final Decider decision) {
        final PackedKey key = command.packedKey();
        creditLimitChanged.wrap(buffer, offset + HEADER);
        if (command.isTraced()) {
            header(
                    buffer,
                    offset,
                    CreditLimitChangedEncoder.TEMPLATE_ID,
                    CreditLimitChangedEncoder.BLOCK_LENGTH,
                    TRACED_VERSION);
            creditLimitChanged
                    .traceIdHigh(command.traceIdHigh())
                    .traceIdLow(command.traceIdLow())
                    .spanId(command.spanId());
        } else {
            final int block = CreditLimitChangedEncoder.traceIdHighEncodingOffset();
            header(buffer, offset, CreditLimitChangedEncoder.TEMPLATE_ID, block, UNTRACED_VERSION);
            creditLimitChanged.limit(offset + HEADER + block);
        }
        creditLimitChanged
                .timeDeltaMs(timeDeltaMs)
                .accountNumber(decision.account())
                .creditLimit(command.amountMinor())
                .keyFormat(key.format())
                .putIdempotencyKey(key.bytes(), 0, key.length());
        return creditLimitChanged.encodedLength();
    }

    private int encodeRefused(
            final MutableDirectBuffer buffer,
            final int offset,
            final long timeDeltaMs,
            final Command command,
            final ResultCode code,
            final Decider decision) {
        final PackedKey key = command.packedKey();
        final boolean isUnknownAccount = decision.account() == Accounts.NONE;
        commandRefused.wrap(buffer, offset + HEADER);
        if (command.isTraced()) {
            header(
                    buffer,
                    offset,
                    CommandRefusedEncoder.TEMPLATE_ID,
                    CommandRefusedEncoder.BLOCK_LENGTH,
                    TRACED_VERSION);
            commandRefused
                    .traceIdHigh(command.traceIdHigh())
                    .traceIdLow(command.traceIdLow())
                    .spanId(command.spanId());
        } else {
            final int block = CommandRefusedEncoder.traceIdHighEncodingOffset();
            header(buffer, offset, CommandRefusedEncoder.TEMPLATE_ID, block, UNTRACED_VERSION);
            commandRefused.limit(offset + HEADER + block);
        }
        commandRefused
                .timeDeltaMs(timeDeltaMs)
                .accountNumber(decision.account())
                .commandType(command.type())
                .resultCode((short) code.number())
                .putCurrency((byte) command.currency(), (byte) (command.currency() >>> 8), (byte)
                        (command.currency() >>> 16))
                .amount(command.amountMinor())
                .keyFormat(key.format())
                .putIdempotencyKey(key.bytes(), 0, key.length())
                .putAccountId(
                        command.accountIdBytes(),
                        0,
                        isUnknownAccount ? command.accountIdLength() : 0)
                .putReference(command.referenceBytes(), 0, command.referenceLength());
        return commandRefused.encodedLength();
    }

    private void header(
            final MutableDirectBuffer buffer,
            final int offset,
            final int templateId,
            final int blockLength,
            final int version) {
        header.wrap(buffer, offset)
                .blockLength(blockLength)
                .templateId(templateId)
                .schemaId(MessageHeaderEncoder.SCHEMA_ID)
                .version(version);
    }
}
