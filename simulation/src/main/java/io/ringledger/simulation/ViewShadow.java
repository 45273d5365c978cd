package io.ringledger.simulation;

import io.ringledger.simulation.NaiveLedger.Broken;
import io.ringledger.simulation.SimViewStore.AccountRow;
import io.ringledger.simulation.SimViewStore.EntryRow;
import io.ringledger.simulation.SimViewStore.PartitionRows;

import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;

/** What the views of one partition must hold at a position, folded from the oracle's own events. */
final class ViewShadow {
    private final CanonicalLog log;
    private final TreeMap<Integer, AccountRow> accounts = new TreeMap<>();
    private long sequence;
    private int entries;

    ViewShadow(final CanonicalLog log) {
        this.log = log;
    }

    /** Holds the views against the log at the position that they say. */
    void check(final PartitionRows rows) {
        final long frame = rows.progress().frame();
        if (frame > log.frames().size()
                || rows.progress().sequence() != log.sequenceAfter(frame)
                || rows.progress().epoch() > log.fence()
                || !Arrays.equals(rows.progress().frameHash(), log.hashAfter(frame))) {
            throw new Broken(
                    "(h) views",
                    "progress is not of the log: " + rows.progress() + ", frames in the log="
                            + log.frames().size() + ", fence=" + log.fence());
        }
        if (rows.progress().sequence() < sequence) {
            throw new Broken("(h) views", "went back: " + rows.progress() + ", before=" + sequence);
        }
        while (sequence < rows.progress().sequence()) {
            sequence++;
            fold(log.events().get((int) sequence - 1), rows.entries());
        }
        if (entries != rows.entries().size() || !accounts.equals(rows.accounts())) {
            throw new Broken(
                    "(h) views",
                    "are not the fold of the log: " + rows.progress()
                            + ", entries=" + rows.entries().size() + ", expected=" + entries
                            + ", accounts=" + rows.accounts() + ", expected=" + accounts);
        }
    }

    private void fold(final LogEvent event, final List<EntryRow> found) {
        if (!event.isAccepted()) {
            return;
        }
        if (event.content().type() == LogEvent.OPEN) {
            if (event.isWorldOpened()) {
                accounts.put(
                        event.world(),
                        new AccountRow(
                                "@world." + event.content().currency() + "." + log.partition(),
                                event.content().currency(),
                                true,
                                0,
                                0,
                                event.sequence(),
                                event.timeMs()));
            }
            accounts.put(
                    event.number(),
                    new AccountRow(
                            event.accountId(),
                            event.content().currency(),
                            false,
                            0,
                            event.creditLimit(),
                            event.sequence(),
                            event.timeMs()));
            return;
        }
        change(event.number(), event, event.balance(), event.creditLimit());
        if (event.isTransaction()) {
            change(event.world(), event, event.worldBalance(), 0);
            final String reference = event.content().reference().isEmpty()
                    ? null
                    : event.content().reference();
            expect(
                    found,
                    new EntryRow(
                            event.number(),
                            event.sequence(),
                            event.transactionType(),
                            event.posting(),
                            event.balance(),
                            reference,
                            event.timeMs()));
            expect(
                    found,
                    new EntryRow(
                            event.world(),
                            event.sequence(),
                            event.transactionType(),
                            -event.posting(),
                            event.worldBalance(),
                            reference,
                            event.timeMs()));
        }
    }

    private void change(
            final int number, final LogEvent event, final long balance, final long creditLimit) {
        accounts.computeIfPresent(
                number,
                (key, row) -> new AccountRow(
                        row.accountId(),
                        row.currency(),
                        row.isSystemAccount(),
                        balance,
                        creditLimit,
                        event.sequence(),
                        event.timeMs()));
    }

    private void expect(final List<EntryRow> found, final EntryRow expected) {
        if (entries >= found.size() || !found.get(entries).equals(expected)) {
            throw new Broken(
                    "(h) views",
                    "entry differs: expected=" + expected + ", found="
                            + (entries < found.size() ? found.get(entries) : "none"));
        }
        entries++;
    }
}
