package io.ringledger.simulation;

/**
 * One event of the log, as the oracle reads and judges it.
 *
 * @param sequence of the event
 * @param timeMs ledger time
 * @param accountId the account that it is about
 * @param key the idempotency key, as text
 * @param content what was asked
 * @param code the number of the result
 * @param number of the account; -1 if there is none
 * @param world number of the account that the money came from or went to; -1 if there is none
 * @param isWorldOpened true if that came into being with this event
 * @param balance of the account after it
 * @param creditLimit of the account after it
 * @param worldBalance of the world account after it
 */
record LogEvent(
        long sequence,
        long timeMs,
        String accountId,
        String key,
        Content content,
        int code,
        int number,
        int world,
        boolean isWorldOpened,
        long balance,
        long creditLimit,
        long worldBalance) {
    /** What a command asks for, besides account and key. */
    record Content(int type, long amount, String currency, String reference) {}

    /** Command types and result codes, as the format of the log numbers them. */
    static final int OPEN = 1;

    static final int CREDIT = 2;
    static final int WITHDRAW = 3;
    static final int LIMIT = 4;
    static final int ACCEPTED = 0;
    static final int ACCOUNT_NOT_FOUND = 1;
    static final int ACCOUNT_EXISTS = 2;
    static final int INSUFFICIENT_FUNDS = 3;
    static final int CREDIT_LIMIT_IN_USE = 4;
    static final int BALANCE_OUT_OF_RANGE = 5;
    static final int KEY_REUSED = 6;

    boolean isAccepted() {
        return code == ACCEPTED;
    }

    boolean isTransaction() {
        return content.type() == CREDIT || content.type() == WITHDRAW;
    }

    /** How the log numbers its kind of transaction: 1 a credit, 2 a withdrawal. */
    int transactionType() {
        return content.type() == CREDIT ? 1 : 2;
    }

    /** The posting on the account, signed. */
    long posting() {
        return content.type() == CREDIT ? content.amount() : -content.amount();
    }
}
