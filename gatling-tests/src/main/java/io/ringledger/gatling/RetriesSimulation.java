package io.ringledger.gatling;

import static io.gatling.javaapi.core.CoreDsl.scenario;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.atomic.AtomicReference;

/**
 * Each command is sent by two users that arrive one after the other, mostly while the first is still under way, and
 * by each of them again afterwards. All four get one outcome, one of them for the first time.
 */
public final class RetriesSimulation extends LedgerSimulation {
    private final SameOutcomes outcomes = new SameOutcomes();

    /** By Gatling. */
    public RetriesSimulation() {
        final Writes writes = load().writes();
        final AtomicReference<@Nullable Write> left = new AtomicReference<>();
        arrive(scenario("retries")
                .exec(
                        think(_ -> {
                            final Write second = left.getAndSet(null);
                            if (second != null) {
                                return second;
                            }
                            final Write first = writes.next();
                            left.set(first);
                            return first;
                        }),
                        send("write", this::taken),
                        send("the same again", this::taken)));
    }

    private void taken(final Write write, final @Nullable Answer answer) {
        enter(write, answer);
        outcomes.take(write, answer, load().book());
    }

    @Override
    public void after() {
        outcomes.close(load().book());
    }
}
