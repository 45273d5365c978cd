package io.ringledger.ledger;

import io.ringledger.kit.ProblemCode;
import io.ringledger.ledger.http.CommandIngress;
import io.ringledger.ledger.http.CommandReply;
import io.ringledger.ledger.partition.Partition;
import io.ringledger.model.Command;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.IntFunction;

/** The partitions that this process serves, and where the others are. Thread-safe. */
final class Partitions implements CommandIngress {
    /** A frame that has been on its way for longer says that the log is not reachable. */
    private static final long STALLED_MS = 5_000;

    /** Of partitions that are not ready: more would say no more. */
    private static final int MAX_REASONS = 8;

    private final String ledger;
    private final AtomicReferenceArray<@Nullable Partition> partitions;
    private volatile IntFunction<@Nullable String> directory = number -> null;
    private volatile IntFunction<String> explanation = number -> "starting";

    Partitions(final String ledger, final int count) {
        this.ledger = ledger;
        partitions = new AtomicReferenceArray<>(count);
    }

    /** From now on the partition takes commands here. */
    void set(final int number, final Partition partition) {
        partitions.set(number, partition);
    }

    /** It does so no longer, unless another one has replaced it. */
    void remove(final int number, final Partition partition) {
        partitions.compareAndSet(number, partition, null);
    }

    /** Where to ask for the addresses of other processes. */
    void setDirectory(final IntFunction<@Nullable String> directory) {
        this.directory = directory;
    }

    /** Where to ask why a partition takes no commands. */
    void setExplanation(final IntFunction<String> explanation) {
        this.explanation = explanation;
    }

    /** The partition if this process owns it and has recovered it. */
    @Nullable Partition get(final int number) {
        return partitions.get(number);
    }

    @Override
    public String ledger() {
        return ledger;
    }

    @Override
    public int partitions() {
        return partitions.length();
    }

    @Override
    public boolean tryPublish(
            final int number, final Command command, final CommandReply reply, final int index) {
        final Partition partition = partitions.get(number);
        return partition != null && partition.offer(command, reply, index);
    }

    @Override
    public void wakeUp(final int number) {
        final Partition partition = partitions.get(number);
        if (partition != null) {
            partition.wakeUp();
        }
    }

    @Override
    public @Nullable ProblemCode closedBecause(final int number) {
        final Partition partition = partitions.get(number);
        if (partition == null || !partition.isOpen()) {
            return ProblemCode.NO_OWNER;
        }
        return partition.isFull() ? ProblemCode.OVERLOADED : null;
    }

    @Override
    public @Nullable String ownerAddress(final int number) {
        return partitions.get(number) == null ? directory.apply(number) : null;
    }

    /** Why this process is not ready for commands, each partition with its reason; null if it is. */
    @Nullable String reasonNotReady() {
        final StringBuilder reasons = new StringBuilder();
        int count = 0;
        for (int number = 0; number < partitions.length(); number++) {
            final String reason = reasonNotReady(number);
            if (reason != null && ++count <= MAX_REASONS) {
                reasons.append(count == 1 ? "" : "; ").append(reason);
            }
        }
        if (count > MAX_REASONS) {
            reasons.append("; and ").append(count - MAX_REASONS).append(" more");
        }
        return count == 0 ? null : reasons.toString();
    }

    private @Nullable String reasonNotReady(final int number) {
        final ProblemCode code = closedBecause(number);
        if (code != null && ownerAddress(number) == null) {
            return "partition " + number + ": " + code.wireName() + ", "
                    + explanation.apply(number);
        }
        final Partition partition = partitions.get(number);
        if (partition != null && partition.stalledMs() > STALLED_MS) {
            return "partition " + number + ": " + partition.stalledBy() + " has not answered for "
                    + partition.stalledMs() + " ms";
        }
        return null;
    }
}
