package io.ringledger.torture;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/** Makes up commands, each with a number of its own. Thread-safe. */
final class Asks {
    private static final int HOT_ACCOUNTS = 10;

    private final int accounts;
    private final AtomicInteger next = new AtomicInteger();

    /** Commands on so many accounts. */
    Asks(final int accounts) {
        this.accounts = accounts;
    }

    int accounts() {
        return accounts;
    }

    /** A given command with the next number. */
    Ask of(final int account, final Op op, final long amount) {
        return new Ask(next.getAndIncrement(), account, op, amount);
    }

    /** Commands as they come: most move money, some are refused. */
    List<Ask> random(final Random random, final int count) {
        final List<Ask> asks = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            final int account = random.nextInt(10) < 3
                    ? random.nextInt(Math.min(HOT_ACCOUNTS, accounts))
                    : random.nextInt(accounts);
            final int kind = random.nextInt(100);
            if (kind < 52) {
                asks.add(of(account, Op.CREDIT, 1 + random.nextInt(1_000)));
            } else if (kind < 92) {
                asks.add(of(account, Op.WITHDRAW, 1 + random.nextInt(1_300)));
            } else if (kind < 96) {
                asks.add(of(account, Op.LIMIT, random.nextInt(2_000)));
            } else if (kind < 98) {
                asks.add(of(account, Op.WITHDRAW, 1_000_000_000L));
            } else {
                // Most are there already; those beyond never are, nor is money for them.
                asks.add(
                        kind == 98
                                ? of(account, Op.OPEN, random.nextInt(2_000))
                                : of(accounts + random.nextInt(accounts), Op.CREDIT, 1));
            }
        }
        return asks;
    }
}
