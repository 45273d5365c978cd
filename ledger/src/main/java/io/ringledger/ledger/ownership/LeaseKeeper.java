package io.ringledger.ledger.ownership;

import io.ringledger.model.frame.EpochMarker;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Shares the partitions among the processes of the write side (design D5). Each process announces
 * itself, moves the heartbeat of every lease that it holds, and looks at the whole table several
 * times a lease time. A lease that nobody holds, or whose heartbeat has not moved for a whole lease
 * time, is taken by a conditional write that raises its epoch, up to a fair share of the partitions;
 * whoever holds two more than another live process gives one up.
 *
 * <p>None of this decides what is true: two processes may both think that they own a partition for a
 * while. What keeps them apart are the epochs: markers in the log, and the confirmation before each
 * answer ({@link Ownership#confirm}).
 *
 * <p>All its work runs on one executor, which is single-threaded; public methods may be called by any
 * thread.
 */
public final class LeaseKeeper {
    /** What becomes of leases; called on the keeper's executor, must not block. */
    public interface Listener {
        /** The partition is this process's: recover it and serve. */
        void onAcquired(int partition, Ownership ownership);

        /** Another process owns the partition: end it at once. */
        void onLost(int partition);

        /** Another process shall have it: drain it, then call {@link LeaseKeeper#release(Ownership)}. */
        void onGiveUp(int partition);

        /** Something that cannot be: the process must stop. */
        void onFailure(Throwable cause);
    }

    private static final Logger LOG = LoggerFactory.getLogger(LeaseKeeper.class);
    private static final int BEATS_PER_LEASE = 4;
    private static final int LOOKS_PER_LEASE = 8;
    private static final long MAX_LOOK_MS = 500;
    private static final int FORGET_AFTER_LEASES = 10;

    private final LeaseTable table;
    private final String self;
    private final Supplier<String> address;
    private final int partitions;
    private final long leaseMs;
    private final ScheduledExecutorService executor;
    private final LongSupplier nanoTime;
    private final LongSupplier randomness;
    private final Listener listener;
    private final AtomicReferenceArray<@Nullable String> addresses;
    private final AtomicReferenceArray<@Nullable HeldLease> shown;

    // Owned by the executor.
    private final LeaseWatch watch;
    private final Map<Integer, HeldLease> held = new TreeMap<>();
    private final Map<Integer, Lease> taking = new TreeMap<>();
    private int givingUp = -1;
    private boolean isLeaving;
    private long memberHeartbeat;
    private boolean hasLooked;
    private long lookedNs;

    private volatile boolean isTableAway;

    /**
     * @param self the unique id of this process
     * @param address where other processes forward commands to, from now on; asked each heartbeat
     * @param leaseMs how long a heartbeat may stand still before its owner is taken to be dead
     * @param nanoTime a monotonic clock
     * @param randomness makes markers unlike any other
     */
    public LeaseKeeper(
            final LeaseTable table,
            final String self,
            final Supplier<String> address,
            final int partitions,
            final long leaseMs,
            final ScheduledExecutorService executor,
            final LongSupplier nanoTime,
            final LongSupplier randomness,
            final Listener listener) {
        this.table = table;
        this.self = self;
        this.address = address;
        this.partitions = partitions;
        this.leaseMs = leaseMs;
        this.executor = executor;
        this.nanoTime = nanoTime;
        this.randomness = randomness;
        this.listener = listener;
        watch = new LeaseWatch(self, leaseMs);
        addresses = new AtomicReferenceArray<>(partitions);
        shown = new AtomicReferenceArray<>(partitions);
    }

    /** Begins. */
    public void start() {
        execute(this::beat);
        execute(this::look);
    }

    /** Where the owner of a partition takes commands, if another live process is; else null. */
    public @Nullable String ownerAddress(final int partition) {
        return addresses.get(partition);
    }

    /**
     * How long no other process can take the partition, even if its heartbeat never moves again, in
     * seconds: zero or less where one may have; NaN where this process does not hold the lease.
     */
    public double leaseLeftSeconds(final int partition) {
        final HeldLease lease = shown.get(partition);
        if (lease == null || lease.isLost()) {
            return Double.NaN;
        }
        final long standsStillNs = nanoTime.getAsLong() - lease.renewedNs();
        return (TimeUnit.MILLISECONDS.toNanos(leaseMs) - standsStillNs) / 1e9;
    }

    /** True while the lease table does not answer. */
    public boolean isTableAway() {
        return isTableAway;
    }

    /**
     * Gives a lease back, after everything that was taken under it is durable: the next owner need not
     * wait for the lease time. Does nothing if it was lost meanwhile, even if this process has taken
     * the partition again.
     *
     * @return ends when it has been given back, or when it is left to run out
     */
    public CompletionStage<?> release(final Ownership ownership) {
        final CompletableFuture<?> released = new CompletableFuture<>();
        if (!execute(() -> release(ownership, released))) {
            released.complete(null);
        }
        return released;
    }

    /**
     * Gives up a lease without giving it back: something of it may still be on its way into the log,
     * so the next owner waits for the lease time. Nothing is confirmed any more. A later lease of the
     * same partition is left alone.
     */
    public void drop(final Ownership ownership) {
        execute(() -> {
            final HeldLease lease = forget(ownership);
            if (lease != null) {
                lease.lose();
            }
        });
    }

    /** Takes no more leases from now on; those that are held stay until they are released. */
    public CompletionStage<?> stopTaking() {
        final CompletableFuture<Object> stopped = new CompletableFuture<>();
        final boolean isBegun = execute(() -> {
            isLeaving = true;
            stopped.complete(true);
        });
        if (!isBegun) {
            stopped.complete(true);
        }
        return stopped;
    }

    /** Says that this process ends; the leases that it still holds run out. */
    public CompletionStage<?> leave() {
        final CompletableFuture<Object> left = new CompletableFuture<>();
        final boolean isBegun = execute(() -> {
            isLeaving = true;
            table.remove(new Member(self, address.get(), memberHeartbeat))
                    .whenComplete((done, failure) -> left.complete(true));
        });
        if (!isBegun) {
            left.complete(true);
        }
        return left;
    }

    private void beat() {
        // Who cannot look cannot take anything either, and must not count as one of those who
        // share.
        if (!isLeaving && hasLookedLately()) {
            memberHeartbeat++;
            table.announce(new Member(self, address.get(), memberHeartbeat))
                    .whenComplete((done, failure) -> warn("announce itself", failure));
        }
        for (final HeldLease lease : held.values()) {
            final long askedNs = nanoTime.getAsLong();
            table.renew(lease.nextHeartbeat()).whenComplete((isMine, failure) -> {
                warn("move a heartbeat", failure);
                if (failure != null) {
                    return;
                }
                if (isMine) {
                    lease.renewed(askedNs);
                } else {
                    lease.lose();
                }
            });
        }
        schedule(this::beat, Math.max(1, leaseMs / BEATS_PER_LEASE));
    }

    private boolean hasLookedLately() {
        return hasLooked
                && nanoTime.getAsLong() - lookedNs < TimeUnit.MILLISECONDS.toNanos(leaseMs);
    }

    private void look() {
        final long askedNs = nanoTime.getAsLong();
        table.readAll()
                .whenComplete((book, failure) -> execute(() -> {
                    isTableAway = failure != null;
                    if (failure == null) {
                        lookedNs = nanoTime.getAsLong();
                        hasLooked = true;
                        watch.observe(book, askedNs, lookedNs);
                        act();
                    } else {
                        warn("read the leases", failure);
                    }
                    schedule(
                            this::look,
                            Math.max(1, Math.min(MAX_LOOK_MS, leaseMs / LOOKS_PER_LEASE)));
                }));
    }

    private void act() {
        for (int partition = 0; partition < partitions; partition++) {
            addresses.set(
                    partition,
                    held.containsKey(partition) ? null : watch.addressOfOwner(partition));
        }
        final List<Member> others = watch.otherLiveMembers();
        if (!isLeaving) {
            final int share = Math.ceilDiv(partitions, others.size() + 1);
            // Each process begins elsewhere, so that several do not run for the same one.
            final int first = Math.floorMod(self.hashCode(), partitions);
            for (int i = 0; i < partitions && held.size() + taking.size() < share; i++) {
                final int partition = (first + i) % partitions;
                // Who has fewer comes first, so that what was given up does not come back.
                if (!hasMoreThanAny(others) || watch.isLeftOver(partition)) {
                    takeIfToBeHad(partition);
                }
            }
            giveUpIfUneven(others);
        }
        for (final Member dead : watch.membersStillFor(FORGET_AFTER_LEASES)) {
            table.remove(dead)
                    .whenComplete((done, failure) -> warn("remove a dead process", failure));
        }
    }

    private boolean hasMoreThanAny(final List<Member> others) {
        final int mine = held.size() + taking.size();
        return others.stream().anyMatch(other -> watch.leasesOf(other.owner(), partitions) < mine);
    }

    private void takeIfToBeHad(final int partition) {
        if (held.containsKey(partition)
                || taking.containsKey(partition)
                || !watch.isToBeHad(partition)) {
            return;
        }
        final Lease seen = watch.lease(partition);
        final Lease from = seen == null ? Lease.free(partition) : seen;
        final Lease mine =
                new Lease(partition, self, from.epoch() + 1, from.heartbeat() + 1, from.sequence());
        taking.put(partition, mine);
        final long askedNs = nanoTime.getAsLong();
        table.take(seen, mine)
                .whenComplete((isTaken, failure) -> execute(() -> {
                    taking.remove(partition);
                    warn("take a lease", failure);
                    // Where it is not known, the next look shows it: one's own lease is to be had,
                    // again
                    // with a higher epoch.
                    if (failure == null && isTaken) {
                        acquired(mine, seen, askedNs);
                    }
                }));
    }

    private void acquired(final Lease mine, final @Nullable Lease from, final long askedNs) {
        final int partition = mine.partition();
        final EpochMarker marker = new EpochMarker(
                partitions,
                partition,
                mine.epoch(),
                randomness.getAsLong(),
                randomness.getAsLong());
        final HeldLease lease = new HeldLease(table, mine, marker, askedNs, this::lost);
        held.put(partition, lease);
        shown.set(partition, lease);
        addresses.set(partition, null);
        LOG.info(
                "lease of partition {} taken: epoch={}, from={}",
                partition,
                mine.epoch(),
                from == null || from.isFree() ? "nobody" : from.owner());
        if (isLeaving) {
            release(lease, new CompletableFuture<>());
        } else {
            listener.onAcquired(partition, lease);
        }
    }

    private void giveUpIfUneven(final List<Member> others) {
        if (givingUp >= 0 || held.isEmpty()) {
            return;
        }
        final boolean isOneTooMany = others.stream()
                .anyMatch(other -> watch.leasesOf(other.owner(), partitions) <= held.size() - 2);
        for (int partition = 0; partition < partitions; partition++) {
            // Somebody takes what is to be had first; and nobody needs what a dead one still holds.
            if (!held.containsKey(partition) && watch.isToBeHad(partition)) {
                return;
            }
        }
        if (isOneTooMany) {
            givingUp = ((TreeMap<Integer, HeldLease>) held).lastKey();
            LOG.info("partition {} is given up: another process has fewer", givingUp);
            listener.onGiveUp(givingUp);
        }
    }

    private void release(final Ownership ownership, final CompletableFuture<?> released) {
        final HeldLease lease = forget(ownership);
        if (lease == null || lease.isLost()) {
            released.complete(null);
            return;
        }
        final int partition = lease.partition();
        final Lease last = lease.current();
        // Until the release has ended it is neither held nor to be had again.
        taking.put(partition, last);
        lease.lose();
        table.release(last).whenComplete((done, failure) -> {
            warn("give a lease back, it runs out by itself", failure);
            if (!execute(() -> {
                taking.remove(partition);
                released.complete(null);
            })) {
                released.complete(null);
            }
        });
    }

    private @Nullable HeldLease forget(final Ownership ownership) {
        final int partition = ownership.marker().partition();
        if (held.get(partition) != ownership) {
            return null;
        }
        if (givingUp == partition) {
            givingUp = -1;
        }
        shown.set(partition, null);
        return held.remove(partition);
    }

    private void lost(final HeldLease lease) {
        execute(() -> {
            // A lease that was given back is not held any more: nobody needs to be told.
            if (forget(lease) != null) {
                LOG.warn(
                        "lease of partition {} lost: another process has taken it, epoch={}",
                        lease.partition(),
                        lease.epoch());
                listener.onLost(lease.partition());
            }
        });
    }

    private static void warn(final String what, final @Nullable Throwable failure) {
        if (failure != null) {
            LOG.warn("cannot {}: {}", what, failure.toString());
        }
    }

    private boolean execute(final Runnable work) {
        try {
            executor.execute(() -> runChecked(work));
            return true;
        } catch (final RejectedExecutionException e) {
            LOG.debug("the keeper has ended", e);
            return false;
        }
    }

    private void schedule(final Runnable work, final long delayMs) {
        try {
            final ScheduledFuture<?> _ =
                    executor.schedule(() -> runChecked(work), delayMs, TimeUnit.MILLISECONDS);
        } catch (final RejectedExecutionException e) {
            LOG.debug("the keeper has ended", e);
        }
    }

    private void runChecked(final Runnable work) {
        try {
            work.run();
        } catch (final RuntimeException | Error e) {
            listener.onFailure(e);
        }
    }
}
