package io.ringledger.ledger.http;

import io.ringledger.kit.ProblemCode;
import io.ringledger.model.Command;

import org.jspecify.annotations.Nullable;

/** Where decoded commands go. Thread-safe; never blocks. */
public interface CommandIngress {
    /** Name of the ledger: that of its stream. */
    String ledger();

    /** Number of partitions of the ledger. */
    int partitions();

    /**
     * Hands over a command, which is copied before the call returns. It is decided at the latest when
     * {@link #wakeUp} has been called for the partition.
     *
     * @param index comes back with the outcome
     * @return false if there is no room: nothing was applied, and the reply hears nothing
     */
    boolean tryPublish(int partition, Command command, CommandReply reply, int index);

    /** Has the partition decide what was handed over: once for all that an event loop has read. */
    void wakeUp(int partition);

    /**
     * Where another process takes commands for the partition, as {@code host:port}; null if this one
     * does, or nobody is known to.
     */
    @Nullable String ownerAddress(int partition);

    /** Why commands cannot be taken now, for example while recovering; null if they can. */
    @Nullable ProblemCode closedBecause(int partition);
}
