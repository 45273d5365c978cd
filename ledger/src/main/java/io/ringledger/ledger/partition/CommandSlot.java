package io.ringledger.ledger.partition;

import io.ringledger.ledger.http.CommandReply;
import io.ringledger.model.Command;

import org.jspecify.annotations.Nullable;

/** A slot of the ring, allocated once: a command and who waits for its outcome. */
final class CommandSlot {
    private final Command command = new Command();
    private @Nullable CommandReply reply;
    private int index;

    /** Takes in a command; the ring's sequence makes it visible to the writer. */
    void set(final Command source, final CommandReply reply, final int index) {
        command.copyFrom(source);
        this.reply = reply;
        this.index = index;
    }

    /** Makes this a slot that only wakes the writer. */
    void setWakeUp() {
        reply = null;
    }

    Command command() {
        return command;
    }

    /** Null for a slot that only wakes the writer. */
    @Nullable CommandReply reply() {
        return reply;
    }

    int index() {
        return index;
    }

    /** Lets go of the request, which would otherwise live until the slot comes round again. */
    void clear() {
        reply = null;
    }
}
