package io.ringledger.simulation;

import io.ringledger.model.AccountModel;
import io.ringledger.model.ModelContext;
import io.ringledger.model.snapshot.SnapshotHeader;
import io.ringledger.model.snapshot.SnapshotReader;
import io.ringledger.snapshots.SnapshotName;
import io.ringledger.snapshots.SnapshotStore;
import io.ringledger.snapshots.SnapshotStoreException;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Where snapshots are kept: what is visible was written whole, and what becomes of it afterwards is
 * another matter. Every snapshot is checked by the oracle at the moment when it is stored.
 */
final class SimSnapshotStore {
    private static final long FASTEST_NS = 500_000;
    private static final long USUAL_NS = 10_000_000;
    private static final long ROT_NS = 15_000_000_000L;
    private static final Comparator<SnapshotName> NEWEST_FIRST = Comparator.comparingInt(
                    SnapshotName::partition)
            .thenComparing(Comparator.comparingLong(SnapshotName::sequence)
                    .thenComparingLong(SnapshotName::epoch)
                    .reversed());

    private final World world;
    private final Oracle oracle;
    private final int partitions;
    private final Supplier<ModelContext> contexts;
    private final SplittableRandom random;
    private final TreeMap<SnapshotName, byte[]> snapshots = new TreeMap<>(NEWEST_FIRST);
    private final TreeMap<Integer, SnapshotName> newestWritten = new TreeMap<>();

    SimSnapshotStore(
            final World world,
            final Oracle oracle,
            final int partitions,
            final Supplier<ModelContext> contexts) {
        this.world = world;
        this.oracle = oracle;
        this.partitions = partitions;
        this.contexts = contexts;
        random = world.draws().of("snapshot store");
    }

    /** The newest that was ever written of a partition, whatever became of it. */
    @Nullable SnapshotName newestWritten(final int partition) {
        return newestWritten.get(partition);
    }

    /**
     * The store as one process sees it.
     *
     * @param isBlocking whether calls take time
     */
    SnapshotStore of(final SimProcess process, final boolean isBlocking) {
        return new View(process, isBlocking);
    }

    private final class View implements SnapshotStore {
        private final SimProcess process;
        private final boolean isBlocking;

        View(final SimProcess process, final boolean isBlocking) {
            this.process = process;
            this.isBlocking = isBlocking;
        }

        @Override
        public List<SnapshotName> list(final int partition) {
            travel();
            failAtTimes(Fault.SNAPSHOT_READ_FAILED);
            final List<SnapshotName> names = new ArrayList<>(snapshots.keySet().stream()
                    .filter(name -> name.partition() == partition)
                    .toList());
            if (names.size() > 1 && world.fires(Fault.SNAPSHOT_OLD)) {
                return names.subList(1 + random.nextInt(names.size() - 1), names.size());
            }
            return names;
        }

        @Override
        public Reading open(final SnapshotName name) {
            travel();
            failAtTimes(Fault.SNAPSHOT_READ_FAILED);
            final byte[] bytes = snapshots.get(name);
            if (bytes == null) {
                throw new SnapshotStoreException(
                        "gone: " + name, new IllegalStateException(), true);
            }
            return new Bytes(bytes);
        }

        @Override
        public long write(final SnapshotName name, final Content content) {
            travel();
            final ByteArrayOutputStream out = new ByteArrayOutputStream();
            final long length = content.writeTo(out::write);
            failAtTimes(Fault.SNAPSHOT_WRITE_FAILED);
            keep(name, out.toByteArray());
            world.trace(
                    process.name(), "snapshot", name.partition(), name.sequence(), name.epoch());
            failAtTimes(Fault.SNAPSHOT_WRITE_UNKNOWN);
            travel();
            return length;
        }

        @Override
        public void delete(final SnapshotName name) {
            travel();
            failAtTimes(Fault.SNAPSHOT_WRITE_FAILED);
            snapshots.remove(name);
        }

        @Override
        public void deleteLeftovers() {
            // What was not written whole was never there.
        }

        @Override
        public void close() {
            // Nothing is held.
        }

        private void travel() {
            if (isBlocking) {
                world.block(process, FASTEST_NS + random.nextLong(USUAL_NS));
            }
        }

        private void failAtTimes(final Fault fault) {
            if (world.fires(fault)) {
                throw new SnapshotStoreException(fault.name(), new IllegalStateException(), false);
            }
        }
    }

    private void keep(final SnapshotName name, final byte[] bytes) {
        oracle.guarded(() -> {
            final SnapshotReader reader = SnapshotReader.open(new Bytes(bytes));
            final SnapshotHeader header = reader.header();
            final AccountModel model =
                    reader.readModel(name.partition(), partitions, contexts.get());
            oracle.checkState(header.chain(), model, "snapshot " + name);
        });
        snapshots.put(name, bytes);
        world.tally().count("snapshots stored");
        final SnapshotName before = newestWritten.get(name.partition());
        if (before == null || NEWEST_FIRST.compare(name, before) <= 0) {
            newestWritten.put(name.partition(), name);
        }
        rotAtTimes(Fault.SNAPSHOT_TORN, name, bytes);
        rotAtTimes(Fault.SNAPSHOT_FLIPPED, name, bytes);
        rotAtTimes(Fault.SNAPSHOT_MISSING, name, bytes);
    }

    /** Something becomes of a snapshot while it lies there. */
    private void rotAtTimes(final Fault fault, final SnapshotName name, final byte[] bytes) {
        if (!world.fires(fault)) {
            return;
        }
        world.in(random.nextLong(ROT_NS), null, () -> {
            if (snapshots.get(name) != bytes || world.isHealed()) {
                return;
            }
            switch (fault) {
                case SNAPSHOT_TORN ->
                    snapshots.put(name, Arrays.copyOf(bytes, random.nextInt(bytes.length)));
                case SNAPSHOT_FLIPPED -> {
                    final byte[] flipped = bytes.clone();
                    flipped[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                    snapshots.put(name, flipped);
                }
                default -> snapshots.remove(name);
            }
        });
    }

    /** Gives the bytes of a snapshot, a few at a time. */
    private static final class Bytes implements SnapshotStore.Reading {
        private final byte[] bytes;
        private int at;

        Bytes(final byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public int read(final byte[] into, final int offset, final int length) {
            if (at == bytes.length) {
                return -1;
            }
            final int count = Math.min(length, bytes.length - at);
            System.arraycopy(bytes, at, into, offset, count);
            at += count;
            return count;
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }
}
