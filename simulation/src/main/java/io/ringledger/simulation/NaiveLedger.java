package io.ringledger.simulation;

import io.ringledger.simulation.LogEvent.Content;

import org.jspecify.annotations.Nullable;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The rules of the ledger once more, as plainly as they can be written: what the log must hold if
 * they are kept. Judges every event when it gets into the log.
 */
final class NaiveLedger {
    private static final long MAX = 9_007_199_254_740_991L;

    /** An account; a system account has no id. */
    static final class Account {
        final int number;
        final String id;
        final String currency;
        final int world;
        BigInteger balance = BigInteger.ZERO;
        long creditLimit;

        Account(final int number, final String id, final String currency, final int world) {
            this.number = number;
            this.id = id;
            this.currency = currency;
            this.world = world;
        }

        boolean isWorld() {
            return number == world;
        }
    }

    /** An account's key. */
    record Scope(String accountId, String key) {}

    /** A rule is broken. */
    static final class Broken extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final String rule;

        Broken(final String rule, final String what) {
            super(what);
            this.rule = rule;
        }

        String rule() {
            return rule;
        }
    }

    private final long windowMs;
    private final Map<Integer, Account> byNumber = new TreeMap<>();
    private final Map<String, Account> byId = new HashMap<>();
    private final Map<String, Account> worlds = new HashMap<>();
    private final Map<Scope, List<LogEvent>> recorded = new HashMap<>();
    private long lastTimeMs;

    NaiveLedger(final long windowMs) {
        this.windowMs = windowMs;
    }

    /** Judges the next event and takes it in. */
    LogEvent apply(final long sequence, final RawRecord.RawEvent raw) {
        if (raw.timeMs() < lastTimeMs) {
            throw new Broken(
                    "ledger time",
                    "went back: sequence=" + sequence + ", timeMs=" + raw.timeMs() + ", before="
                            + lastTimeMs);
        }
        lastTimeMs = raw.timeMs();
        final String accountId = accountIdOf(sequence, raw);
        final Content content =
                new Content(raw.type(), raw.amount(), raw.currency(), raw.reference());
        final Scope scope = new Scope(accountId, raw.key());
        final LogEvent first = unexpired(scope, raw.timeMs());
        if (first != null) {
            throw new Broken(
                    "(e) one outcome a key",
                    "second event for a key: sequence=" + sequence + ", first=" + first);
        }
        final int expected = decide(accountId, content);
        if (expected != raw.code()) {
            throw new Broken(
                    "ladder",
                    "decided otherwise: sequence=" + sequence + ", code="
                            + raw.code() + ", expected=" + expected + ", accountId=" + accountId
                            + ", content=" + content);
        }
        final LogEvent event = expected == LogEvent.ACCEPTED
                ? accepted(sequence, raw, accountId, content)
                : refused(sequence, raw, accountId, content);
        recorded.computeIfAbsent(scope, s -> new ArrayList<>(1)).add(event);
        return event;
    }

    private String accountIdOf(final long sequence, final RawRecord.RawEvent raw) {
        if (!raw.accountId().isEmpty()) {
            return raw.accountId();
        }
        final Account account = byNumber.get(raw.number());
        if (account == null || account.isWorld()) {
            throw new Broken(
                    "(d) whole events",
                    "no such account: sequence=" + sequence + ", number=" + raw.number());
        }
        return account.id;
    }

    private int decide(final String accountId, final Content content) {
        final Account account = byId.get(accountId);
        if (content.type() == LogEvent.OPEN) {
            return account == null ? LogEvent.ACCEPTED : LogEvent.ACCOUNT_EXISTS;
        }
        if (account == null) {
            return LogEvent.ACCOUNT_NOT_FOUND;
        }
        final BigInteger amount = BigInteger.valueOf(content.amount());
        if (content.type() == LogEvent.LIMIT) {
            return account.balance.add(amount).signum() < 0
                    ? LogEvent.CREDIT_LIMIT_IN_USE
                    : LogEvent.ACCEPTED;
        }
        final boolean isCredit = content.type() == LogEvent.CREDIT;
        final BigInteger after =
                isCredit ? account.balance.add(amount) : account.balance.subtract(amount);
        if (!isCredit && after.add(BigInteger.valueOf(account.creditLimit)).signum() < 0) {
            return LogEvent.INSUFFICIENT_FUNDS;
        }
        return after.abs().compareTo(BigInteger.valueOf(MAX)) > 0
                ? LogEvent.BALANCE_OUT_OF_RANGE
                : LogEvent.ACCEPTED;
    }

    private LogEvent accepted(
            final long sequence,
            final RawRecord.RawEvent raw,
            final String accountId,
            final Content content) {
        final Account account;
        switch (content.type()) {
            case LogEvent.OPEN -> account = open(sequence, raw, accountId);
            case LogEvent.LIMIT -> {
                account = existing(accountId);
                account.creditLimit = content.amount();
            }
            default -> {
                account = existing(accountId);
                post(sequence, raw, account);
            }
        }
        requireSound(sequence, account);
        final Account world = existing(account.world);
        return new LogEvent(
                sequence,
                raw.timeMs(),
                accountId,
                raw.key(),
                content,
                LogEvent.ACCEPTED,
                account.number,
                account.world,
                raw.isWorldOpened(),
                account.balance.longValueExact(),
                account.creditLimit,
                world.balance.longValueExact());
    }

    private Account open(
            final long sequence, final RawRecord.RawEvent raw, final String accountId) {
        Account world = worlds.get(raw.currency());
        if ((world == null) != raw.isWorldOpened()) {
            throw new Broken(
                    "(d) whole events",
                    "world account: sequence=" + sequence + ", isWorldOpened="
                            + raw.isWorldOpened());
        }
        if (world == null) {
            world = new Account(byNumber.size(), "", raw.currency(), byNumber.size());
            byNumber.put(world.number, world);
            worlds.put(raw.currency(), world);
        }
        final Account account =
                new Account(byNumber.size(), accountId, raw.currency(), world.number);
        account.creditLimit = raw.amount();
        if (world.number != raw.world() || account.number != raw.number()) {
            throw new Broken(
                    "(d) whole events",
                    "account numbers: sequence=" + sequence
                            + ", number=" + raw.number() + ", expected=" + account.number
                            + ", world="
                            + raw.world() + ", expected=" + world.number);
        }
        byNumber.put(account.number, account);
        byId.put(accountId, account);
        return account;
    }

    private void post(final long sequence, final RawRecord.RawEvent raw, final Account account) {
        if (account.world != raw.world()) {
            throw new Broken(
                    "(d) whole events",
                    "not its world account: sequence=" + sequence + ", world=" + raw.world()
                            + ", expected=" + account.world);
        }
        final BigInteger amount = BigInteger.valueOf(raw.amount());
        final BigInteger posting = raw.type() == LogEvent.CREDIT ? amount : amount.negate();
        account.balance = account.balance.add(posting);
        final Account world = existing(account.world);
        world.balance = world.balance.subtract(posting);
        if (!account.balance.equals(BigInteger.valueOf(raw.balance()))) {
            throw new Broken(
                    "(c) sums",
                    "balance in the event: sequence=" + sequence + ", balance=" + raw.balance()
                            + ", expected=" + account.balance);
        }
    }

    private void requireSound(final long sequence, final Account account) {
        if (account.balance.add(BigInteger.valueOf(account.creditLimit)).signum() < 0) {
            throw new Broken(
                    "(c) limits",
                    "account passes its credit limit: sequence=" + sequence + ", balance="
                            + account.balance + ", creditLimit=" + account.creditLimit);
        }
        BigInteger sum = BigInteger.ZERO;
        for (final Account each : byNumber.values()) {
            if (each.world == account.world) {
                sum = sum.add(each.balance);
            }
        }
        if (sum.signum() != 0) {
            throw new Broken("(c) sums", "not zero: sequence=" + sequence + ", sum=" + sum);
        }
    }

    private LogEvent refused(
            final long sequence,
            final RawRecord.RawEvent raw,
            final String accountId,
            final Content content) {
        final Account account = byId.get(accountId);
        final int number = account == null ? -1 : account.number;
        if (number != raw.number()) {
            throw new Broken(
                    "(d) whole events",
                    "refusal of another account: sequence=" + sequence + ", number=" + raw.number()
                            + ", expected=" + number);
        }
        return new LogEvent(
                sequence,
                raw.timeMs(),
                accountId,
                raw.key(),
                content,
                raw.code(),
                number,
                -1,
                false,
                account == null ? 0 : account.balance.longValueExact(),
                account == null ? 0 : account.creditLimit,
                0);
    }

    private Account existing(final String accountId) {
        return existing(java.util.Objects.requireNonNull(byId.get(accountId)).number);
    }

    private Account existing(final int number) {
        return java.util.Objects.requireNonNull(byNumber.get(number));
    }

    /** What was recorded for a key, oldest first; more than one where the window has passed. */
    List<LogEvent> recorded(final String accountId, final String key) {
        return recorded.getOrDefault(new Scope(accountId, key), List.of());
    }

    /** The outcome that a retry at a ledger time gets again; null if there is none any more. */
    @Nullable LogEvent unexpired(final Scope scope, final long nowMs) {
        final List<LogEvent> all = recorded.get(scope);
        if (all == null || all.getLast().timeMs() <= nowMs - windowMs) {
            return null;
        }
        return all.getLast();
    }

    long lastTimeMs() {
        return lastTimeMs;
    }

    long windowMs() {
        return windowMs;
    }

    int accountCount() {
        return byNumber.size();
    }
}
