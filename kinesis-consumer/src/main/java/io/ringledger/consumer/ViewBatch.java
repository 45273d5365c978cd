package io.ringledger.consumer;

import io.ringledger.kit.trace.TraceParent;

import org.agrona.collections.Int2ObjectHashMap;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Several frames of one partition, folded to what one statement writes: the entries, the last state
 * of each account touched, and the progress after the last frame. Starts from where the views stand
 * and holds only if they still stand there. Used by one thread.
 */
public final class ViewBatch {
    /** The transaction's postings, one row for the account and its contra account. */
    public record Posted(
            long sequence,
            long recordedAtMs,
            int accountNumber,
            int contraAccountNumber,
            short type,
            long amount,
            long balance,
            long contraBalance,
            @Nullable String reference) {}

    /** Most requests of which a batch notes the traces: it does not grow with what is sampled. */
    static final int MAX_TRACED = 64;

    /**
     * A traced request that has events in the batch: one, or those of a batch of commands.
     *
     * @param sender whose context the events carry
     * @param frame of the first of them
     * @param firstSequence of the first of them
     * @param events how many
     */
    record Traced(TraceParent sender, long frame, long firstSequence, int events) {}

    private final PartitionView from;
    private final Map<Integer, Long> systemBalances;
    private final List<Posted> posted = new ArrayList<>();
    private final Int2ObjectHashMap<AccountChange> accounts = new Int2ObjectHashMap<>();
    private final List<Traced> traced = new ArrayList<>(0);
    private Progress to;
    private long oldestRecordedAtMs;
    private int frames;
    private int events;

    /** An empty batch that goes on from {@code from}. */
    ViewBatch(final PartitionView from) {
        this.from = from;
        this.to = from.progress();
        this.systemBalances = new HashMap<>(from.systemBalances());
    }

    /** An account came into being with a balance of zero. */
    void opened(
            final long sequence,
            final long recordedAtMs,
            final int accountNumber,
            final String accountId,
            final String currency,
            final long creditLimit) {
        events++;
        open(AccountChange.ofOpened(
                accountNumber, accountId, currency, creditLimit, false, sequence, recordedAtMs));
    }

    /** The event about to be added opens a system account, too, with a balance of zero. */
    void systemAccountOpened(
            final long sequence,
            final long recordedAtMs,
            final int accountNumber,
            final String currency) {
        final String accountId = "@world." + currency + "." + to.partition();
        open(AccountChange.ofOpened(
                accountNumber, accountId, currency, 0, true, sequence, recordedAtMs));
        if (systemBalances.putIfAbsent(accountNumber, 0L) != null) {
            throw new ContradictionException(
                    HaltReason.IMPOSSIBLE_EVENT,
                    "system account opened twice: accountId=" + accountId + ", accountNumber="
                            + accountNumber + ", sequence=" + sequence);
        }
    }

    private void open(final AccountChange opened) {
        if (accounts.putIfAbsent(opened.accountNumber(), opened) != null) {
            throw new ContradictionException(
                    HaltReason.IMPOSSIBLE_EVENT,
                    "account number opened after it was used: accountNumber="
                            + opened.accountNumber() + ", sequence=" + opened.sequence());
        }
    }

    /**
     * A transaction: {@code amount}, signed, on the account, and its opposite on the contra account.
     *
     * @param balance of the account, after the transaction
     */
    void posted(
            final long sequence,
            final long recordedAtMs,
            final int accountNumber,
            final int contraAccountNumber,
            final short type,
            final long amount,
            final long balance,
            final @Nullable String reference) {
        events++;
        final Long contraBefore = systemBalances.get(contraAccountNumber);
        if (contraBefore == null || accountNumber == contraAccountNumber) {
            throw new ContradictionException(
                    HaltReason.IMPOSSIBLE_EVENT,
                    "contra account is not a system account of the partition: contraAccountNumber="
                            + contraAccountNumber + ", accountNumber=" + accountNumber
                            + ", sequence=" + sequence + ", systemAccounts="
                            + systemBalances.keySet());
        }
        final long contraBalance = Math.subtractExact(contraBefore, amount);
        systemBalances.put(contraAccountNumber, contraBalance);
        change(accountNumber).posting(amount, balance, sequence, recordedAtMs);
        change(contraAccountNumber).posting(-amount, contraBalance, sequence, recordedAtMs);
        posted.add(new Posted(
                sequence,
                recordedAtMs,
                accountNumber,
                contraAccountNumber,
                type,
                amount,
                balance,
                contraBalance,
                reference));
    }

    /** An account got another credit limit. */
    void creditLimitChanged(
            final long sequence,
            final long recordedAtMs,
            final int accountNumber,
            final long creditLimit) {
        events++;
        change(accountNumber).creditLimit(creditLimit, sequence, recordedAtMs);
    }

    /** A refusal: the views change in nothing but their position. */
    void refused() {
        events++;
    }

    /** The event that is about to be added was made by a traced request. */
    void traced(final TraceParent sender, final long frame, final long sequence) {
        for (int i = traced.size() - 1; i >= 0; i--) {
            final Traced known = traced.get(i);
            if (known.sender().equals(sender)) {
                traced.set(
                        i,
                        new Traced(
                                sender, known.frame(), known.firstSequence(), known.events() + 1));
                return;
            }
        }
        if (traced.size() < MAX_TRACED) {
            traced.add(new Traced(sender, frame, sequence, 1));
        }
    }

    /** The events added since the last call, or the start, were one frame; the views move to it. */
    void endOfFrame(final Progress progress, final long baseTimeMs) {
        if (progress.partition() != to.partition() || progress.frame() != to.frame() + 1) {
            throw new IllegalArgumentException(
                    "not the next frame: progress=[" + progress + "], before=[" + to + "]");
        }
        if (frames == 0) {
            oldestRecordedAtMs = baseTimeMs;
        }
        to = progress;
        frames++;
    }

    /** A new ownership begins after the last frame. */
    void raiseEpoch(final long epoch) {
        if (epoch <= to.epoch()) {
            throw new IllegalArgumentException(
                    "epoch does not grow: epoch=" + epoch + ", before=[" + to + "]");
        }
        to = to.withEpoch(epoch);
    }

    /** Whether the views stand elsewhere once the batch is in, if only in their epoch. */
    public boolean isMoving() {
        return frames > 0 || to.epoch() != from.progress().epoch();
    }

    private AccountChange change(final int accountNumber) {
        AccountChange change = accounts.get(accountNumber);
        if (change == null) {
            change = AccountChange.ofExisting(accountNumber);
            accounts.put(accountNumber, change);
        }
        return change;
    }

    /** Where the views must stand for the batch to hold. */
    public PartitionView from() {
        return from;
    }

    /** Where the views stand once the batch is in. */
    public Progress to() {
        return to;
    }

    /** Where the views stand once the batch is in, with the balances of the system accounts. */
    PartitionView toView() {
        return new PartitionView(to, systemBalances);
    }

    /** The ledger time of the first event, in ms since 1970. */
    long oldestRecordedAtMs() {
        return oldestRecordedAtMs;
    }

    /** How many frames. */
    public int frames() {
        return frames;
    }

    /** How many events: those of unfinished frames count too. */
    public int events() {
        return events;
    }

    /** The traced requests that have events in it, at most {@link #MAX_TRACED}. */
    List<Traced> traced() {
        return traced;
    }

    /** The transactions, in the order of the log; only valid while nothing is added. */
    public List<Posted> posted() {
        return posted;
    }

    /** The accounts touched, in the order of their numbers. */
    public List<AccountChange> accounts() {
        final List<AccountChange> sorted = new ArrayList<>(accounts.values());
        sorted.sort((a, b) -> Integer.compare(a.accountNumber(), b.accountNumber()));
        return sorted;
    }
}
