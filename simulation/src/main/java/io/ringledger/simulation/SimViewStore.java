package io.ringledger.simulation;

import io.ringledger.consumer.AccountChange;
import io.ringledger.consumer.ContradictionException;
import io.ringledger.consumer.HaltReason;
import io.ringledger.consumer.PartitionView;
import io.ringledger.consumer.Progress;
import io.ringledger.consumer.ViewBatch;
import io.ringledger.consumer.ViewStore;
import io.ringledger.consumer.ViewUnavailableException;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * Postgres: the tables of the views, moved by one transaction at a time that does what the projector's
 * statement does. Away at times, slow, and silent about what it did.
 */
final class SimViewStore {
    private static final long FASTEST_NS = 300_000;
    private static final long USUAL_NS = 4_000_000;
    private static final long SLOW_NS = 2_000_000_000L;

    /** A row of the accounts. */
    record AccountRow(
            String accountId,
            String currency,
            boolean isSystemAccount,
            long balance,
            long creditLimit,
            long sequence,
            long recordedAtMs) {}

    /** A row of the entries. */
    record EntryRow(
            int accountNumber,
            long sequence,
            int type,
            long amount,
            long balance,
            @Nullable String reference,
            long recordedAtMs) {}

    /** What the views hold of one partition. */
    static final class PartitionRows {
        private final int partition;
        private Progress progress;
        private final TreeMap<Integer, AccountRow> accounts = new TreeMap<>();
        private final List<EntryRow> entries = new ArrayList<>();
        private final Set<String> entryKeys = new HashSet<>();

        PartitionRows(final int partition) {
            this.partition = partition;
            progress = Progress.start(partition);
        }

        int partition() {
            return partition;
        }

        Progress progress() {
            return progress;
        }

        Map<Integer, AccountRow> accounts() {
            return accounts;
        }

        List<EntryRow> entries() {
            return entries;
        }
    }

    private final World world;
    private final Oracle oracle;
    private final SplittableRandom random;
    private final List<PartitionRows> rows = new ArrayList<>();
    private long awayUntilNs;

    SimViewStore(final World world, final Oracle oracle, final int partitions) {
        this.world = world;
        this.oracle = oracle;
        random = world.draws().of("views");
        for (int i = 0; i < partitions; i++) {
            rows.add(new PartitionRows(i));
        }
    }

    /** What is in the tables. */
    PartitionRows rows(final int partition) {
        return rows.get(partition);
    }

    /** A connection of a process. */
    ViewStore connect(final SimProcess process) {
        return new Connection(process);
    }

    private final class Connection implements ViewStore {
        private final SimProcess process;

        Connection(final SimProcess process) {
            this.process = process;
        }

        @Override
        public PartitionView load(final int partition) {
            travel();
            final PartitionRows found = rows.get(partition);
            final Map<Integer, Long> systemBalances = new HashMap<>();
            found.accounts.forEach((number, row) -> {
                if (row.isSystemAccount()) {
                    systemBalances.put(number, row.balance());
                }
            });
            final PartitionView view = new PartitionView(found.progress, systemBalances);
            travel();
            world.trace(process.name(), "view load", partition, found.progress.frame(), null);
            return view;
        }

        @Override
        public boolean commit(final ViewBatch batch) {
            travel();
            final boolean isHit = move(batch);
            world.trace(
                    process.name(),
                    isHit ? "view commit" : "view missed",
                    batch.to().partition(),
                    batch.to().frame(),
                    null);
            if (world.fires(Fault.VIEW_ANSWER_LOST)) {
                throw new ViewUnavailableException("no answer", new IllegalStateException("lost"));
            }
            travel();
            return isHit;
        }

        private void travel() {
            if (!world.isHealed() && world.nowNs() >= awayUntilNs && world.fires(Fault.VIEW_AWAY)) {
                awayUntilNs = world.nowNs() + random.nextLong(SLOW_NS);
            }
            if (!world.isHealed() && world.nowNs() < awayUntilNs) {
                throw new ViewUnavailableException("away", new IllegalStateException("away"));
            }
            final long slowNs = world.fires(Fault.VIEW_SLOW) ? random.nextLong(SLOW_NS) : 0;
            world.block(process, FASTEST_NS + random.nextLong(USUAL_NS) + slowNs);
        }
    }

    private boolean move(final ViewBatch batch) {
        final PartitionRows target = rows.get(batch.to().partition());
        final boolean isHit = target.progress.frame() == batch.from().progress().frame()
                && target.progress.epoch() <= batch.to().epoch();
        if (!isHit) {
            world.tally().count("views: another one had moved them");
            return false;
        }
        try {
            final Map<Integer, AccountRow> accounts = changed(target.accounts, batch);
            final List<EntryRow> entries = entries(batch);
            for (final EntryRow entry : entries) {
                if (!target.entryKeys.add(entry.accountNumber() + "@" + entry.sequence())) {
                    throw disagree("entry is there: " + entry);
                }
            }
            target.accounts.clear();
            target.accounts.putAll(accounts);
            target.entries.addAll(entries);
            target.progress = batch.to();
        } catch (final ContradictionException e) {
            oracle.onRefusedBatch(batch, String.valueOf(e.getMessage()));
            throw e;
        }
        world.tally().count("views: moved");
        oracle.onView(target);
        return true;
    }

    private static Map<Integer, AccountRow> changed(
            final Map<Integer, AccountRow> before, final ViewBatch batch) {
        final Map<Integer, AccountRow> accounts = new TreeMap<>(before);
        for (final AccountChange change : batch.accounts()) {
            final int number = change.accountNumber();
            final AccountRow row = accounts.get(number);
            final Long balance = change.balanceOrNull();
            final Long creditLimit = change.creditLimitOrNull();
            final String accountId = change.accountId();
            final String currency = change.currency();
            if (accountId != null && currency != null) {
                if (row != null || balance == null || creditLimit == null) {
                    throw disagree("account is there: number=" + number);
                }
                accounts.put(
                        number,
                        new AccountRow(
                                accountId,
                                currency,
                                change.isSystemAccount(),
                                balance,
                                creditLimit,
                                change.sequence(),
                                change.recordedAtMs()));
                continue;
            }
            if (row == null
                    || row.balance() + change.balanceDelta()
                            != (balance == null ? row.balance() : balance)
                    || row.sequence() >= change.sequence()) {
                throw disagree("account disagrees: number=" + number + ", row=" + row);
            }
            accounts.put(
                    number,
                    new AccountRow(
                            row.accountId(),
                            row.currency(),
                            row.isSystemAccount(),
                            balance == null ? row.balance() : balance,
                            creditLimit == null ? row.creditLimit() : creditLimit,
                            change.sequence(),
                            change.recordedAtMs()));
        }
        return accounts;
    }

    private static List<EntryRow> entries(final ViewBatch batch) {
        final List<EntryRow> entries = new ArrayList<>();
        for (final ViewBatch.Posted posted : batch.posted()) {
            entries.add(new EntryRow(
                    posted.accountNumber(),
                    posted.sequence(),
                    posted.type(),
                    posted.amount(),
                    posted.balance(),
                    posted.reference(),
                    posted.recordedAtMs()));
            entries.add(new EntryRow(
                    posted.contraAccountNumber(),
                    posted.sequence(),
                    posted.type(),
                    -posted.amount(),
                    posted.contraBalance(),
                    posted.reference(),
                    posted.recordedAtMs()));
        }
        return entries;
    }

    private static ContradictionException disagree(final String what) {
        return new ContradictionException(HaltReason.VIEW_DISAGREES, what);
    }
}
