package io.ringledger.benchmarks.driver;

import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

/**
 * So many commands a request, credits and withdrawals in turn of random accounts, each with a random
 * key of 128 bits. What of a batch was done is read from its results. A request counts as done if
 * all of it was.
 */
public final class Batches implements Load {
    private static final String BEGIN = "{\"commands\":[";
    private static final String END = "]}";
    private static final int AMOUNT_DIGITS = 4;
    private static final int MIN_AMOUNT = 1_000;
    private static final int MAX_AMOUNT = 9_999;
    private static final int OK = 200;
    private static final int CREATED = 201;
    private static final int UNAVAILABLE = 503;
    private static final byte[] STATUS = "{\"status\":".getBytes(StandardCharsets.US_ASCII);

    /** No result is shorter: what stands between two statuses need not be looked at. */
    private static final int RESULT_BYTES = 100;

    private final int commands;
    private final int accounts;
    private final SplittableRandom random;
    private final Keys keys;
    private final Acknowledged acknowledged;
    private final byte[] template;
    private final int[] accountAt;
    private final int[] keyAt;
    private final int[] amountAt;
    private final int[][] askedAccounts;
    private final int[][] askedAmounts;

    /**
     * For one thread.
     *
     * @param commands of one request
     * @param accounts numbers of accounts are below that
     * @param connections of the thread
     * @param acknowledged takes what was done, by this thread alone
     */
    public Batches(
            final int commands,
            final int accounts,
            final int connections,
            final SplittableRandom random,
            final Acknowledged acknowledged) {
        this.commands = commands;
        this.accounts = accounts;
        this.random = random;
        this.acknowledged = acknowledged;
        keys = new Keys(random);
        accountAt = new int[commands];
        keyAt = new int[commands];
        amountAt = new int[commands];
        askedAccounts = new int[connections][commands];
        askedAmounts = new int[connections][commands];
        template = template().getBytes(StandardCharsets.US_ASCII);
    }

    private String template() {
        final StringBuilder body = new StringBuilder(BEGIN);
        for (int i = 0; i < commands; i++) {
            body.append(i == 0 ? "" : ",")
                    .append("{\"op\":\"")
                    .append(isCredit(i) ? "credit" : "withdraw");
            body.append("\",\"accountId\":\"").append(AccountIds.PREFIX);
            accountAt[i] = body.length();
            body.append("0".repeat(AccountIds.DIGITS)).append("\",\"idempotencyKey\":\"");
            keyAt[i] = body.length();
            body.append("k".repeat(Keys.LENGTH)).append("\",\"amount\":");
            amountAt[i] = body.length();
            body.append(MIN_AMOUNT).append('}');
        }
        body.append(END);
        final String head = "POST /v1/batches HTTP/1.1\r\nHost: ledger.example\r\n"
                + "Content-Type: application/json\r\nContent-Length: " + body.length()
                + "\r\n\r\n";
        for (int i = 0; i < commands; i++) {
            accountAt[i] += head.length();
            keyAt[i] += head.length();
            amountAt[i] += head.length();
        }
        return head + body;
    }

    private static boolean isCredit(final int index) {
        return index % 2 == 0;
    }

    @Override
    public int maxRequestBytes() {
        return template.length;
    }

    @Override
    public int nextRequest(final int connection, final byte[] out) {
        System.arraycopy(template, 0, out, 0, template.length);
        for (int i = 0; i < commands; i++) {
            final int account = accounts == 1 ? 0 : random.nextInt(accounts);
            final int amount = random.nextInt(MIN_AMOUNT, MAX_AMOUNT + 1);
            AccountIds.writeDigits(account, AccountIds.DIGITS, out, accountAt[i]);
            keys.write(out, keyAt[i]);
            AccountIds.writeDigits(amount, AMOUNT_DIGITS, out, amountAt[i]);
            askedAccounts[connection][i] = account;
            askedAmounts[connection][i] = isCredit(i) ? amount : -amount;
        }
        return template.length;
    }

    @Override
    public Answered onAnswer(
            final int connection,
            final int status,
            final byte[] bytes,
            final int offset,
            final int length) {
        if (status == UNAVAILABLE && Refusals.isNotApplied(bytes, offset, length)) {
            return Answered.REFUSED;
        }
        if (status != OK) {
            return Answered.WRONG;
        }
        boolean isDone = true;
        int from = offset;
        final int to = offset + length;
        for (int i = 0; i < commands; i++) {
            final int at = Refusals.indexOf(STATUS, bytes, from, to);
            if (at < 0) {
                return Answered.WRONG;
            }
            final int begin = at + STATUS.length;
            final int result = statusAt(bytes, begin);
            from = begin + RESULT_BYTES;
            if (result == CREATED) {
                acknowledged.add(askedAccounts[connection][i], askedAmounts[connection][i]);
            } else if (result == UNAVAILABLE
                    && Refusals.isNotApplied(bytes, begin, endOfResult(bytes, from, to) - begin)) {
                isDone = false;
            } else {
                return Answered.WRONG;
            }
        }
        return isDone ? Answered.DONE : Answered.REFUSED;
    }

    private static int endOfResult(final byte[] bytes, final int from, final int to) {
        final int next = Refusals.indexOf(STATUS, bytes, from, to);
        return next < 0 ? to : next;
    }

    private static int statusAt(final byte[] bytes, final int at) {
        return (bytes[at] - '0') * 100 + (bytes[at + 1] - '0') * 10 + bytes[at + 2] - '0';
    }
}
