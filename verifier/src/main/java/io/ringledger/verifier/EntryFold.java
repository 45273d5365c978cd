package io.ringledger.verifier;

import io.ringledger.model.AccountModel;
import io.ringledger.model.event.AccountOpenedDecoder;
import io.ringledger.model.event.CommandRefusedDecoder;
import io.ringledger.model.event.CreditLimitChangedDecoder;
import io.ringledger.model.event.Flag;
import io.ringledger.model.event.TransactionPostedDecoder;
import io.ringledger.model.event.TransactionType;
import io.ringledger.model.frame.EventHandler;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Applies events to a model, which checks them, and keeps what the entries of each account come to:
 * their number, their sum, and a digest of every one in its order. Not thread-safe.
 */
final class EntryFold implements EventHandler {
    /** What the entries of one account come to. */
    static final class Account {
        private long entries;
        private long sum;
        private long digest;
        private long lastSequence;
        private long lastTimeMs;

        /** An entry, as the views have it. */
        void add(
                final long sequence,
                final long timeMs,
                final int type,
                final long amount,
                final long balance,
                final String reference) {
            entries++;
            sum += amount;
            for (final long value :
                    new long[] {sequence, timeMs, type, amount, balance, reference.hashCode()}) {
                // Each step is a bijection of the digest, so a single difference never vanishes.
                digest = Long.rotateLeft(digest ^ value, 23) * 0x9E3779B97F4A7C15L;
            }
        }

        private void changed(final long sequence, final long timeMs) {
            lastSequence = sequence;
            lastTimeMs = timeMs;
        }

        long entries() {
            return entries;
        }

        long sum() {
            return sum;
        }

        /** Sequence of the last event that changed the account; 0 if none since the start. */
        long lastSequence() {
            return lastSequence;
        }

        /** Ledger time of that event. */
        long lastTimeMs() {
            return lastTimeMs;
        }

        boolean hasEntriesOf(final Account other) {
            return entries == other.entries && sum == other.sum && digest == other.digest;
        }

        @Override
        public String toString() {
            return entries + " entries with a sum of " + sum + ", digest "
                    + Long.toHexString(digest);
        }
    }

    private final AccountModel model;
    private final List<Account> accounts = new ArrayList<>();
    private final byte[] text = new byte[1024];
    private long entries;

    EntryFold(final AccountModel model) {
        this.model = model;
    }

    AccountModel model() {
        return model;
    }

    /** All entries, two for each transaction. */
    long entries() {
        return entries;
    }

    Account account(final int number) {
        while (accounts.size() <= number) {
            accounts.add(new Account());
        }
        return accounts.get(number);
    }

    @Override
    public void onFrameEnd() {
        model.onFrameEnd();
    }

    @Override
    public void onAccountOpened(
            final long sequence, final long timeMs, final AccountOpenedDecoder event) {
        final int account = event.accountNumber();
        final int world = event.worldAccountNumber();
        final boolean opensWorld = event.worldOpened() == Flag.YES;
        model.onAccountOpened(sequence, timeMs, event);
        account(account).changed(sequence, timeMs);
        if (opensWorld) {
            account(world).changed(sequence, timeMs);
        }
    }

    @Override
    public void onTransactionPosted(
            final long sequence, final long timeMs, final TransactionPostedDecoder event) {
        final int account = event.accountNumber();
        final int world = event.contraAccountNumber();
        final int type = event.transactionTypeRaw();
        final long amount = event.transactionType() == TransactionType.CREDIT
                ? event.amount()
                : -event.amount();
        final long balance = event.balance();
        final int limit = event.limit();
        event.skipIdempotencyKey();
        final int length = Math.min(event.referenceLength(), text.length);
        event.getReference(text, 0, length);
        event.limit(limit);
        model.onTransactionPosted(sequence, timeMs, event);
        final String reference =
                length == 0 ? "" : new String(Arrays.copyOf(text, length), StandardCharsets.UTF_8);
        add(account, sequence, timeMs, type, amount, balance, reference);
        add(world, sequence, timeMs, type, -amount, model.balance(world), reference);
    }

    private void add(
            final int number,
            final long sequence,
            final long timeMs,
            final int type,
            final long amount,
            final long balance,
            final String reference) {
        final Account account = account(number);
        account.add(sequence, timeMs, type, amount, balance, reference);
        account.changed(sequence, timeMs);
        entries++;
    }

    @Override
    public void onCreditLimitChanged(
            final long sequence, final long timeMs, final CreditLimitChangedDecoder event) {
        final int account = event.accountNumber();
        model.onCreditLimitChanged(sequence, timeMs, event);
        account(account).changed(sequence, timeMs);
    }

    @Override
    public void onCommandRefused(
            final long sequence, final long timeMs, final CommandRefusedDecoder event) {
        model.onCommandRefused(sequence, timeMs, event);
    }
}
