package io.ringledger.gatling;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.Map;

/**
 * Whether all answers to one key are one outcome, of which exactly one was the first. Thread-safe.
 */
final class SameOutcomes {
    /** What is known of a key. */
    private static final class Known {
        private @Nullable Answer outcome;
        private int outcomes;
        private int first;
        private boolean isComplete = true;
    }

    private final Map<String, Known> keys = new HashMap<>();

    synchronized void take(final Write write, final @Nullable Answer answer, final Book book) {
        final Known known = keys.computeIfAbsent(write.key(), key -> new Known());
        if (answer == null || !answer.isOutcome()) {
            // The first time may have been this one.
            known.isComplete = false;
            return;
        }
        known.outcomes++;
        if (!answer.isReplayed()) {
            known.first++;
        }
        if (known.outcome == null) {
            known.outcome = answer;
        } else if (known.outcome.status() != answer.status()
                || !known.outcome.body().equals(answer.body())) {
            book.wrong("two outcomes for " + write + ": " + known.outcome + ", " + answer);
        }
    }

    /** Once all have answered. */
    synchronized void close(final Book book) {
        keys.forEach((key, known) -> {
            if (known.first > 1 || (known.isComplete && known.first != 1)) {
                book.wrong("key " + key + ": " + known.first + " of " + known.outcomes
                        + " answers without Idempotency-Replayed");
            }
        });
    }
}
