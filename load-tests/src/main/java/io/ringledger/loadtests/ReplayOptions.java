package io.ringledger.loadtests;

import java.net.URI;
import java.time.Duration;
import java.util.Objects;

/**
 * How a replay runs.
 *
 * @param url where commands are taken, without a path
 * @param queryUrl where queries are answered; the same as url where one port takes both
 * @param creditLimitMinor the credit limit of every account, minor units
 * @param concurrency accounts at a time; each has one command in flight
 * @param accountPrefix stands before the bank's account number in the account id
 * @param deadline how long a command or read may be retried until the replay gives up
 * @param attemptTimeout how long one HTTP request may take before it is retried
 * @param maxBankDifferenceMinor how far the bank's recorded balances may lie from the exact ones
 * @param sampleEvery one in so many writes is read back at once to measure the lag of the views
 */
public record ReplayOptions(
        URI url,
        URI queryUrl,
        long creditLimitMinor,
        int concurrency,
        String accountPrefix,
        Duration deadline,
        Duration attemptTimeout,
        long maxBankDifferenceMinor,
        int sampleEvery) {

    static final int MAX_CONCURRENCY = 1024;

    public ReplayOptions {
        requireBase("url", url);
        requireBase("queryUrl", queryUrl);
        require(
                creditLimitMinor >= 0 && creditLimitMinor <= TransactionFile.MAX_AMOUNT_MINOR,
                "credit limit must be within 0 to "
                        + TransactionFile.MAX_AMOUNT_MINOR
                        + ": creditLimitMinor="
                        + creditLimitMinor);
        require(
                concurrency >= 1 && concurrency <= MAX_CONCURRENCY,
                "concurrency must be within 1 to "
                        + MAX_CONCURRENCY
                        + ": concurrency="
                        + concurrency);
        require(
                accountPrefix.matches("[A-Za-z0-9._:-]{0,16}"),
                "account prefix must be up to 16 of A-Za-z0-9._:-: accountPrefix=" + accountPrefix);
        require(
                deadline.isPositive() && attemptTimeout.isPositive(),
                "deadline and time-out must be positive: deadline="
                        + deadline
                        + ", attemptTimeout="
                        + attemptTimeout);
        require(
                maxBankDifferenceMinor >= 0,
                "bank difference must not be negative: maxBankDifferenceMinor="
                        + maxBankDifferenceMinor);
        require(sampleEvery >= 1, "sampleEvery must be positive: sampleEvery=" + sampleEvery);
    }

    /** The defaults of the command, for a service and a credit limit. */
    public static ReplayOptions of(final URI url, final long creditLimitMinor) {
        return new ReplayOptions(
                url,
                url,
                creditLimitMinor,
                64,
                "berka-",
                Duration.ofSeconds(120),
                Duration.ofSeconds(35),
                80,
                20);
    }

    private static void requireBase(final String name, final URI uri) {
        final String scheme = Objects.requireNonNullElse(uri.getScheme(), "");
        require(
                (scheme.equals("http") || scheme.equals("https"))
                        && uri.getHost() != null
                        && (uri.getRawPath().isEmpty() || uri.getRawPath().equals("/"))
                        && uri.getRawQuery() == null,
                name + " must be like http://127.0.0.1:8080: " + uri);
    }

    private static void require(final boolean isValid, final String message) {
        if (!isValid) {
            throw new IllegalArgumentException(message);
        }
    }
}
