package io.ringledger.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.math.BigInteger;
import java.util.HashMap;
import java.util.Map;

/** The fast model against {@link NaiveModel}: the same outcome for every random command. */
class NaiveModelTest {
    /** Another one by {@code -Dringledger.test.seed=…}. */
    private static final long SEED = Long.getLong("ringledger.test.seed", 20_261_121L);

    @Test
    void shouldDecideAMillionRandomCommandsLikeTheNaiveModel() {
        final Map<String, Integer> seen = compare(SEED, 1_000_000, 10_000, 3000);
        // A generator that does not reach a code proves nothing about it.
        for (final ResultCode code : ResultCode.values()) {
            assertThat(seen.getOrDefault(code.wireName(), 0))
                    .as("commands decided %s: %s", code, seen)
                    .isGreaterThan(1000);
        }
        assertThat(seen.getOrDefault("replayed", 0)).isGreaterThan(20_000);
        assertThat(seen.getOrDefault("replayed refusal", 0)).isGreaterThan(1000);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
    void shouldDecideLikeTheNaiveModelForManySeedsAndWindows(final int run) {
        final long[] windows = {1, 7, 100, 1500};
        compare(SEED + run, 20_000, windows[run % windows.length], 5 * run);
    }

    /** Returns how often each code was the outcome. */
    private static Map<String, Integer> compare(
            final long seed, final int commands, final long windowMs, final int accounts) {
        System.out.println("NaiveModelTest: seed=" + seed + ", commands=" + commands + ", windowMs="
                + windowMs + ", accounts=" + accounts);
        final NaiveModel naive = new NaiveModel(windowMs);
        final AskGenerator generator = new AskGenerator(seed, naive, windowMs, accounts);
        final Map<String, Integer> seen = new HashMap<>();
        final int verifyEvery = Math.max(1, commands / 20);
        try (TestLedger ledger = new TestLedger(TestLedger.context(windowMs, seed))) {
            for (int i = 0; i < commands; i++) {
                final Ask ask = generator.next();
                final NaiveModel.Answer expected = naive.submit(ask, generator.clockMs());
                final Outcome outcome = ledger.submit(ask, generator.clockMs());
                if (!isSame(expected, outcome)) {
                    throw new AssertionError("seed=" + seed + ", command " + i + ": " + ask
                            + "\nexpected " + expected + "\nactual   " + text(outcome));
                }
                count(seen, expected);
                if (i % verifyEvery == 0) {
                    ledger.model().verify();
                }
                if (((i * 0x9E3779B97F4A7C15L) >>> 56) == 0) {
                    ledger.flush();
                }
            }
            ledger.flush();
            ledger.model().verify();
            checkLog(ledger, naive, TestLedger.context(windowMs, seed + 1));
        }
        System.out.println("NaiveModelTest: " + seen);
        return seen;
    }

    private static void checkLog(
            final TestLedger ledger, final NaiveModel naive, final ModelContext otherSeed) {
        final AccountModel replayed = TestLedger.replay(ledger.records(), otherSeed);
        assertThat(replayed.stateHash()).isEqualTo(ledger.model().stateHash());
        assertThat(replayed.lastSequence()).isEqualTo(ledger.model().lastSequence());
        replayed.verify();

        final LogFold fold = new LogFold();
        TestLedger.read(ledger.records(), fold);
        assertThat(fold.events()).isEqualTo(ledger.model().lastSequence());
        assertThat(fold.rows()).hasSize(naive.accounts().size() + naive.worlds().size());
        BigInteger sum = BigInteger.ZERO;
        for (final LogFold.Row row : fold.rows()) {
            sum = sum.add(row.balance);
            if (row.id.equals("@world")) {
                assertThat(row.balance).isEqualTo(naive.worlds().get(row.currency));
            } else {
                assertThat(new NaiveModel.Account(
                                row.currency, row.balance, BigInteger.valueOf(row.creditLimit)))
                        .as("account %s", row.id)
                        .isEqualTo(naive.accounts().get(row.id));
            }
        }
        assertThat(sum).isZero();
    }

    private static boolean isSame(final NaiveModel.Answer expected, final Outcome actual) {
        return expected.code().equals(actual.code().wireName())
                && expected.replayed() == actual.isReplayed()
                && expected.sequence() == actual.sequence()
                && expected.timeMs() == actual.timeMs()
                && expected.balance().equals(BigInteger.valueOf(actual.balance()))
                && actual.held() == 0
                && expected.creditLimit().equals(BigInteger.valueOf(actual.creditLimit()))
                && expected.currency().equals(currency(actual));
    }

    private static String currency(final Outcome outcome) {
        return outcome.currency() == CurrencyCode.NONE
                ? ""
                : CurrencyCode.unpack(outcome.currency());
    }

    private static String text(final Outcome outcome) {
        return outcome.code() + ", replayed=" + outcome.isReplayed() + ", sequence="
                + outcome.sequence() + ", timeMs=" + outcome.timeMs() + ", balance="
                + outcome.balance() + ", held=" + outcome.held() + ", creditLimit="
                + outcome.creditLimit() + ", currency=" + currency(outcome);
    }

    private static void count(final Map<String, Integer> seen, final NaiveModel.Answer answer) {
        seen.merge(answer.code(), 1, Integer::sum);
        if (answer.replayed()) {
            seen.merge("replayed", 1, Integer::sum);
            if (!answer.code().equals("accepted")) {
                seen.merge("replayed refusal", 1, Integer::sum);
            }
        }
    }
}
