package io.ringledger.gatling;

import com.fasterxml.jackson.databind.JsonNode;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * After the load: writes without an outcome are sent again with their keys until they have one, then every balance
 * is read, no older than the last position heard of, and compared. What differs stands in the book.
 */
final class BalanceCheck {
    private static final int AT_ONCE = 16;
    private static final long PATIENCE_MS = 120_000;
    private static final long PAUSE_MS = 200;

    private final Load load;
    private final LedgerHttp http;
    private final long creditLimit;
    private final long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MS);

    BalanceCheck(final Load load, final LedgerHttp http, final long creditLimit) {
        this.load = load;
        this.http = http;
        this.creditLimit = creditLimit;
    }

    /** Returns once every account was compared or given up. */
    void run() throws InterruptedException {
        each(load.book().takeUnknown(), this::resolve);
        each(load.accounts(), this::compare);
    }

    private interface Step<T> {
        void take(T item) throws InterruptedException;
    }

    private static <T> void each(final List<T> items, final Step<T> step)
            throws InterruptedException {
        try (ExecutorService executor = Executors.newFixedThreadPool(AT_ONCE)) {
            final List<Callable<Boolean>> tasks = items.stream()
                    .<Callable<Boolean>>map(item -> () -> {
                        step.take(item);
                        return true;
                    })
                    .toList();
            for (final var done : executor.invokeAll(tasks)) {
                try {
                    done.get();
                } catch (final ExecutionException e) {
                    throw new IllegalStateException("cannot check the balances", e.getCause());
                }
            }
        }
    }

    private void resolve(final Write write) throws InterruptedException {
        final Answer answer =
                until(() -> http.send(write), found -> found != null && found.status() != 503);
        if (answer == null) {
            load.book().wrong("no outcome for " + write + " within " + PATIENCE_MS + " ms");
        } else {
            answer.enter(write, load.book());
        }
    }

    private void compare(final String account) throws InterruptedException {
        final Book.Expected expected = load.book().expected(account);
        final Answer answer = until(
                () -> http.balance(account, expected.last()),
                found -> found != null && found.status() != 503);
        if (answer == null || answer.status() != 200) {
            load.book()
                    .wrong("cannot read " + account + " after " + expected.last() + ": " + answer);
            return;
        }
        final JsonNode json = Answer.json(answer.body());
        if (json.path("balance").asLong(Long.MIN_VALUE) != expected.balance()
                || json.path("available").asLong() != expected.balance() + creditLimit
                || !Position.parse(json.path("position").asText("-1")).shows(expected.last())) {
            load.book()
                    .wrong("acknowledged " + expected + " for " + account + ", read "
                            + answer.body());
        }
    }

    private interface Attempt {
        @Nullable Answer make() throws InterruptedException;
    }

    private interface Judge {
        boolean isEnough(@Nullable Answer answer);
    }

    /** Tries again, with pauses, until it is enough or patience ends; the last answer, or null. */
    private @Nullable Answer until(final Attempt attempt, final Judge judge)
            throws InterruptedException {
        while (true) {
            final Answer answer = attempt.make();
            if (judge.isEnough(answer)) {
                return answer;
            }
            if (System.nanoTime() >= deadlineNs) {
                return null;
            }
            TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
        }
    }
}
