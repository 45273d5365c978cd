package io.ringledger.readmodel;

/**
 * An account as its view shows it at one position. Amounts in minor units of the currency.
 *
 * @param accountId as the client gave it
 * @param currency ISO 4217 code
 * @param balance may be negative, down to the credit limit
 * @param held reserved, at least 0
 * @param creditLimit at least 0
 * @param status {@code open}, {@code frozen} or {@code closed}
 * @param position what the view holds of the account's partition
 * @param recordedAtMs ledger time of that position, milliseconds since 1970
 */
record AccountView(
        String accountId,
        String currency,
        long balance,
        long held,
        long creditLimit,
        String status,
        LogPosition position,
        long recordedAtMs)
        implements View {

    /** What can be withdrawn. */
    long available() {
        return Math.addExact(Math.subtractExact(balance, held), creditLimit);
    }

    /** How much of the credit limit is in use. */
    long creditUsed() {
        return Math.max(0, Math.subtractExact(held, balance));
    }

    /** How much of the credit limit is left. */
    long creditRemaining() {
        return Math.subtractExact(creditLimit, creditUsed());
    }
}
