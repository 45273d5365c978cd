package io.ringledger.consumer;

import java.util.Map;
import java.util.TreeMap;

/**
 * What the projector must know of a partition's views to go on from them: the progress row, and the
 * balances of the few system accounts, which events do not carry. Immutable.
 *
 * @param progress how far the views have got
 * @param systemBalances the balance of each system account by its number, in minor units
 */
public record PartitionView(Progress progress, Map<Integer, Long> systemBalances) {
    /** Copies the balances. */
    public PartitionView {
        systemBalances = Map.copyOf(systemBalances);
    }

    /** Where a partition stands before its first frame. */
    public static PartitionView start(final int partition) {
        return new PartitionView(Progress.start(partition), Map.of());
    }

    @Override
    public String toString() {
        return progress + ", systemBalances=" + new TreeMap<>(systemBalances);
    }
}
