package io.ringledger.benchmarks.driver;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * One command a request: credits and withdrawals in turn of random accounts, each with a random key
 * of 128 bits. Accounts must allow every withdrawal. The bytes are prepared; a request differs in
 * its account, key and amount, which always have the same length.
 */
public final class SingleCommands implements Load {
    private static final int AMOUNT_DIGITS = 4;
    private static final int MIN_AMOUNT = 1_000;
    private static final int MAX_AMOUNT = 9_999;
    private static final int CREATED = 201;
    private static final int UNAVAILABLE = 503;

    private final List<Template> credits;
    private final List<Template> withdrawals;
    private final SplittableRandom random;
    private final Keys keys;
    private final int accounts;
    private final Acknowledged acknowledged;
    private final int[] askedAccount;
    private final long[] askedAmount;
    private boolean isCredit;

    /** A request with its variable places. */
    private static final class Template {
        private final byte[] bytes;
        private final int accountAt;
        private final int keyAt;
        private final int amountAt;

        /**
         * A request.
         *
         * @param headers lines more, each with its end
         */
        Template(final String operation, final String headers) {
            final String text = "POST /v1/accounts/" + AccountIds.of(0) + "/" + operation
                    + " HTTP/1.1\r\nHost: ledger.example\r\nContent-Type: application/json\r\n"
                    + headers + "Idempotency-Key: " + "k".repeat(Keys.LENGTH)
                    + "\r\nContent-Length: 15\r\n\r\n{\"amount\":" + MIN_AMOUNT + "}";
            bytes = text.getBytes(StandardCharsets.US_ASCII);
            accountAt = text.indexOf(AccountIds.PREFIX) + AccountIds.PREFIX.length();
            keyAt = text.indexOf("k".repeat(Keys.LENGTH));
            amountAt = text.lastIndexOf(':') + 1;
        }
    }

    /**
     * For one thread.
     *
     * @param accounts numbers of accounts are below that
     * @param connections of the thread
     * @param acknowledged takes what was done, by this thread alone
     */
    public SingleCommands(
            final int accounts,
            final int connections,
            final SplittableRandom random,
            final Acknowledged acknowledged) {
        this(accounts, connections, random, acknowledged, List.of(""));
    }

    /**
     * The same, connections in turns with other header lines, such as the tokens of clients.
     *
     * @param headers lines, each with its end; one text for each client
     */
    public SingleCommands(
            final int accounts,
            final int connections,
            final SplittableRandom random,
            final Acknowledged acknowledged,
            final List<String> headers) {
        credits = headers.stream().map(lines -> new Template("credit", lines)).toList();
        withdrawals =
                headers.stream().map(lines -> new Template("withdraw", lines)).toList();
        this.accounts = accounts;
        this.random = random;
        this.acknowledged = acknowledged;
        keys = new Keys(random);
        askedAccount = new int[connections];
        askedAmount = new long[connections];
    }

    @Override
    public int maxRequestBytes() {
        return Stream.concat(credits.stream(), withdrawals.stream())
                .mapToInt(template -> template.bytes.length)
                .max()
                .orElseThrow();
    }

    @Override
    public int nextRequest(final int connection, final byte[] out) {
        isCredit = !isCredit;
        final List<Template> templates = isCredit ? credits : withdrawals;
        final Template template = templates.get(connection % templates.size());
        final int account = accounts == 1 ? 0 : random.nextInt(accounts);
        final int amount = random.nextInt(MIN_AMOUNT, MAX_AMOUNT + 1);
        System.arraycopy(template.bytes, 0, out, 0, template.bytes.length);
        AccountIds.writeDigits(account, AccountIds.DIGITS, out, template.accountAt);
        keys.write(out, template.keyAt);
        AccountIds.writeDigits(amount, AMOUNT_DIGITS, out, template.amountAt);
        askedAccount[connection] = account;
        askedAmount[connection] = isCredit ? amount : -amount;
        return template.bytes.length;
    }

    @Override
    public Answered onAnswer(
            final int connection,
            final int status,
            final byte[] bytes,
            final int offset,
            final int length) {
        if (status == CREATED) {
            acknowledged.add(askedAccount[connection], askedAmount[connection]);
            return Answered.DONE;
        }
        return status == UNAVAILABLE && Refusals.isNotApplied(bytes, offset, length)
                ? Answered.REFUSED
                : Answered.WRONG;
    }
}
