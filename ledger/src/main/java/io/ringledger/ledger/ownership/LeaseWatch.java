package io.ringledger.ledger.ownership;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * What one process has seen of the leases and members, and since when it has seen no change, on its
 * own monotonic clock: the only clock that decides who is taken to be dead. Used by one thread.
 */
final class LeaseWatch {
    /** A value, since when it has been the same, and whether it was ever seen to change. */
    private record Seen<T>(T value, long sinceNs, boolean hasMoved) {}

    private final String self;
    private final long leaseNs;
    private final Map<Integer, Seen<Lease>> leases = new TreeMap<>();
    private final Map<String, Seen<Member>> members = new TreeMap<>();
    private long askedNs;
    private @Nullable Long answeredNs;

    LeaseWatch(final String self, final long leaseMs) {
        this.self = self;
        leaseNs = TimeUnit.MILLISECONDS.toNanos(leaseMs);
    }

    /**
     * Takes in what a read of the whole table gave.
     *
     * @param askedNs when the read began: what it shows was so then or later
     * @param answeredNs when it ended: what it shows had been written by then
     */
    void observe(final LeaseTable.Book book, final long askedNs, final long answeredNs) {
        // Where this process has not looked for long, because it was paused or the table was away,
        // the others may not have been able to move anything either: their time begins again.
        final boolean isBlind = this.answeredNs != null && askedNs - this.answeredNs > leaseNs / 2;
        this.askedNs = askedNs;
        this.answeredNs = answeredNs;
        for (final Lease lease : book.leases()) {
            final Seen<Lease> before = leases.get(lease.partition());
            leases.put(lease.partition(), seen(before, lease, isBlind, answeredNs));
        }
        final Map<String, Seen<Member>> now = new TreeMap<>();
        for (final Member member : book.members()) {
            final Seen<Member> before = members.get(member.owner());
            now.put(member.owner(), seen(before, member, isBlind, answeredNs));
        }
        members.clear();
        members.putAll(now);
    }

    private static <T> Seen<T> seen(
            final @Nullable Seen<T> before,
            final T value,
            final boolean isBlind,
            final long nowNs) {
        if (before == null) {
            return new Seen<>(value, nowNs, false);
        }
        if (!before.value().equals(value)) {
            return new Seen<>(value, nowNs, true);
        }
        return isBlind ? new Seen<>(value, nowNs, before.hasMoved()) : before;
    }

    /** The lease as it was last seen; null if there is none. */
    @Nullable Lease lease(final int partition) {
        final Seen<Lease> seen = leases.get(partition);
        return seen == null ? null : seen.value();
    }

    /** True if anybody may take it: nobody's, left over, or not moved for a whole lease time. */
    boolean isToBeHad(final int partition) {
        final Seen<Lease> seen = leases.get(partition);
        return seen == null
                || seen.value().isFree()
                || seen.value().owner().equals(self)
                || isStill(seen.sinceNs());
    }

    /** The other processes that are alive. */
    List<Member> otherLiveMembers() {
        final List<Member> live = new ArrayList<>();
        for (final Seen<Member> seen : members.values()) {
            if (!seen.value().owner().equals(self) && !isStill(seen.sinceNs())) {
                live.add(seen.value());
            }
        }
        return live;
    }

    /** Processes that have not moved for so many lease times and can be forgotten. */
    List<Member> membersStillFor(final int leaseTimes) {
        final List<Member> still = new ArrayList<>();
        for (final Seen<Member> seen : members.values()) {
            if (!seen.value().owner().equals(self)
                    && askedNs - seen.sinceNs() >= leaseTimes * leaseNs) {
                still.add(seen.value());
            }
        }
        return still;
    }

    /** How many partitions a process owns, by the leases that are not to be had. */
    int leasesOf(final String owner, final int partitions) {
        int count = 0;
        for (int partition = 0; partition < partitions; partition++) {
            final Lease lease = lease(partition);
            if (lease != null && lease.owner().equals(owner) && !isToBeHad(partition)) {
                count++;
            }
        }
        return count;
    }

    /** True if nobody has used the chance to take it for a whole lease time. */
    boolean isLeftOver(final int partition) {
        final Seen<Lease> seen = leases.get(partition);
        return seen != null && askedNs - seen.sinceNs() >= 2 * leaseNs;
    }

    /**
     * Where the owner of the partition takes commands; null if there is none, it is this process, or
     * its heartbeat has not been seen to move lately.
     */
    @Nullable String addressOfOwner(final int partition) {
        final Lease lease = lease(partition);
        if (lease == null || lease.isFree()) {
            return null;
        }
        final Seen<Member> owner = members.get(lease.owner());
        return owner == null
                        || !owner.hasMoved()
                        || isStill(owner.sinceNs())
                        || owner.value().owner().equals(self)
                ? null
                : owner.value().address();
    }

    private boolean isStill(final long sinceNs) {
        return askedNs - sinceNs >= leaseNs;
    }
}
