package io.ringledger.model;

/**
 * What the ledger decided about a command. Numbers stand in the log and names in the API: neither
 * ever changes its meaning. The order of precedence of the checks is in {@link Decider}.
 */
public enum ResultCode {
    /** The command took effect. */
    ACCEPTED(0, "accepted"),
    /** No such account. Recorded. */
    ACCOUNT_NOT_FOUND(1, "account_not_found"),
    /** An account with this id is there already. Recorded. */
    ACCOUNT_EXISTS(2, "account_exists"),
    /** The withdrawal is more than what is available. Recorded. */
    INSUFFICIENT_FUNDS(3, "insufficient_funds"),
    /** The account uses more of its credit than the new limit allows. Recorded. */
    CREDIT_LIMIT_IN_USE(4, "credit_limit_in_use"),
    /** A balance would leave the range of {@link LedgerLimits#MAX_MINOR}. Recorded. */
    BALANCE_OUT_OF_RANGE(5, "balance_out_of_range"),
    /** The key was used on this account for a command with other content. Not recorded. */
    IDEMPOTENCY_KEY_REUSED(6, "idempotency_key_reused");

    private static final ResultCode[] BY_NUMBER = values();

    private final int number;
    private final String wireName;

    ResultCode(final int number, final String wireName) {
        this.number = number;
        this.wireName = wireName;
    }

    /** The number that stands for this code in the log. */
    public int number() {
        return number;
    }

    /** The name that stands for this code in the API. */
    public String wireName() {
        return wireName;
    }

    /** The code of a number in the log; a number that is none is a damaged log. */
    static ResultCode of(final int number) {
        if (number < 0 || number >= BY_NUMBER.length) {
            throw new InvariantViolation("unknown result code: number=" + number);
        }
        return BY_NUMBER[number];
    }
}
