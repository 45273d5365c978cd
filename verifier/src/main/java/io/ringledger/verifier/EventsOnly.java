package io.ringledger.verifier;

import io.ringledger.model.event.AccountOpenedDecoder;
import io.ringledger.model.event.CommandRefusedDecoder;
import io.ringledger.model.event.CreditLimitChangedDecoder;
import io.ringledger.model.event.TransactionPostedDecoder;
import io.ringledger.model.frame.EventHandler;

/** Lets the events of a frame be read, and so checked in their form, for nothing else. */
enum EventsOnly implements EventHandler {
    /** The only one. */
    INSTANCE;

    @Override
    public void onFrameEnd() {}

    @Override
    public void onAccountOpened(
            final long sequence, final long timeMs, final AccountOpenedDecoder event) {}

    @Override
    public void onTransactionPosted(
            final long sequence, final long timeMs, final TransactionPostedDecoder event) {}

    @Override
    public void onCreditLimitChanged(
            final long sequence, final long timeMs, final CreditLimitChangedDecoder event) {}

    @Override
    public void onCommandRefused(
            final long sequence, final long timeMs, final CommandRefusedDecoder event) {}
}
