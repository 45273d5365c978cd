package io.ringledger.loadtests;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** One promise of the service, compared many times. Any number of threads. */
final class Check {
    private static final int MAX_SHOWN_FAILURES = 10;

    private final String name;
    private final AtomicLong comparisons = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    private final List<String> firstFailures = new ArrayList<>();

    Check(final String name) {
        this.name = name;
    }

    /** Compares once; the message is made only for a failure, and says what was expected. */
    void that(final boolean holds, final Supplier<String> message) {
        comparisons.incrementAndGet();
        if (!holds && failures.incrementAndGet() <= MAX_SHOWN_FAILURES) {
            synchronized (firstFailures) {
                firstFailures.add(message.get());
            }
        }
    }

    /** Compares a member of an answer. */
    void equal(final Answer answer, final String member, final long expected)
            throws ReplayException {
        final long actual = answer.number(member);
        that(actual == expected, () -> wrong(answer, member, expected, actual));
    }

    /** Compares a member of an answer. */
    void equal(final Answer answer, final String member, final String expected)
            throws ReplayException {
        final String actual = answer.text(member);
        that(actual.equals(expected), () -> wrong(answer, member, expected, actual));
    }

    private static String wrong(
            final Answer answer, final String member, final Object expected, final Object actual) {
        return answer.request() + ": " + member + " is " + actual + ", expected " + expected;
    }

    ReplaySummary.CheckResult result() {
        synchronized (firstFailures) {
            return new ReplaySummary.CheckResult(
                    name, comparisons.get(), failures.get(), List.copyOf(firstFailures));
        }
    }
}
