package io.ringledger.torture;

/**
 * A command of the campaign.
 *
 * @param number unique, from 0; makes the idempotency key
 * @param account index, makes the account id
 * @param op what is asked
 * @param amount minor units
 */
record Ask(int number, int account, Op op, long amount) {
    private static final String KEY_PREFIX = "n:";
    private static final String ACCOUNT_PREFIX = "t:";

    String key() {
        return KEY_PREFIX + number;
    }

    String accountId() {
        return accountId(account);
    }

    static String accountId(final int account) {
        return ACCOUNT_PREFIX + account;
    }

    /** The command's number, or -1 if no command of ours has this key. */
    static int numberOf(final String key) {
        return parse(key, KEY_PREFIX);
    }

    /** The account's index, or -1 if it is none of ours. */
    static int accountOf(final String accountId) {
        return parse(accountId, ACCOUNT_PREFIX);
    }

    private static int parse(final String text, final String prefix) {
        if (!text.startsWith(prefix)) {
            return -1;
        }
        try {
            return Integer.parseInt(text.substring(prefix.length()));
        } catch (final NumberFormatException e) {
            return -1;
        }
    }

    /** The same key, another content. */
    Ask forged() {
        return new Ask(number, account, op, amount + 1);
    }
}
