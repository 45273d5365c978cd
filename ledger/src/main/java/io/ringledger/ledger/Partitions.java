package io.ringledger.ledger;

import io.ringledger.kit.ProblemCode;
import io.ringledger.ledger.http.CommandIngress;
import io.ringledger.ledger.http.CommandReply;
import io.ringledger.ledger.partition.Partition;
import io.ringledger.model.Command;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** The partitions of this process, as far as they have been rebuilt. Thread-safe. */
final class Partitions implements CommandIngress {
    /** A frame that has been on its way for longer says that the log is not reachable. */
    private static final long STALLED_MS = 10_000;

    private final AtomicReferenceArray<@Nullable Partition> partitions;

    Partitions(final int count) {
        partitions = new AtomicReferenceArray<>(count);
    }

    void add(final int number, final Partition partition) {
        partitions.set(number, partition);
    }

    @Override
    public int partitions() {
        return partitions.length();
    }

    @Override
    public boolean tryPublish(
            final int number, final Command command, final CommandReply reply, final int index) {
        final Partition partition = partitions.get(number);
        return partition != null && partition.tryPublish(command, reply, index);
    }

    @Override
    public @Nullable ProblemCode closedBecause(final int number) {
        final Partition partition = partitions.get(number);
        if (partition == null || !partition.isOpen()) {
            return ProblemCode.NO_OWNER;
        }
        return partition.isFull() ? ProblemCode.OVERLOADED : null;
    }

    /** Why this process is not ready for commands, or null if it is. */
    @Nullable String reasonNotReady() {
        for (int number = 0; number < partitions.length(); number++) {
            final ProblemCode code = closedBecause(number);
            if (code != null) {
                return "partition " + number + ": " + code.wireName();
            }
            final Partition partition = partitions.get(number);
            if (partition != null && partition.stalledMs() > STALLED_MS) {
                return "partition " + number + ": the log has not taken a frame for "
                        + partition.stalledMs() + " ms";
            }
        }
        return null;
    }

    /**
     * Closes every partition, side by side; each lets what it has taken become durable first.
     *
     * @return true if nothing is on its way into the log any more
     */
    boolean close(final long timeoutMs) throws InterruptedException {
        final List<Callable<Boolean>> closings = new ArrayList<>();
        for (int number = 0; number < partitions.length(); number++) {
            final Partition partition = partitions.get(number);
            if (partition != null) {
                closings.add(() -> partition.close(timeoutMs));
            }
        }
        boolean areDrained = true;
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (final Future<Boolean> closed : executor.invokeAll(closings)) {
                areDrained &= closed.resultNow();
            }
        }
        return areDrained;
    }
}
