package io.ringledger.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringledger.model.frame.EventBatch;

import org.junit.jupiter.api.Test;

/** The hash seed protects the tables; nothing that anybody sees depends on it. */
class DeterminismTest {
    private static final long SEED = 20_261_121L;
    private static final long WINDOW = 2000;

    @Test
    void shouldWriteTheSameBytesUnderAnyHashSeed() {
        final NaiveModel naive = new NaiveModel(WINDOW);
        final AskGenerator generator = new AskGenerator(SEED, naive, WINDOW, 500);
        final AccountModel one = new AccountModel(TestLedger.context(WINDOW, 1));
        final AccountModel other = new AccountModel(TestLedger.context(WINDOW, -77));
        final EventBatch oneBatch = new EventBatch(1 << 18);
        final EventBatch otherBatch = new EventBatch(1 << 18);
        final Outcome outcome = new Outcome();
        final Outcome otherOutcome = new Outcome();
        final Command command = new Command();
        for (int i = 0; i < 100_000; i++) {
            final Ask ask = generator.next();
            naive.submit(ask, generator.clockMs());
            one.submit(ask.into(command), generator.clockMs(), oneBatch, outcome);
            other.submit(command, generator.clockMs(), otherBatch, otherOutcome);
            if (!oneBatch.hasRoomFor(one.ledgerTimeMs(generator.clockMs() + 10 * WINDOW))) {
                assertSameBytes(oneBatch, otherBatch);
            }
        }
        assertSameBytes(oneBatch, otherBatch);
        assertThat(other.stateHash()).isEqualTo(one.stateHash());
    }

    /** The state hash is not blind: each thing that decides moves it. */
    @Test
    void shouldHaveAnotherStateHashAfterAnyEvent() {
        try (TestLedger ledger = new TestLedger(TestLedger.context(WINDOW, 1))) {
            final java.util.Set<String> hashes = new java.util.HashSet<>();
            hashes.add(ledger.model().stateHash());
            final Ask[] asks = {
                Ask.open("A", "k0", "EUR", 0),
                Ask.credit("A", "k1", 1),
                Ask.credit("A", "k2", 1).withReference("r"),
                Ask.limit("A", "k3", 5),
                Ask.limit("A", "k4", 5),
                Ask.withdraw("A", "k5", 100),
                Ask.withdraw("B", "k5", 100),
                Ask.open("B", "k6", "EUR", 0)
            };
            for (final Ask ask : asks) {
                ledger.submit(ask, 1);
                assertThat(hashes.add(ledger.model().stateHash())).as("%s", ask).isTrue();
            }
        }
    }

    /** What differs only in the key, the content of the key, or the time is another state. */
    @Test
    void shouldTellStatesApartThatRetriesWouldTellApart() {
        final String hash = hashOf(Ask.withdraw("A", "k", 1), 5);
        assertThat(hashOf(Ask.withdraw("A", "k", 1), 5)).isEqualTo(hash);
        assertThat(hashOf(Ask.withdraw("A", "l", 1), 5)).isNotEqualTo(hash);
        assertThat(hashOf(Ask.withdraw("A", "kk", 1), 5)).isNotEqualTo(hash);
        assertThat(hashOf(Ask.withdraw("A", "k", 2), 5)).isNotEqualTo(hash);
        assertThat(hashOf(Ask.withdraw("A", "k", 1), 6)).isNotEqualTo(hash);
        assertThat(hashOf(Ask.withdraw("B", "k", 1), 5)).isNotEqualTo(hash);
        assertThat(hashOf(Ask.withdraw("A", "k", 1).withReference("r"), 5)).isNotEqualTo(hash);
    }

    private static String hashOf(final Ask ask, final long clockMs) {
        try (TestLedger ledger = new TestLedger(TestLedger.context(WINDOW, 1))) {
            ledger.submit(ask, clockMs);
            return ledger.model().stateHash();
        }
    }

    private static void assertSameBytes(final EventBatch one, final EventBatch other) {
        assertThat(other.length()).isEqualTo(one.length());
        assertThat(other.eventCount()).isEqualTo(one.eventCount());
        final byte[] bytes = new byte[one.length()];
        final byte[] otherBytes = new byte[one.length()];
        one.buffer().getBytes(0, bytes);
        other.buffer().getBytes(0, otherBytes);
        assertThat(otherBytes).isEqualTo(bytes);
        one.clear();
        other.clear();
    }
}
