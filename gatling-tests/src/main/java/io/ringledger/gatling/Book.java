package io.ringledger.gatling;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * What the ledger has acknowledged, account by account, kept without it: the sum of all that was posted, and the
 * newest position heard of. Also what is left open, and what was wrong. Thread-safe.
 */
final class Book {
    /** More of them say nothing more. */
    private static final int MAX_FINDINGS = 20;

    private static final Position NOWHERE = new Position(-1, -1);

    /**
     * What an account must look like.
     *
     * @param balance sum of what was posted
     * @param last the newest position heard of
     */
    record Expected(long balance, Position last) {}

    private final Map<String, Expected> accounts = new HashMap<>();
    private final Set<String> decidedKeys = new HashSet<>();
    private final List<Write> open = new ArrayList<>();
    private final List<String> findings = new ArrayList<>();
    private long findingCount;
    private long posted;
    private long refused;

    Book(final List<String> accounts) {
        accounts.forEach(account -> this.accounts.put(account, new Expected(0, NOWHERE)));
    }

    /** The account was opened there. */
    synchronized void opened(final String account, final Position position) {
        accounts.put(account, new Expected(0, position));
    }

    /** It is in the log. Once is enough: the same again changes nothing here either. */
    synchronized void posted(final Write write, final Position position) {
        if (decidedKeys.add(write.key())) {
            posted++;
            move(write.account(), write.change(), position);
        }
    }

    /** It was refused for good. Once is enough. */
    synchronized void refused(final Write write, final Position position) {
        if (decidedKeys.add(write.key())) {
            refused++;
            move(write.account(), 0, position);
        }
    }

    /** Nobody knows yet whether it is in the log. */
    synchronized void unknown(final Write write) {
        open.add(write);
    }

    /** An answer that the contract does not allow. */
    synchronized void wrong(final String what) {
        findingCount++;
        if (findings.size() < MAX_FINDINGS) {
            findings.add(what);
        }
    }

    /** Writes that have no outcome yet; they are not kept any longer. */
    synchronized List<Write> takeUnknown() {
        final List<Write> writes = open.stream()
                .filter(write -> !decidedKeys.contains(write.key()))
                .toList();
        open.clear();
        return writes;
    }

    synchronized Expected expected(final String account) {
        return Objects.requireNonNull(accounts.get(account), account);
    }

    /** Commands with an outcome, refused ones too. */
    synchronized long outcomes() {
        return posted + refused;
    }

    synchronized long refusals() {
        return refused;
    }

    /** What was wrong; empty if nothing was. */
    synchronized List<String> findings() {
        final List<String> all = new ArrayList<>(findings);
        if (findingCount > findings.size()) {
            all.add("and " + (findingCount - findings.size()) + " more");
        }
        return all;
    }

    private void move(final String account, final long change, final Position position) {
        final Expected before = expected(account);
        accounts.put(
                account,
                new Expected(
                        Math.addExact(before.balance, change),
                        position.shows(before.last) || before.last.equals(NOWHERE)
                                ? position
                                : before.last));
    }
}
