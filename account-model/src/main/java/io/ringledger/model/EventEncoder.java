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
        transactionPosted.limit(header(
                buffer,
                offset,
                command,
                TransactionPostedEncoder.TEMPLATE_ID,
                TransactionPostedEncoder.BLOCK_LENGTH,
                TransactionPostedEncoder.traceIdHighEncodingOffset()));
        if (command.isTraced()) {
            transactionPosted
                    .traceIdHigh(command.traceIdHigh())
                    .traceIdLow(command.traceIdLow())
                    .spanId(command.spanId());
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
        accountOpened.limit(header(
                buffer,
                offset,
                command,
                AccountOpenedEncoder.TEMPLATE_ID,
                AccountOpenedEncoder.BLOCK_LENGTH,
                AccountOpenedEncoder.traceIdHighEncodingOffset()));
        if (command.isTraced()) {
            accountOpened
                    .traceIdHigh(command.traceIdHigh())
                    .traceIdLow(command.traceIdLow())
                    .spanId(command.spanId());
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
        creditLimitChanged.limit(header(
                buffer,
                offset,
                command,
                CreditLimitChangedEncoder.TEMPLATE_ID,
                CreditLimitChangedEncoder.BLOCK_LENGTH,
                CreditLimitChangedEncoder.traceIdHighEncodingOffset()));
        if (command.isTraced()) {
            creditLimitChanged
                    .traceIdHigh(command.traceIdHigh())
                    .traceIdLow(command.traceIdLow())
                    .spanId(command.spanId());
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
        commandRefused.limit(header(
                buffer,
                offset,
                command,
                CommandRefusedEncoder.TEMPLATE_ID,
                CommandRefusedEncoder.BLOCK_LENGTH,
                CommandRefusedEncoder.traceIdHighEncodingOffset()));
        if (command.isTraced()) {
            commandRefused
                    .traceIdHigh(command.traceIdHigh())
                    .traceIdLow(command.traceIdLow())
                    .spanId(command.spanId());
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

    /** Writes the header of an event with a trace or without, and gives where its block ends. */
    private int header(
            final MutableDirectBuffer buffer,
            final int offset,
            final Command command,
            final int templateId,
            final int tracedBlock,
            final int untracedBlock) {
        final int block = command.isTraced() ? tracedBlock : untracedBlock;
        header.wrap(buffer, offset)
                .blockLength(block)
                .templateId(templateId)
                .schemaId(MessageHeaderEncoder.SCHEMA_ID)
                .version(command.isTraced() ? TRACED_VERSION : UNTRACED_VERSION);
        return offset + HEADER + block;
    }
}
