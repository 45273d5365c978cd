package io.ringledger.ledger.ownership;

import io.ringledger.model.frame.EpochMarker;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** A lease that this process has taken, until it is lost or given back. Thread-safe. */
final class HeldLease implements Ownership {
    private final LeaseTable table;
    private final Lease taken;
    private final EpochMarker marker;
    private final Consumer<HeldLease> onLost;
    private final AtomicLong heartbeat;
    private final AtomicLong reached;
    private final AtomicLong renewedNs;
    private volatile boolean isLost;

    /**
     * @param taken what stands in the table
     * @param marker what announces this ownership in the log
     * @param askedNs when it was asked for, on the keeper's monotonic clock
     * @param onLost told once somebody learns that another process owns it, on any thread
     */
    HeldLease(
            final LeaseTable table,
            final Lease taken,
            final EpochMarker marker,
            final long askedNs,
            final Consumer<HeldLease> onLost) {
        this.table = table;
        this.taken = taken;
        this.marker = marker;
        this.onLost = onLost;
        heartbeat = new AtomicLong(taken.heartbeat());
        reached = new AtomicLong(taken.sequence());
        renewedNs = new AtomicLong(askedNs);
    }

    @Override
    public EpochMarker marker() {
        return marker;
    }

    @Override
    public CompletionStage<Boolean> confirm() {
        if (isLost) {
            return CompletableFuture.completedFuture(false);
        }
        return table.read(taken.partition()).thenApply(now -> {
            final boolean isOwner = now != null
                    && now.owner().equals(taken.owner())
                    && now.epoch() == taken.epoch();
            if (!isOwner) {
                lose();
            }
            return !isLost;
        });
    }

    @Override
    public long requiredSequence() {
        return taken.sequence();
    }

    @Override
    public void appended(final long sequence) {
        reached.set(sequence);
    }

    int partition() {
        return taken.partition();
    }

    boolean isLost() {
        return isLost;
    }

    /** A heartbeat that was asked for then has been moved. */
    void renewed(final long askedNs) {
        renewedNs.accumulateAndGet(askedNs, (last, next) -> next - last > 0 ? next : last);
    }

    /** When the last heartbeat that was moved had been asked for: nobody has seen it stand still longer. */
    long renewedNs() {
        return renewedNs.get();
    }

    /** What the next heartbeat writes. */
    Lease nextHeartbeat() {
        return at(heartbeat.incrementAndGet());
    }

    /** What stands in the table, with how far the log has come. */
    Lease current() {
        return at(heartbeat.get());
    }

    /** Another process owns it, or it was given back: nothing is confirmed any more. */
    void lose() {
        if (!isLost) {
            isLost = true;
            onLost.accept(this);
        }
    }

    private Lease at(final long beat) {
        return new Lease(taken.partition(), taken.owner(), taken.epoch(), beat, reached.get());
    }
}
