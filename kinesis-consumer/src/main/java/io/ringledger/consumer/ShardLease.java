package io.ringledger.consumer;

import org.jspecify.annotations.Nullable;

import software.amazon.kinesis.leases.Lease;
import software.amazon.kinesis.leases.LeaseCoordinator;

import java.util.UUID;

/** The lease under which a processor has its shard, as this worker knows it: no call, so at once. */
public interface ShardLease {
    /** Whether the lease was still held a moment ago. A worker that was paused may get it back. */
    boolean isHeld();

    /**
     * Lets the lease go, if it is still this one: KCL ends the processor and whoever gets the shard
     * next, this worker perhaps, begins at the checkpoint.
     */
    void giveUp();

    /** The lease that KCL holds for a shard by now. Thread-safe. */
    static ShardLease of(final LeaseCoordinator leases, final String shardId) {
        final Lease mine = leases.getCurrentlyHeldLease(shardId);
        final UUID token = mine == null ? null : mine.concurrencyToken();
        return new ShardLease() {
            @Override
            public boolean isHeld() {
                final Lease current = leases.getCurrentlyHeldLease(shardId);
                return current != null && isMine(current);
            }

            @Override
            public void giveUp() {
                final Lease current = leases.getCurrentlyHeldLease(shardId);
                if (current == null || isMine(current)) {
                    leases.dropLease(current == null ? mine : current);
                }
            }

            private boolean isMine(final Lease current) {
                final @Nullable UUID held = current.concurrencyToken();
                return token == null || token.equals(held);
            }
        };
    }
}
