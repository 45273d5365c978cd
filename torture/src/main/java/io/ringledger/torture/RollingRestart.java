package io.ringledger.torture;

import java.util.ArrayList;
import java.util.List;

/**
 * The steps of {@code docs/operating/upgrade.md}: every process is replaced, one after the other,
 * consumers first, then read models, then ledgers, the new one before the old one.
 */
final class RollingRestart implements RehearsalStand.Steps {
    private static final String PROJECTED = "ringledger_projector_events_total";

    private final RehearsalStand stand;
    private final Fleet fleet;

    RollingRestart(final RehearsalStand stand) {
        this.stand = stand;
        fleet = stand.fleet();
    }

    @Override
    public void run(final Facts facts) throws Exception {
        final int shards = stand.projectedShards();
        final List<String> sideBySide = new ArrayList<>();
        for (final Instance old : fleet.of(Role.CONSUMER)) {
            final Instance replacement = stand.replace(old);
            stand.awaitProjectors(shards);
            final List<Instance> others = fleet.of(Role.CONSUMER).stream()
                    .filter(instance -> instance != replacement)
                    .toList();
            if (!others.isEmpty() && sideBySide.isEmpty()) {
                sideBySide.add(awaitBothAtWork(others.getFirst(), replacement));
            }
        }
        for (final Instance old : fleet.of(Role.READ_MODEL)) {
            stand.replace(old);
        }
        for (final Instance old : fleet.of(Role.LEDGER)) {
            stand.replace(old);
            stand.awaitServed();
        }
        facts.add("old and new consumer at work side by side", sideBySide.toString());
    }

    /** Both have a shard, and what each has put into the views grows while the other one's does. */
    private String awaitBothAtWork(final Instance old, final Instance replacement)
            throws InterruptedException {
        final double oldBefore = fleet.meter(old, PROJECTED);
        final double newBefore = fleet.meter(replacement, PROJECTED);
        Waits.until(
                old.name() + " and " + replacement.name() + " are both at work",
                () -> fleet.meter(old, PROJECTED) > oldBefore
                        && fleet.meter(replacement, PROJECTED) > newBefore);
        return old.name() + " and " + replacement.name();
    }
}
