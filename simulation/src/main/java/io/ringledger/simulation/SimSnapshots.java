package io.ringledger.simulation;

import io.ringledger.ledger.log.LogPosition;
import io.ringledger.ledger.partition.SnapshotSource;
import io.ringledger.model.ModelContext;
import io.ringledger.snapshots.SnapshotLoader;
import io.ringledger.snapshots.SnapshotStoreException;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * The snapshots as a recovering owner gets them: the production loader on the simulated store, tried
 * a few times and then done without.
 */
final class SimSnapshots implements SnapshotSource {
    private static final int ATTEMPTS = 3;
    private static final long TAKES_NS = 20_000_000L;
    private static final long PAUSE_NS = 400_000_000L;

    private final World world;
    private final SimProcess process;
    private final SnapshotLoader loader;
    private final int partitions;
    private final Supplier<ModelContext> contexts;

    SimSnapshots(
            final World world,
            final SimProcess process,
            final SimSnapshotStore store,
            final int partitions,
            final Supplier<ModelContext> contexts) {
        this.world = world;
        this.process = process;
        this.loader = new SnapshotLoader(store.of(process, false));
        this.partitions = partitions;
        this.contexts = contexts;
    }

    @Override
    public CompletionStage<Optional<Snapshot>> newest(final int partition, final long below) {
        final CompletableFuture<Optional<Snapshot>> call = process.newCall();
        attempt(call, partition, below, 1);
        return call;
    }

    private void attempt(
            final CompletableFuture<Optional<Snapshot>> call,
            final int partition,
            final long below,
            final int attempt) {
        process.answer(TAKES_NS, () -> {
            try {
                final SnapshotLoader.Found found =
                        loader.load(partition, partitions, contexts.get(), below);
                found.refused()
                        .forEach(refusal ->
                                world.tally().count("snapshots refused: " + refusal.why()));
                if (!found.isInDoubt() || attempt == ATTEMPTS) {
                    call.complete(Optional.ofNullable(found.loaded()).map(SimSnapshots::snapshot));
                    return;
                }
            } catch (final SnapshotStoreException e) {
                if (attempt == ATTEMPTS) {
                    call.complete(Optional.empty());
                    return;
                }
            }
            process.answer(PAUSE_NS, () -> attempt(call, partition, below, attempt + 1));
        });
    }

    private static Snapshot snapshot(final SnapshotLoader.Loaded loaded) {
        return new Snapshot(
                loaded.model(),
                loaded.header().chain(),
                new LogPosition(loaded.header().shardId(), loaded.header().recordSequenceNumber()));
    }
}
