package io.ringledger.benchmarks.driver;

import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import java.util.function.IntToLongFunction;

/**
 * Asks for the balances of random accounts, each of which is known: an answer that shows another one
 * is wrong. The bytes are prepared; a request differs in its account.
 */
public final class BalanceQueries implements Load {
    private static final int OK = 200;
    private static final byte[] BALANCE = "\"balance\":".getBytes(StandardCharsets.US_ASCII);

    private final byte[] request;
    private final int accountAt;
    private final int accounts;
    private final SplittableRandom random;
    private final IntToLongFunction balances;
    private final int[] asked;

    /**
     * For one thread.
     *
     * @param accounts numbers of accounts are below that
     * @param connections of the thread
     * @param balances of each account, in minor units
     */
    public BalanceQueries(
            final int accounts,
            final int connections,
            final SplittableRandom random,
            final IntToLongFunction balances) {
        this.accounts = accounts;
        this.random = random;
        this.balances = balances;
        final String text = "GET /v1/accounts/" + AccountIds.of(0)
                + "/balance HTTP/1.1\r\nHost: ledger.example\r\n\r\n";
        request = text.getBytes(StandardCharsets.US_ASCII);
        accountAt = text.indexOf(AccountIds.PREFIX) + AccountIds.PREFIX.length();
        asked = new int[connections];
    }

    @Override
    public int maxRequestBytes() {
        return request.length;
    }

    @Override
    public int nextRequest(final int connection, final byte[] out) {
        final int account = random.nextInt(accounts);
        System.arraycopy(request, 0, out, 0, request.length);
        AccountIds.writeDigits(account, AccountIds.DIGITS, out, accountAt);
        asked[connection] = account;
        return request.length;
    }

    @Override
    public Answered onAnswer(
            final int connection,
            final int status,
            final byte[] bytes,
            final int offset,
            final int length) {
        final int to = offset + length;
        final int at = Refusals.indexOf(BALANCE, bytes, offset, to);
        return status == OK
                        && at >= 0
                        && number(bytes, at + BALANCE.length, to)
                                == balances.applyAsLong(asked[connection])
                ? Answered.DONE
                : Answered.WRONG;
    }

    private static long number(final byte[] bytes, final int from, final int to) {
        final boolean isNegative = from < to && bytes[from] == '-';
        long number = 0;
        for (int i = isNegative ? from + 1 : from;
                i < to && bytes[i] >= '0' && bytes[i] <= '9';
                i++) {
            number = 10 * number + bytes[i] - '0';
        }
        return isNegative ? -number : number;
    }
}
