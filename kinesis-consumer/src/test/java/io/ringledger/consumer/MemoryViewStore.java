package io.ringledger.consumer;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** Views in memory, for the logic's own tests; several projections may share it. Thread-safe. */
final class MemoryViewStore implements ViewStore {
    private final Map<Integer, PartitionView> views = new HashMap<>();
    private final Map<Integer, Map<Integer, Long>> balances = new HashMap<>();
    private Runnable beforeCommit = () -> {};
    private boolean isAway;
    private boolean losesAnswers;
    private int mostEvents = Integer.MAX_VALUE;
    private int commits;

    MemoryViewStore(final int partitions) {
        for (int i = 0; i < partitions; i++) {
            views.put(i, PartitionView.start(i));
            balances.put(i, new TreeMap<>());
        }
    }

    /** Runs once, before the next commit looks at the views. */
    synchronized void beforeCommit(final Runnable action) {
        beforeCommit = action;
    }

    /** Every call fails. */
    synchronized void away(final boolean away) {
        isAway = away;
    }

    /** Commits happen, but their caller does not learn of it. */
    synchronized void losesAnswers(final boolean loses) {
        losesAnswers = loses;
    }

    /** Batches of more events take too long. */
    synchronized void takesAtMost(final int events) {
        mostEvents = events;
    }

    synchronized int commits() {
        return commits;
    }

    synchronized Map<Integer, Long> balances(final int partition) {
        return Map.copyOf(balances.getOrDefault(partition, Map.of()));
    }

    @Override
    public synchronized PartitionView load(final int partition) {
        requireHere();
        final PartitionView view = views.get(partition);
        if (view == null) {
            throw new ContradictionException(HaltReason.WRONG_PARTITION, "no view: " + partition);
        }
        return view;
    }

    @Override
    public synchronized boolean commit(final ViewBatch batch) {
        requireHere();
        if (batch.events() > mostEvents) {
            throw new ViewUnavailableException("too slow", new IllegalStateException());
        }
        final Runnable action = beforeCommit;
        beforeCommit = () -> {};
        action.run();
        final int partition = batch.to().partition();
        final Progress stands = load(partition).progress();
        if (stands.frame() != batch.from().progress().frame()
                || stands.epoch() > batch.to().epoch()) {
            return false;
        }
        views.put(partition, batch.toView());
        for (final AccountChange change : batch.accounts()) {
            final Long balance = change.balanceOrNull();
            if (balance != null) {
                balances.computeIfAbsent(partition, p -> new TreeMap<>())
                        .put(change.accountNumber(), balance);
            }
        }
        commits++;
        if (losesAnswers) {
            throw new ViewUnavailableException("answer lost", new IllegalStateException());
        }
        return true;
    }

    private void requireHere() {
        if (isAway) {
            throw new ViewUnavailableException("away", new IllegalStateException());
        }
    }
}
