package io.ringledger.model.frame;

import io.ringledger.model.event.AccountOpenedDecoder;
import io.ringledger.model.event.CommandRefusedDecoder;
import io.ringledger.model.event.CreditLimitChangedDecoder;
import io.ringledger.model.event.TransactionPostedDecoder;

/**
 * Receives events in the order of the log. A decoder is only valid during the call, and its
 * variable-length members must be read in the order of the schema.
 */
public interface EventHandler {
    /** An account came into being. */
    void onAccountOpened(long sequence, long timeMs, AccountOpenedDecoder event);

    /** Money moved between an account and its contra account. */
    void onTransactionPosted(long sequence, long timeMs, TransactionPostedDecoder event);

    /** An account got another credit limit. */
    void onCreditLimitChanged(long sequence, long timeMs, CreditLimitChangedDecoder event);

    /** A command was decided against. */
    void onCommandRefused(long sequence, long timeMs, CommandRefusedDecoder event);

    /** All events of a frame have been handed over; what has been put off is due now. */
    void onFrameEnd();
}
