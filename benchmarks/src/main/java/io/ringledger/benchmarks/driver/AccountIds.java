package io.ringledger.benchmarks.driver;

import java.nio.charset.StandardCharsets;

/** The ids of the accounts that are loaded: all of one length, with their numbers. Stateless. */
public final class AccountIds {
    static final String PREFIX = "account-";
    static final int DIGITS = 7;

    private AccountIds() {}

    /** The id of an account, by its number from 0. */
    public static String of(final int number) {
        return PREFIX + String.format("%0" + DIGITS + "d", number);
    }

    /** The number of an account, by its id in ASCII. */
    static int numberOf(final byte[] id) {
        return Integer.parseInt(new String(id, PREFIX.length(), DIGITS, StandardCharsets.US_ASCII));
    }

    /** Writes a number with leading zeros. */
    static void writeDigits(
            final long number, final int digits, final byte[] out, final int offset) {
        long rest = number;
        for (int i = offset + digits - 1; i >= offset; i--) {
            out[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
    }
}
