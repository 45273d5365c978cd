package io.ringledger.ledger.partition;

import io.ringledger.ledger.log.LogPosition;
import io.ringledger.model.AccountModel;
import io.ringledger.model.frame.FrameChain;

import org.jspecify.annotations.Nullable;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The port to the snapshots that recovery begins with. */
@FunctionalInterface
public interface SnapshotSource {
    /** No snapshots: every recovery reads its log from the beginning. */
    SnapshotSource NONE = (partition, below) -> CompletableFuture.completedFuture(Optional.empty());

    /**
     * A state that was kept.
     *
     * @param model the accounts after the last event that is in it
     * @param chain where the log stood then
     * @param lastRecord the last record of the log that is in it, of whatever partition; null if there
     *     is none
     */
    record Snapshot(
            AccountModel model, FrameChain chain, @Nullable LogPosition lastRecord) {}

    /**
     * The newest snapshot of a partition that is valid; those that are not are reported by the source
     * and passed over. Fails if the store cannot be reached: the caller tries again.
     *
     * @param below only those whose last sequence is lower than this
     */
    CompletionStage<Optional<Snapshot>> newest(int partition, long below);
}
