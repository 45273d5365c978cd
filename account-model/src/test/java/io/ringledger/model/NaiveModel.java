package io.ringledger.model;

import io.ringledger.model.event.CommandType;

import org.jspecify.annotations.Nullable;

import java.math.BigInteger;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The ledger's rules once more, as plainly as they can be said: maps, strings and {@link
 * BigInteger}. Written from the design and not from the main code; it shares nothing with it but
 * the enumeration of command types. Slow, and meant to be.
 */
final class NaiveModel {
    static final BigInteger MAX = BigInteger.TWO.pow(53).subtract(BigInteger.ONE);
    private static final BigInteger WORLD_MAX = BigInteger.TWO.pow(63).subtract(BigInteger.ONE);
    private static final BigInteger WORLD_MIN = BigInteger.TWO.pow(63).negate();

    /** What a client is told; numbers are zero and the currency empty without an account. */
    record Answer(
            String code,
            boolean replayed,
            long sequence,
            long timeMs,
            BigInteger balance,
            BigInteger creditLimit,
            String currency) {
        Answer again() {
            return new Answer(code, true, sequence, timeMs, balance, creditLimit, currency);
        }
    }

    /** An account of a customer. */
    record Account(String currency, BigInteger balance, BigInteger creditLimit) {
        BigInteger available() {
            return balance.add(creditLimit);
        }
    }

    private record First(String content, Answer answer) {}

    private final long windowMs;
    private final Map<String, Account> accounts = new HashMap<>();
    private final Map<String, BigInteger> worlds = new HashMap<>();
    // In the order of their time, since every answer of a key goes to the end.
    private final Map<String, First> firsts = new LinkedHashMap<>();
    private long sequence;
    private long timeMs;

    NaiveModel(final long windowMs) {
        this.windowMs = windowMs;
    }

    Map<String, Account> accounts() {
        return accounts;
    }

    Map<String, BigInteger> worlds() {
        return worlds;
    }

    long timeMs() {
        return timeMs;
    }

    Answer submit(final Ask ask, final long clockMs) {
        final long now = Math.max(timeMs, clockMs);
        final String scopedKey = ask.accountId() + '\n' + ask.key();
        final String content =
                ask.type() + "|" + ask.currency() + '|' + ask.amount() + '|' + ask.reference();
        final First first = firsts.get(scopedKey);
        if (first != null && !isOver(first, now)) {
            return first.content.equals(content)
                    ? first.answer.again()
                    : answer("idempotency_key_reused", 0, now, null);
        }
        final String code = decide(ask);
        timeMs = now;
        sequence++;
        // Only now: a command that changes nothing does not move the ledger's time either.
        forgetBefore(now);
        final Answer answer = answer(code, sequence, now, accounts.get(ask.accountId()));
        firsts.put(scopedKey, new First(content, answer));
        return answer;
    }

    private static Answer answer(
            final String code,
            final long sequence,
            final long timeMs,
            final @Nullable Account account) {
        return account == null
                ? new Answer(code, false, sequence, timeMs, BigInteger.ZERO, BigInteger.ZERO, "")
                : new Answer(
                        code,
                        false,
                        sequence,
                        timeMs,
                        account.balance,
                        account.creditLimit,
                        account.currency);
    }

    /** A key is kept for less than the window: at the window's very end it is gone. */
    private boolean isOver(final First first, final long now) {
        return now - first.answer.timeMs >= windowMs;
    }

    private void forgetBefore(final long now) {
        final Iterator<First> oldest = firsts.values().iterator();
        while (oldest.hasNext() && isOver(oldest.next(), now)) {
            oldest.remove();
        }
    }

    private String decide(final Ask ask) {
        final Account account = accounts.get(ask.accountId());
        final BigInteger amount = BigInteger.valueOf(ask.amount());
        if (ask.type() == CommandType.OPEN_ACCOUNT) {
            if (account != null) {
                return "account_exists";
            }
            accounts.put(ask.accountId(), new Account(ask.currency(), BigInteger.ZERO, amount));
            worlds.putIfAbsent(ask.currency(), BigInteger.ZERO);
            return "accepted";
        }
        if (account == null) {
            return "account_not_found";
        }
        if (ask.type() == CommandType.SET_CREDIT_LIMIT) {
            if (account.balance.add(amount).signum() < 0) {
                return "credit_limit_in_use";
            }
            accounts.put(ask.accountId(), new Account(account.currency, account.balance, amount));
            return "accepted";
        }
        if (ask.type() == CommandType.WITHDRAW && account.available().compareTo(amount) < 0) {
            return "insufficient_funds";
        }
        return post(
                ask.accountId(),
                account,
                ask.type() == CommandType.CREDIT ? amount : amount.negate());
    }

    private String post(final String accountId, final Account account, final BigInteger posting) {
        final BigInteger balance = account.balance.add(posting);
        final BigInteger world =
                worlds.getOrDefault(account.currency, BigInteger.ZERO).subtract(posting);
        if (balance.abs().compareTo(MAX) > 0
                || world.compareTo(WORLD_MAX) > 0
                || world.compareTo(WORLD_MIN) < 0) {
            return "balance_out_of_range";
        }
        accounts.put(accountId, new Account(account.currency, balance, account.creditLimit));
        worlds.put(account.currency, world);
        return "accepted";
    }
}
