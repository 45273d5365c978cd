package io.ringledger.model.frame;

import io.ringledger.model.event.AccountOpenedDecoder;
import io.ringledger.model.event.CommandRefusedDecoder;
import io.ringledger.model.event.CommandType;
import io.ringledger.model.event.CreditLimitChangedDecoder;
import io.ringledger.model.event.Flag;
import io.ringledger.model.event.KeyFormat;
import io.ringledger.model.event.MessageHeaderDecoder;
import io.ringledger.model.event.TransactionPostedDecoder;
import io.ringledger.model.event.TransactionType;
import io.ringledger.model.frame.FrameException.Reason;

import org.agrona.DirectBuffer;

/** Hands events to an {@link EventHandler}, one after another. Reused; not thread-safe. */
public final class EventReader {
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final AccountOpenedDecoder accountOpened = new AccountOpenedDecoder();
    private final TransactionPostedDecoder transactionPosted = new TransactionPostedDecoder();
    private final CreditLimitChangedDecoder creditLimitChanged = new CreditLimitChangedDecoder();
    private final CommandRefusedDecoder commandRefused = new CommandRefusedDecoder();

    /**
     * Reads the event at an offset. The handler only sees an event that is whole and whose
     * enumerations are known; what the handler throws goes through.
     *
     * @param baseTimeMs ledger time to which the event's delta is added
     * @return the offset after the event
     * @throws FrameException if the event is of another schema, a later version, unknown or damaged
     */
    public int read(
            final DirectBuffer buffer,
            final int offset,
            final long sequence,
            final long baseTimeMs,
            final EventHandler handler) {
        final int body = offset + MessageHeaderDecoder.ENCODED_LENGTH;
        if (body > buffer.capacity()) {
            throw damaged("event reaches past the frame", sequence, offset);
        }
        header.wrap(buffer, offset);
        requireKnownSchema(sequence);
        final int templateId = header.templateId();
        final int end = body + wrap(buffer, body, templateId, sequence);
        if (end > buffer.capacity()) {
            throw damaged("event reaches past the frame", sequence, offset);
        }
        requireKnownValues(templateId, sequence);
        switch (templateId) {
            case TransactionPostedDecoder.TEMPLATE_ID ->
                handler.onTransactionPosted(
                        sequence, baseTimeMs + transactionPosted.timeDeltaMs(), transactionPosted);
            case CommandRefusedDecoder.TEMPLATE_ID ->
                handler.onCommandRefused(
                        sequence, baseTimeMs + commandRefused.timeDeltaMs(), commandRefused);
            case AccountOpenedDecoder.TEMPLATE_ID ->
                handler.onAccountOpened(
                        sequence, baseTimeMs + accountOpened.timeDeltaMs(), accountOpened);
            default ->
                handler.onCreditLimitChanged(
                        sequence,
                        baseTimeMs + creditLimitChanged.timeDeltaMs(),
                        creditLimitChanged);
        }
        return end;
    }

    private void requireKnownSchema(final long sequence) {
        if (header.schemaId() != MessageHeaderDecoder.SCHEMA_ID) {
            throw new FrameException(
                    Reason.FOREIGN,
                    "event of another schema: sequence=" + sequence + ", schemaId="
                            + header.schemaId() + ", known=" + MessageHeaderDecoder.SCHEMA_ID);
        }
        if (header.version() > MessageHeaderDecoder.SCHEMA_VERSION) {
            throw new FrameException(
                    Reason.UNKNOWN_VERSION,
                    "event of a later version: sequence=" + sequence + ", version="
                            + header.version() + ", known=" + MessageHeaderDecoder.SCHEMA_VERSION);
        }
    }

    /** Puts the decoder of the event over it; returns the length of the event's body. */
    private int wrap(
            final DirectBuffer buffer, final int body, final int templateId, final long sequence) {
        final int block = header.blockLength();
        final int version = header.version();
        try {
            return switch (templateId) {
                case TransactionPostedDecoder.TEMPLATE_ID -> {
                    requireBlock(
                            TransactionPostedDecoder.traceIdHighEncodingOffset(),
                            TransactionPostedDecoder.BLOCK_LENGTH,
                            sequence);
                    yield transactionPosted.wrap(buffer, body, block, version).sbeDecodedLength();
                }
                case CommandRefusedDecoder.TEMPLATE_ID -> {
                    requireBlock(
                            CommandRefusedDecoder.traceIdHighEncodingOffset(),
                            CommandRefusedDecoder.BLOCK_LENGTH,
                            sequence);
                    yield commandRefused.wrap(buffer, body, block, version).sbeDecodedLength();
                }
                case AccountOpenedDecoder.TEMPLATE_ID -> {
                    requireBlock(
                            AccountOpenedDecoder.traceIdHighEncodingOffset(),
                            AccountOpenedDecoder.BLOCK_LENGTH,
                            sequence);
                    yield accountOpened.wrap(buffer, body, block, version).sbeDecodedLength();
                }
                case CreditLimitChangedDecoder.TEMPLATE_ID -> {
                    requireBlock(
                            CreditLimitChangedDecoder.traceIdHighEncodingOffset(),
                            CreditLimitChangedDecoder.BLOCK_LENGTH,
                            sequence);
                    yield creditLimitChanged.wrap(buffer, body, block, version).sbeDecodedLength();
                }
                default ->
                    throw new FrameException(
                            Reason.UNKNOWN_VERSION,
                            "unknown event: sequence=" + sequence + ", templateId=" + templateId);
            };
        } catch (final IndexOutOfBoundsException e) {
            throw new FrameException(
                    Reason.DAMAGED,
                    "event reaches past the frame: sequence=" + sequence + ", body=" + body,
                    e);
        }
    }

    /** Version 0 ends where version 1 goes on with the trace; each has that block and no other. */
    private void requireBlock(final int untraced, final int traced, final long sequence) {
        final int block = header.blockLength();
        if (block != (header.version() == 0 ? untraced : traced)) {
            throw damaged("event with a block of another length", sequence, block);
        }
    }

    /** The generated decoders would throw in the middle of a handler. */
    private void requireKnownValues(final int templateId, final long sequence) {
        switch (templateId) {
            case TransactionPostedDecoder.TEMPLATE_ID -> {
                requireFormat(transactionPosted.keyFormatRaw(), sequence);
                final int type = transactionPosted.transactionTypeRaw();
                if (type < TransactionType.CREDIT.value()
                        || type > TransactionType.WITHDRAW.value()) {
                    throw damaged("unknown type of transaction", sequence, type);
                }
            }
            case CommandRefusedDecoder.TEMPLATE_ID -> {
                requireFormat(commandRefused.keyFormatRaw(), sequence);
                final int type = commandRefused.commandTypeRaw();
                if (type < CommandType.OPEN_ACCOUNT.value()
                        || type > CommandType.SET_CREDIT_LIMIT.value()) {
                    throw damaged("unknown type of command", sequence, type);
                }
            }
            case AccountOpenedDecoder.TEMPLATE_ID -> {
                requireFormat(accountOpened.keyFormatRaw(), sequence);
                final int flag = accountOpened.worldOpenedRaw();
                if (flag > Flag.YES.value()) {
                    throw damaged("unknown flag", sequence, flag);
                }
            }
            default -> requireFormat(creditLimitChanged.keyFormatRaw(), sequence);
        }
    }

    private static void requireFormat(final int format, final long sequence) {
        if (format > KeyFormat.HEX.value()) {
            throw damaged("unknown format of a key", sequence, format);
        }
    }

    private static FrameException damaged(final String what, final long sequence, final int value) {
        return new FrameException(
                Reason.DAMAGED, what + ": sequence=" + sequence + ", value=" + value);
    }
}
