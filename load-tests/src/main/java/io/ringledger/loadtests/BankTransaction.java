package io.ringledger.loadtests;

import java.time.LocalDate;
import java.util.Locale;

/**
 * One row of a transactions file, valid by the rules of {@link TransactionFile}.
 *
 * @param line the line of the file that it stood on, from 1
 * @param transactionId the bank's own id, unique in the file
 * @param accountNumber the bank's number of the account
 * @param date the value date
 * @param type which way the money goes
 * @param amountMinor minor units, always positive
 * @param bankBalanceMinor the balance that the bank recorded after it, minor units
 * @param operation how the money moved, in the bank's words
 */
public record BankTransaction(
        int line,
        String transactionId,
        String accountNumber,
        LocalDate date,
        Type type,
        long amountMinor,
        long bankBalanceMinor,
        String operation) {

    /** Which way the money goes. */
    public enum Type {
        /** Into the account. */
        CREDIT,
        /** Out of the account. */
        WITHDRAW;

        /** The name in files, paths and JSON. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What it adds to the account's balance: negative for a withdrawal. */
    public long signedAmountMinor() {
        return type == Type.CREDIT ? amountMinor : -amountMinor;
    }
}
