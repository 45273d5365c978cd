package io.ringledger.model;

/**
 * Decides commands against the state without changing it: a flat ladder of checks, the first that
 * fails names the outcome. Order of precedence, the same for every command:
 *
 * <ol>
 *   <li>the key was used on this account: the first outcome again, or {@link
 *       ResultCode#IDEMPOTENCY_KEY_REUSED} if the content differs
 *   <li>opening: {@link ResultCode#ACCOUNT_EXISTS}; else {@link ResultCode#ACCOUNT_NOT_FOUND}
 *   <li>withdrawal: {@link ResultCode#INSUFFICIENT_FUNDS}; new limit: {@link
 *       ResultCode#CREDIT_LIMIT_IN_USE}
 *   <li>{@link ResultCode#BALANCE_OUT_OF_RANGE}, of the account or of its {@code @world} account
 * </ol>
 *
 * Holds the last decision until the next one; not thread-safe.
 */
final class Decider {
    private final Accounts accounts;
    private final IdempotencyKeys keys;
    private int account;
    private int world;
    private long balance;

    Decider(final Accounts accounts, final IdempotencyKeys keys) {
        this.accounts = accounts;
        this.keys = keys;
    }

    /** The account of the command last decided, {@link Accounts#NONE} if there is none. */
    int account() {
        return account;
    }

    /** The {@code @world} account, {@link Accounts#NONE} if an opening has to make it. */
    int world() {
        return world;
    }

    /** The account's balance if the last command was an accepted transaction, in minor units. */
    long balance() {
        return balance;
    }

    /** Fills in the outcome of a command at a ledger time. */
    void decide(final Command command, final long timeMs, final Outcome outcome) {
        command.hashFor(keys);
        account = accounts.find(
                command.idHash(), command.accountIdBytes(), command.accountIdLength());
        world = account == Accounts.NONE ? Accounts.NONE : accounts.world(account);

        final int first = keys.find(
                command.keyHash(),
                command.accountIdBytes(),
                command.accountIdLength(),
                account,
                command.packedKey(),
                timeMs);
        if (first != IdempotencyKeys.NONE) {
            decideAgain(command, first, timeMs, outcome);
            return;
        }
        outcome.reset(decideFirst(command), timeMs);
    }

    private void decideAgain(
            final Command command, final int first, final long timeMs, final Outcome outcome) {
        if (keys.fingerprint(first) == fingerprint(command)) {
            keys.readOutcome(first, outcome);
        } else {
            outcome.reset(ResultCode.IDEMPOTENCY_KEY_REUSED, timeMs);
        }
    }

    private ResultCode decideFirst(final Command command) {
        return switch (command.type()) {
            case OPEN_ACCOUNT -> decideOpening(command);
            case CREDIT -> decideCredit(command.amountMinor());
            case WITHDRAW -> decideWithdrawal(command.amountMinor());
            case SET_CREDIT_LIMIT -> decideCreditLimit(command.amountMinor());
            case NULL_VAL -> throw new InvariantViolation("command without a type");
        };
    }

    private ResultCode decideOpening(final Command command) {
        if (account != Accounts.NONE) {
            return ResultCode.ACCOUNT_EXISTS;
        }
        world = accounts.worldOf(command.currency());
        return ResultCode.ACCEPTED;
    }

    private ResultCode decideCredit(final long amount) {
        if (account == Accounts.NONE) {
            return ResultCode.ACCOUNT_NOT_FOUND;
        }
        // Both terms are within 2^53: the sum cannot overflow a long.
        balance = accounts.balance(account) + amount;
        if (balance > LedgerLimits.MAX_MINOR || wouldOverflow(accounts.balance(world), -amount)) {
            return ResultCode.BALANCE_OUT_OF_RANGE;
        }
        return ResultCode.ACCEPTED;
    }

    private ResultCode decideWithdrawal(final long amount) {
        if (account == Accounts.NONE) {
            return ResultCode.ACCOUNT_NOT_FOUND;
        }
        if (accounts.available(account) < amount) {
            return ResultCode.INSUFFICIENT_FUNDS;
        }
        balance = accounts.balance(account) - amount;
        if (balance < -LedgerLimits.MAX_MINOR || wouldOverflow(accounts.balance(world), amount)) {
            return ResultCode.BALANCE_OUT_OF_RANGE;
        }
        return ResultCode.ACCEPTED;
    }

    private ResultCode decideCreditLimit(final long creditLimit) {
        if (account == Accounts.NONE) {
            return ResultCode.ACCOUNT_NOT_FOUND;
        }
        if (accounts.balance(account) - accounts.held(account) + creditLimit < 0) {
            return ResultCode.CREDIT_LIMIT_IN_USE;
        }
        return ResultCode.ACCEPTED;
    }

    /** True if the sum does not fit a {@code long} (Hacker's Delight, 2-13). */
    static boolean wouldOverflow(final long left, final long right) {
        final long sum = left + right;
        return ((left ^ sum) & (right ^ sum)) < 0;
    }

    private static long fingerprint(final Command command) {
        return Fingerprint.of(
                command.type(),
                command.currency(),
                command.amountMinor(),
                command.referenceBytes(),
                command.referenceLength());
    }
}
