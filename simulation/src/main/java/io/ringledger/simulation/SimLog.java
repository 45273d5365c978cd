package io.ringledger.simulation;

import io.ringledger.ledger.log.LogPosition;
import io.ringledger.model.frame.EpochMarker;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A Kinesis stream: shards that hold the records of one or more partitions, that are split and
 * merged, and whose order of records is the truth. What was acknowledged stays; everything else that
 * Kinesis does not promise goes wrong.
 */
final class SimLog {
    /** Hears of every record at the moment when it is in the log for good. */
    @FunctionalInterface
    interface Witness {
        void onRecord(int partition, byte[] record, LogPosition position);
    }

    /** One record of a shard; it shows from a time on. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Entry(byte[] data, String sequenceNumber, int partition, long visibleNs) {}

    /** A shard: the partitions from {@code low} up to {@code high}, not included. */
    static final class Shard {
        private final String id;
        private final List<Shard> parents;
        private final List<Shard> children = new ArrayList<>();
        private final List<Entry> entries = new ArrayList<>();
        private final int low;
        private final int high;

        private Shard(final String id, final List<Shard> parents, final int low, final int high) {
            this.id = id;
            this.parents = parents;
            this.low = low;
            this.high = high;
        }

        String id() {
            return id;
        }

        List<Shard> parents() {
            return parents;
        }

        /** True once it takes nothing any more. */
        boolean isClosed() {
            return !children.isEmpty();
        }

        boolean covers(final int partition) {
            return low <= partition && partition < high;
        }

        /** Records that show by now: their order never changes, so they are the first so many. */
        int visible(final long nowNs) {
            int count = entries.size();
            while (count > 0 && entries.get(count - 1).visibleNs() > nowNs) {
                count--;
            }
            return count;
        }

        Entry entry(final int index) {
            return entries.get(index);
        }

        /** Where the record of a sequence number stands; -1 if it is not here. */
        int indexOf(final String sequenceNumber) {
            for (int i = 0; i < entries.size(); i++) {
                if (entries.get(i).sequenceNumber().equals(sequenceNumber)) {
                    return i;
                }
            }
            return -1;
        }
    }

    private static final long MAX_LATE_NS = 2_000_000_000L;
    private static final long SOON_NS = 30_000_000L;

    private final World world;
    private final int partitions;
    private final Witness witness;
    private final SplittableRandom random;
    private final List<Shard> shards = new ArrayList<>();
    private final List<List<byte[]>> waitingForMarker = new ArrayList<>();
    private long nextSequenceNumber = 1;

    SimLog(final World world, final int partitions, final int firstShards, final Witness witness) {
        this.world = world;
        this.partitions = partitions;
        this.witness = witness;
        random = world.draws().of("log");
        for (int i = 0; i < firstShards; i++) {
            final int low = partitions * i / firstShards;
            final int high = partitions * (i + 1) / firstShards;
            shards.add(new Shard("shard-" + i, List.of(), low, high));
        }
        for (int i = 0; i < partitions; i++) {
            waitingForMarker.add(new ArrayList<>());
        }
    }

    /** All shards, parents before children. */
    List<Shard> shards() {
        return shards;
    }

    /** The shards that ever held records of a partition, oldest first. */
    List<Shard> line(final int partition) {
        return shards.stream().filter(shard -> shard.covers(partition)).toList();
    }

    /** A record is in the log from now on. */
    LogPosition land(final int partition, final byte[] record) {
        final Shard shard = openShardOf(partition);
        final String sequenceNumber = String.format("%012d", nextSequenceNumber++);
        long visibleNs = world.nowNs();
        if (!shard.entries.isEmpty()) {
            visibleNs = Math.max(visibleNs, shard.entries.getLast().visibleNs());
        }
        if (world.fires(Fault.READ_LATE)) {
            visibleNs += random.nextLong(MAX_LATE_NS);
        }
        shard.entries.add(new Entry(record, sequenceNumber, partition, visibleNs));
        final boolean isMarker = EpochMarker.isMarker(record);
        world.trace(
                "log", isMarker ? "landed marker" : "landed", partition, record.length, shard.id);
        final LogPosition position = new LogPosition(shard.id, sequenceNumber);
        witness.onRecord(partition, record, position);
        if (isMarker) {
            release(partition);
        }
        return position;
    }

    /** A record gets into the log right after the next marker of its partition. */
    void landAfterMarker(final int partition, final byte[] record) {
        waitingForMarker.get(partition).add(record);
    }

    private void release(final int partition) {
        final List<byte[]> waiting = waitingForMarker.get(partition);
        for (final byte[] record : waiting) {
            world.fired(Fault.APPEND_LATE_AFTER_MARKER);
            world.in(random.nextLong(SOON_NS), null, () -> land(partition, record));
        }
        waiting.clear();
    }

    private Shard openShardOf(final int partition) {
        for (int i = shards.size() - 1; i >= 0; i--) {
            final Shard shard = shards.get(i);
            if (shard.covers(partition) && !shard.isClosed()) {
                return shard;
            }
        }
        throw new IllegalStateException("no open shard: partition=" + partition);
    }

    /** Closes the open shard of some partition and goes on with two. */
    void split() {
        final Shard shard = openShardOf(random.nextInt(partitions));
        // One of them may cover no partition at all: most slices of the key space are empty.
        final int middle = shard.low + random.nextInt(shard.high - shard.low + 1);
        addChild(List.of(shard), shard.low, middle);
        addChild(List.of(shard), middle, shard.high);
        world.fired(Fault.SHARD_SPLIT);
    }

    /** Closes two neighbours and goes on with one; false if there are none. */
    boolean merge() {
        for (final Shard left : List.copyOf(shards)) {
            final @Nullable Shard right = left.isClosed() ? null : openNeighbour(left);
            if (right != null) {
                addChild(List.of(left, right), left.low, right.high);
                world.fired(Fault.SHARD_MERGE);
                return true;
            }
        }
        return false;
    }

    private @Nullable Shard openNeighbour(final Shard left) {
        for (final Shard shard : shards) {
            if (shard != left && !shard.isClosed() && shard.low == left.high) {
                return shard;
            }
        }
        return null;
    }

    private void addChild(final List<Shard> parents, final int low, final int high) {
        final Shard child = new Shard("shard-" + shards.size(), parents, low, high);
        shards.add(child);
        parents.forEach(parent -> parent.children.add(child));
    }
}
