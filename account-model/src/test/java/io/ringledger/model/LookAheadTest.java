package io.ringledger.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * What a model does in groups, for the sake of the memory's latency, decides nothing: commands that
 * were looked ahead of, and events whose keys went into the index later.
 */
class LookAheadTest {
    private static final long SEED = 20_261_121L;
    private static final int COMMANDS = 60_000;
    private static final int RETRIED = 3_000;

    private record Timed(Ask ask, long clockMs) {}

    /** Commands are looked ahead of, or not, or set to something else in between. */
    @ParameterizedTest
    @ValueSource(longs = {1, 40, 2_000})
    void shouldDecideTheSameWhetherItLookedAheadOrNot(final long windowMs) {
        final Random random = new Random(SEED + windowMs);
        final List<Timed> all = asks(windowMs);
        final Command[] ahead = commands();
        final Command[] shown = new Command[AccountModel.LOOK_AHEAD];
        final boolean[] isOther = new boolean[AccountModel.LOOK_AHEAD];
        final Command plain = new Command();
        try (TestLedger one = new TestLedger(TestLedger.context(windowMs, 1));
                TestLedger other = new TestLedger(TestLedger.context(windowMs, 2))) {
            for (int from = 0; from < all.size(); ) {
                final int group = Math.min(1 + random.nextInt(ahead.length), all.size() - from);
                int count = 0;
                for (int i = 0; i < group; i++) {
                    isOther[i] = random.nextInt(8) == 0;
                    final int at = isOther[i] ? random.nextInt(all.size()) : from + i;
                    all.get(at).ask.into(ahead[i]);
                    if (random.nextInt(4) > 0) {
                        shown[count++] = ahead[i];
                    }
                }
                one.model().lookAhead(shown, count);
                for (int i = 0; i < group; i++) {
                    final Timed next = all.get(from + i);
                    if (isOther[i]) {
                        ahead[i].copyFrom(next.ask.into(plain));
                    }
                    assertSame(
                            one.submit(ahead[i], next.clockMs),
                            other.submit(next.ask, next.clockMs));
                }
                from += group;
            }
            assertThat(one.model().stateHash()).isEqualTo(other.model().stateHash());
        }
    }

    /** A replayed model finds every key that the live one finds, and no other. */
    @ParameterizedTest
    @ValueSource(longs = {1, 40, 2_000, 1_000_000})
    void shouldFindAfterAReplayWhatTheLiveModelFinds(final long windowMs) {
        final Random random = new Random(SEED + windowMs);
        final List<Timed> all = asks(windowMs);
        try (TestLedger live = new TestLedger(TestLedger.context(windowMs, 1));
                TestLedger again = new TestLedger(TestLedger.context(windowMs, 1))) {
            for (final Timed next : all) {
                live.submit(next.ask, next.clockMs);
                if (random.nextInt(50) == 0) {
                    live.flush();
                }
            }
            live.flush();
            TestLedger.read(live.records(), again.model());
            assertThat(again.model().keyCount()).isEqualTo(live.model().keyCount());
            assertThat(again.model().stateHash()).isEqualTo(live.model().stateHash());
            final long clockMs = live.model().lastTimeMs();
            for (int i = 0; i < RETRIED; i++) {
                final Ask ask = all.get(all.size() - 1 - random.nextInt(2 * RETRIED)).ask;
                assertSame(again.submit(ask, clockMs), live.submit(ask, clockMs));
            }
            assertThat(again.model().stateHash()).isEqualTo(live.model().stateHash());
        }
    }

    private static List<Timed> asks(final long windowMs) {
        final NaiveModel naive = new NaiveModel(windowMs);
        final AskGenerator generator = new AskGenerator(SEED, naive, windowMs, 300);
        final List<Timed> all = new ArrayList<>();
        for (int i = 0; i < COMMANDS; i++) {
            final Ask ask = generator.next();
            naive.submit(ask, generator.clockMs());
            all.add(new Timed(ask, generator.clockMs()));
        }
        return all;
    }

    private static Command[] commands() {
        final Command[] commands = new Command[AccountModel.LOOK_AHEAD];
        for (int i = 0; i < commands.length; i++) {
            commands[i] = new Command();
        }
        return commands;
    }

    private static void assertSame(final Outcome one, final Outcome other) {
        final boolean isSame = one.code() == other.code()
                && one.isReplayed() == other.isReplayed()
                && one.sequence() == other.sequence()
                && one.timeMs() == other.timeMs()
                && one.balance() == other.balance()
                && one.creditLimit() == other.creditLimit();
        if (!isSame) {
            throw new AssertionError("seed=" + SEED + ", " + one.code() + " at " + one.sequence()
                    + ", " + other.code() + " at " + other.sequence());
        }
    }
}
