package io.ringledger.gatling;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;

/** Random writes on some accounts. Thread-safe. */
final class Writes {
    private static final int MAX_AMOUNT = 10_000;
    private static final int WITHDRAWALS_ONE_IN = 3;

    private final List<String> accounts;
    private final Random random;

    Writes(final List<String> accounts, final Random random) {
        this.accounts = accounts;
        this.random = random;
    }

    synchronized Write next() {
        return new Write(
                accounts.get(random.nextInt(accounts.size())),
                random.nextInt(WITHDRAWALS_ONE_IN) != 0,
                1L + random.nextInt(MAX_AMOUNT),
                new UUID(random.nextLong(), random.nextLong()).toString());
    }

    synchronized List<Write> next(final int count) {
        final List<Write> writes = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            writes.add(next());
        }
        return writes;
    }
}
