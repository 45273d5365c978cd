package io.ringledger.model.frame;

import io.ringledger.model.event.AccountOpenedDecoder;
import io.ringledger.model.event.CommandRefusedDecoder;
import io.ringledger.model.event.CreditLimitChangedDecoder;
import io.ringledger.model.event.MessageHeaderDecoder;
import io.ringledger.model.event.TransactionPostedDecoder;
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
     * Reads the event at an offset.
     *
     * @param baseTimeMs ledger time to which the event's delta is added
     * @return the offset after the event
     * @throws FrameException if the event is of another schema, a later version or unknown
     */
    public int read(
            final DirectBuffer buffer,
            final int offset,
            final long sequence,
            final long baseTimeMs,
            final EventHandler handler) {
        header.wrap(buffer, offset);
        final int version = header.version();
        if (header.schemaId() != MessageHeaderDecoder.SCHEMA_ID) {
            throw new FrameException(
                    Reason.FOREIGN,
                    "event of another schema: sequence=" + sequence + ", schemaId="
                            + header.schemaId() + ", known=" + MessageHeaderDecoder.SCHEMA_ID);
        }
        if (version > MessageHeaderDecoder.SCHEMA_VERSION) {
            throw new FrameException(
                    Reason.UNKNOWN_VERSION,
                    "event of a later version: sequence=" + sequence + ", version=" + version
                            + ", known=" + MessageHeaderDecoder.SCHEMA_VERSION);
        }
        final int body = offset + MessageHeaderDecoder.ENCODED_LENGTH;
        final int blockLength = header.blockLength();
        switch (header.templateId()) {
            case TransactionPostedDecoder.TEMPLATE_ID -> {
                transactionPosted.wrap(buffer, body, blockLength, version);
                final long timeMs = baseTimeMs + transactionPosted.timeDeltaMs();
                handler.onTransactionPosted(sequence, timeMs, transactionPosted);
                return body + transactionPosted.sbeDecodedLength();
            }
            case CommandRefusedDecoder.TEMPLATE_ID -> {
                commandRefused.wrap(buffer, body, blockLength, version);
                final long timeMs = baseTimeMs + commandRefused.timeDeltaMs();
                handler.onCommandRefused(sequence, timeMs, commandRefused);
                return body + commandRefused.sbeDecodedLength();
            }
            case AccountOpenedDecoder.TEMPLATE_ID -> {
                accountOpened.wrap(buffer, body, blockLength, version);
                final long timeMs = baseTimeMs + accountOpened.timeDeltaMs();
                handler.onAccountOpened(sequence, timeMs, accountOpened);
                return body + accountOpened.sbeDecodedLength();
            }
            case CreditLimitChangedDecoder.TEMPLATE_ID -> {
                creditLimitChanged.wrap(buffer, body, blockLength, version);
                final long timeMs = baseTimeMs + creditLimitChanged.timeDeltaMs();
                handler.onCreditLimitChanged(sequence, timeMs, creditLimitChanged);
                return body + creditLimitChanged.sbeDecodedLength();
            }
            default ->
                throw new FrameException(
                        Reason.UNKNOWN_VERSION,
                        "unknown event: sequence=" + sequence + ", templateId="
                                + header.templateId());
        }
    }
}
