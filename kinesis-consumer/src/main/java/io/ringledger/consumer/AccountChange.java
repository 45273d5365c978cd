package io.ringledger.consumer;

import org.jspecify.annotations.Nullable;

/**
 * What one batch does to one account, folded to its last state. Columns that the batch did not touch
 * keep their value in the views. Used by one thread, then read-only.
 */
public final class AccountChange {
    private final int accountNumber;
    private final @Nullable String accountId;
    private final @Nullable String currency;
    private final boolean isSystemAccount;

    private boolean isBalanceTouched;
    private boolean isCreditLimitTouched;
    private long balance;
    private long balanceDelta;
    private long creditLimit;
    private long sequence;
    private long recordedAtMs;

    private AccountChange(
            final int accountNumber,
            final @Nullable String accountId,
            final @Nullable String currency,
            final boolean isSystemAccount) {
        this.accountNumber = accountNumber;
        this.accountId = accountId;
        this.currency = currency;
        this.isSystemAccount = isSystemAccount;
    }

    /** An account that the views hold already. */
    static AccountChange ofExisting(final int accountNumber) {
        return new AccountChange(accountNumber, null, null, false);
    }

    /** An account that comes into being in this batch, with a balance of zero. */
    static AccountChange ofOpened(
            final int accountNumber,
            final String accountId,
            final String currency,
            final long creditLimit,
            final boolean isSystemAccount,
            final long sequence,
            final long recordedAtMs) {
        final AccountChange opened =
                new AccountChange(accountNumber, accountId, currency, isSystemAccount);
        opened.isBalanceTouched = true;
        opened.creditLimit(creditLimit, sequence, recordedAtMs);
        return opened;
    }

    /** A posting of {@code amount}, signed, after which the account holds {@code newBalance}. */
    void posting(
            final long amount,
            final long newBalance,
            final long sequence,
            final long recordedAtMs) {
        if (isBalanceTouched && newBalance != Math.addExact(balance, amount)) {
            throw new ContradictionException(
                    HaltReason.IMPOSSIBLE_EVENT,
                    "balance after a posting does not follow from the one before: accountNumber="
                            + accountNumber + ", sequence=" + sequence + ", balanceBefore="
                            + balance + ", amount=" + amount + ", balanceAfter=" + newBalance);
        }
        isBalanceTouched = true;
        balance = newBalance;
        balanceDelta = Math.addExact(balanceDelta, amount);
        this.sequence = sequence;
        this.recordedAtMs = recordedAtMs;
    }

    /** Another credit limit. */
    void creditLimit(final long newCreditLimit, final long sequence, final long recordedAtMs) {
        isCreditLimitTouched = true;
        creditLimit = newCreditLimit;
        this.sequence = sequence;
        this.recordedAtMs = recordedAtMs;
    }

    /** Which account, by its number in the partition. */
    public int accountNumber() {
        return accountNumber;
    }

    /** Whether the batch opens the account. */
    public boolean isOpened() {
        return accountId != null;
    }

    /** The id of an account that the batch opens, else null. */
    public @Nullable String accountId() {
        return accountId;
    }

    /** The currency of an account that the batch opens, else null. */
    public @Nullable String currency() {
        return currency;
    }

    /** Whether the batch opens it as a system account. */
    public boolean isSystemAccount() {
        return isSystemAccount;
    }

    /** The balance after the batch; null: not touched. */
    public @Nullable Long balanceOrNull() {
        return isBalanceTouched ? balance : null;
    }

    /** The sum of the batch's postings on the account. */
    public long balanceDelta() {
        return balanceDelta;
    }

    /** The credit limit after the batch; null: not touched. */
    public @Nullable Long creditLimitOrNull() {
        return isCreditLimitTouched ? creditLimit : null;
    }

    /** The last event that changed the account. */
    public long sequence() {
        return sequence;
    }

    /** The ledger time of that event, in ms since 1970. */
    public long recordedAtMs() {
        return recordedAtMs;
    }
}
