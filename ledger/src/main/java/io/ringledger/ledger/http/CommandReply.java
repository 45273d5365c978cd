package io.ringledger.ledger.http;

import io.ringledger.model.Outcome;
import io.vertx.core.Context;

/** Waits for the outcome of one command, or of several of one batch. */
public interface CommandReply {
    /**
     * The event loop that it is answered on. Replies of one event loop return the same object, by
     * which they are grouped: one wake-up for all of them.
     */
    Context context();

    /**
     * Called once per command, on {@link #context()}, when the outcome is durable.
     *
     * @param index what was handed over with the command
     * @param outcome only valid during the call
     */
    void onOutcome(int index, Outcome outcome);
}
