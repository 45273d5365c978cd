package io.ringledger.model;

import io.ringledger.model.event.CommandType;

import java.math.BigInteger;
import java.util.Random;

/**
 * Seeded random commands that reach what plain random ones do not: hot accounts, accounts that are
 * asked for before they are opened, keys used again with the same and with other content inside,
 * at the end of and after the window, amounts at every boundary, a clock that jumps and goes back.
 * It looks at the naive model to hit balances exactly.
 */
final class AskGenerator {
    private static final String[] CURRENCIES = {"EUR", "USD", "CZK", "JPY"};
    private static final long MAX = (1L << 53) - 1;
    private static final int RECENT = 4096;
    private static final int FAVOURITES = 32;
    private static final CommandType[] TYPES = {
        CommandType.OPEN_ACCOUNT,
        CommandType.CREDIT,
        CommandType.WITHDRAW,
        CommandType.SET_CREDIT_LIMIT
    };

    private final Random random;
    private final NaiveModel naive;
    private final long windowMs;
    private final int accounts;
    private final Ask[] recent = new Ask[RECENT];
    private final long[] recentTimesMs = new long[RECENT];
    private final Ask[] favourites = new Ask[FAVOURITES];
    private long made;
    private long clockMs = 1_700_000_000_000L;

    AskGenerator(final long seed, final NaiveModel naive, final long windowMs, final int accounts) {
        random = new Random(seed);
        this.naive = naive;
        this.windowMs = windowMs;
        this.accounts = accounts;
    }

    /** The time at which the last command is submitted. */
    long clockMs() {
        return clockMs;
    }

    Ask next() {
        moveClock();
        final int choice = random.nextInt(100);
        final Ask ask;
        if (made > 0 && choice < 6) {
            ask = recent();
        } else if (made > 0 && choice < 10) {
            ask = changed(recent());
        } else if (made > FAVOURITES && choice < 16) {
            ask = favourite();
        } else {
            ask = fresh();
        }
        final int slot = (int) (made++ % RECENT);
        recent[slot] = ask;
        recentTimesMs[slot] = Math.max(clockMs, naive.timeMs());
        // What is refused for want of an account comes back when the account is there.
        final int oneIn = naive.accounts().containsKey(ask.accountId()) ? 2000 : 4;
        if (made <= FAVOURITES || random.nextInt(oneIn) == 0) {
            favourites[random.nextInt(FAVOURITES)] = ask;
        }
        return ask;
    }

    private void moveClock() {
        final int choice = random.nextInt(20_000);
        if (choice < 4) {
            // Everything expires at once: a backlog.
            clockMs = naive.timeMs() + windowMs + random.nextInt(3);
        } else if (choice < 8) {
            clockMs -= random.nextLong(2 * windowMs + 1);
        } else if (choice < 20 && made > 0) {
            // To the end of the window of a recent command, just before, and just after.
            final long at = recentTimesMs[(int) random.nextLong(Math.min(made, RECENT))];
            clockMs = at + windowMs - 1 + random.nextInt(3);
        } else if (choice < 3000) {
            clockMs += random.nextInt(4);
        }
    }

    private Ask recent() {
        return recent[(int) random.nextLong(Math.min(made, RECENT))];
    }

    /** One of a few commands that come back again and again, over many windows. */
    private Ask favourite() {
        final Ask favourite = favourites[random.nextInt(FAVOURITES)];
        if (favourite == null) {
            return fresh();
        }
        return random.nextInt(10) == 0 ? changed(favourite) : favourite;
    }

    private Ask changed(final Ask ask) {
        return switch (random.nextInt(6)) {
            case 0 -> ask.withAmount(amount(ask.accountId(), ask.type()));
            case 1 -> ask.withType(TYPES[random.nextInt(TYPES.length)]);
            case 2 ->
                ask.type() == CommandType.OPEN_ACCOUNT
                        ? ask.withCurrency(currency())
                        : ask.withKey(key());
            case 3 -> ask.withAccount(accountId());
            case 4 ->
                ask.type() == CommandType.CREDIT || ask.type() == CommandType.WITHDRAW
                        ? ask.withReference(reference())
                        : ask.withAccount(accountId());
            default -> ask.withKey(lookAlike(ask.key()));
        };
    }

    private Ask fresh() {
        final String accountId = accountId();
        final boolean isOpen = naive.accounts().containsKey(accountId);
        final int choice = random.nextInt(100);
        if (isOpen ? choice < 2 : choice < 40) {
            return Ask.open(
                    accountId, key(), currency(), amount(accountId, CommandType.OPEN_ACCOUNT));
        }
        if (choice < 50) {
            return Ask.withdraw(accountId, key(), amount(accountId, CommandType.WITHDRAW))
                    .withReference(reference());
        }
        if (choice < 95) {
            return Ask.credit(accountId, key(), amount(accountId, CommandType.CREDIT))
                    .withReference(reference());
        }
        return Ask.limit(accountId, key(), amount(accountId, CommandType.SET_CREDIT_LIMIT));
    }

    private String accountId() {
        // Half of everything goes to eight hot accounts.
        final int number = random.nextBoolean() ? random.nextInt(8) : random.nextInt(accounts);
        return switch (number % 3) {
            case 0 -> "acc-" + number;
            case 1 -> "customer:" + number + ".main";
            default -> number + "_" + "x".repeat(number % 50);
        };
    }

    private String currency() {
        return CURRENCIES[random.nextInt(CURRENCIES.length)];
    }

    private String reference() {
        return switch (random.nextInt(64)) {
            case 0, 1, 2, 3 -> "invoice " + random.nextInt(10);
            case 4, 5, 6, 7 -> "žluťoučký kůň €";
            case 8 -> "𝄞".repeat(256);
            default -> "";
        };
    }

    private long amount(final String accountId, final CommandType type) {
        final boolean isTransaction = type == CommandType.CREDIT || type == CommandType.WITHDRAW;
        final long least = isTransaction ? 1 : 0;
        final long amount = switch (random.nextInt(20)) {
            case 0 -> least;
            case 1 -> MAX;
            case 2 -> MAX - random.nextInt(3);
            case 3 -> random.nextLong(MAX) + 1;
            case 4, 5, 6 -> exact(accountId, type) + random.nextInt(3) - 1;
            default -> random.nextInt(1000) + 1;
        };
        return Math.clamp(amount, least, MAX);
    }

    /** The last amount that is accepted as things stand. */
    private long exact(final String accountId, final CommandType type) {
        final NaiveModel.Account account = naive.accounts().get(accountId);
        if (account == null) {
            return 1;
        }
        final BigInteger exact = switch (type) {
            case WITHDRAW -> account.available();
            case CREDIT -> NaiveModel.MAX.subtract(account.balance());
            default -> account.balance().negate();
        };
        return exact.longValueExact();
    }

    private String key() {
        return switch (random.nextInt(6)) {
            case 0 -> hex(16);
            case 1 -> "k" + made;
            case 2 -> uuid().toUpperCase(java.util.Locale.ROOT);
            case 3 -> hex(1 + random.nextInt(32));
            default -> uuid();
        };
    }

    /** Another text that a careless packing would take for the same key. */
    private String lookAlike(final String key) {
        return switch (random.nextInt(4)) {
            case 0 -> key.replace("-", "").isEmpty() ? "-" : key.replace("-", "");
            case 1 -> key.toUpperCase(java.util.Locale.ROOT);
            case 2 -> key.length() > 1 ? key.substring(0, key.length() - 1) : key;
            default -> key.length() < 63 ? key + "00" : key;
        };
    }

    private String uuid() {
        final String hex = hex(16);
        return hex.substring(0, 8)
                + '-'
                + hex.substring(8, 12)
                + '-'
                + hex.substring(12, 16)
                + '-'
                + hex.substring(16, 20)
                + '-'
                + hex.substring(20);
    }

    private String hex(final int bytes) {
        final byte[] raw = new byte[bytes];
        random.nextBytes(raw);
        return java.util.HexFormat.of().formatHex(raw);
    }
}
