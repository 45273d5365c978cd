package io.ringledger.loadtests.inside;

import io.ringledger.ledger.log.LogPosition;
import io.ringledger.ledger.ownership.Ownership;
import io.ringledger.ledger.partition.PartitionContext;
import io.ringledger.ledger.partition.PartitionRecovery;
import io.ringledger.ledger.partition.RecoveredPartition;
import io.ringledger.ledger.partition.SnapshotSource;
import io.ringledger.model.ModelContext;
import io.ringledger.model.frame.EpochMarker;
import io.ringledger.snapshots.FileSnapshotStore;
import io.ringledger.snapshots.SnapshotKeeper;
import io.ringledger.snapshots.SnapshotLoader;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/**
 * How long the production recovery takes, by length of the log and number of accounts, from the
 * beginning of the log and from a snapshot in files. The log is in memory: on AWS reading it costs
 * 2 MB/s a shard beside, which the last column gives. Used by one thread.
 */
final class RecoveryTimes implements AutoCloseable {
    private static final int WARM_UPS = 2;
    private static final double SHARD_BYTES_PER_S = 2_000_000;

    /** Accounts and transactions of each row. */
    private static final int[][] SIZES = {
        {1_000, 10_000},
        {1_000, 100_000},
        {1_000, 1_000_000},
        {100_000, 100_000},
        {100_000, 1_000_000},
        {1_000_000, 1_000_000},
        {1_000, 3_000_000}
    };

    private final Path folder;
    private final int rounds;
    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();
    private long epoch = 1;

    RecoveryTimes(final Path folder, final int rounds) {
        this.folder = folder;
        this.rounds = rounds;
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }

    /** Prints a table, a row when it has been measured, and on standard error how far it is. */
    void run() throws IOException {
        System.out.printf(
                "medians of %d rounds, lowest to highest; the tail behind a snapshot is %,d events%n%n",
                rounds, WrittenLedger.TAIL_EVENTS);
        System.out.println("| accounts | events | log MB | whole log | events/s | snapshot MB |"
                + " snapshot and tail | reading the log on AWS |");
        System.out.println("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        for (final int[] size : SIZES) {
            measure(size[0], size[1]);
        }
    }

    private void measure(final int accounts, final int transactions) throws IOException {
        final int events = accounts + transactions;
        final ModelContext model = new ModelContext(
                ModelContext.DEFAULT_IDEMPOTENCY_WINDOW_MS,
                accounts,
                Integer.MAX_VALUE,
                events,
                Integer.MAX_VALUE,
                1,
                2);
        final PartitionContext context =
                new PartitionContext(1, 1024, 4, 256 * 1024, 1024, 1_000, model);
        try (FileSnapshotStore store =
                new FileSnapshotStore(folder.resolve(accounts + "-" + transactions))) {
            final WrittenLedger written = WrittenLedger.write(
                    model, accounts, transactions, new SnapshotKeeper(store, 2));
            final long logBytes = written.log().bytes();
            final SnapshotSource snapshots = snapshots(store, model);
            final List<Double> whole = new ArrayList<>();
            final List<Double> fromSnapshot = new ArrayList<>();
            // Side by side, in turns: what the machine does meanwhile hits both.
            for (int round = -WARM_UPS; round < rounds; round++) {
                System.err.printf(
                        Locale.ROOT,
                        "%,d accounts, %,d events: %s%n",
                        accounts,
                        events,
                        round < 0 ? "warming up" : "round " + (round + 1) + " of " + rounds);
                final double wholeMs = recoverMs(context, written, SnapshotSource.NONE);
                final double snapshotMs = recoverMs(context, written, snapshots);
                if (round >= 0) {
                    whole.add(wholeMs);
                    fromSnapshot.add(snapshotMs);
                }
            }
            System.out.printf(
                    Locale.ROOT,
                    "| %,d | %,d | %.1f | %s | %,.0f | %.1f | %s | %.1f s |%n",
                    accounts,
                    events,
                    logBytes / 1e6,
                    text(whole),
                    events * 1_000.0 / median(whole),
                    written.snapshotBytes() / 1e6,
                    text(fromSnapshot),
                    logBytes / SHARD_BYTES_PER_S);
        }
    }

    private static SnapshotSource snapshots(
            final FileSnapshotStore store, final ModelContext model) {
        final SnapshotLoader loader = new SnapshotLoader(store);
        return (partition, below) -> CompletableFuture.completedFuture(Optional.ofNullable(
                        loader.load(partition, 1, model, below).loaded())
                .map(loaded -> new SnapshotSource.Snapshot(
                        loaded.model(),
                        loaded.header().chain(),
                        new LogPosition(
                                loaded.header().shardId(),
                                loaded.header().recordSequenceNumber()))));
    }

    private double recoverMs(
            final PartitionContext context,
            final WrittenLedger written,
            final SnapshotSource snapshots) {
        epoch++;
        final long startNs = System.nanoTime();
        final RecoveredPartition recovered = new PartitionRecovery(
                        0,
                        context,
                        written.log(),
                        snapshots,
                        new Owner(new EpochMarker(1, 0, epoch, epoch, 0)),
                        executor,
                        System::nanoTime,
                        () -> 1)
                .start()
                .toCompletableFuture()
                .join();
        final double tookMs = (System.nanoTime() - startNs) / 1e6;
        if (!recovered.model().stateHash().equals(written.stateHash())) {
            throw new IllegalStateException("recovered another state");
        }
        return tookMs;
    }

    private static double median(final List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    private static String text(final List<Double> values) {
        final List<Double> sorted = values.stream().sorted().toList();
        return String.format(
                Locale.ROOT,
                "%,.0f ms (%,.0f to %,.0f)",
                median(values),
                sorted.getFirst(),
                sorted.getLast());
    }

    /** Owns the partition for good. */
    private record Owner(EpochMarker marker) implements Ownership {
        @Override
        public CompletionStage<Boolean> confirm() {
            return CompletableFuture.completedFuture(true);
        }

        @Override
        public long requiredSequence() {
            return 0;
        }

        @Override
        public void appended(final long sequence) {
            // Nobody comes after.
        }
    }
}
