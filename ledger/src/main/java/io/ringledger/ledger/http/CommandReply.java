package io.ringledger.ledger.http;

import io.ringledger.kit.ProblemCode;
import io.ringledger.model.Outcome;

import java.util.concurrent.Executor;

/** Waits for the outcome of one command, or of several of one batch. */
public interface CommandReply {
    /**
     * The event loop that it is answered on. Replies of one event loop return the same object, by
     * which they are grouped: one wake-up for all of them.
     */
    Executor eventLoop();

    /**
     * Called before {@link #onOutcome}, on {@link #eventLoop()}: which frame the outcome waited for.
     *
     * @param index what was handed over with the command
     * @param frame number of the frame; 0 if it had no event to bring into the log
     * @param frameEvents events of the frame
     * @param sentNs when it was handed to the appender, by the partition's monotonic clock
     * @param appendedNs when the log had it, by the same clock
     */
    default void onFrame(
            final int index,
            final long frame,
            final int frameEvents,
            final long sentNs,
            final long appendedNs) {}

    /**
     * Called once per command, on {@link #eventLoop()}, when the outcome is durable.
     *
     * @param index what was handed over with the command
     * @param outcome only valid during the call
     */
    void onOutcome(int index, Outcome outcome);

    /**
     * Called once per command instead, on {@link #eventLoop()}, when the partition cannot tell the
     * outcome any more.
     *
     * @param index what was handed over with the command
     * @param code {@code no_owner}: the command was not applied and never will be; {@code
     *     outcome_unknown}: it may have been
     */
    void onFailed(int index, ProblemCode code);
}
