package io.ringledger.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringledger.model.frame.FrameChain;
import io.ringledger.model.frame.FrameHeader;
import io.ringledger.model.frame.FrameReader;
import io.ringledger.model.snapshot.SnapshotHeader;
import io.ringledger.model.snapshot.Snapshots;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.lang.reflect.AccessibleObject;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** What is restored is the state that was: it replays on, and answers, as if never stopped. */
class SnapshotTest {
    /** Another one by {@code -Dringledger.test.seed=…}. */
    private static final long SEED = Long.getLong("ringledger.test.seed", 20_261_121L);

    private static final Field[] OUTCOME_FIELDS = outcomeFields();

    private static final int PARTITION = TestLedger.PARTITION;
    private static final int PARTITIONS = TestLedger.PARTITIONS;

    /** A model and where its log stands. */
    private static final class Follower implements AutoCloseable {
        final AccountModel model;
        final FrameChain chain;
        final FrameReader reader = new FrameReader();

        Follower(final AccountModel model, final FrameChain chain) {
            this.model = model;
            this.chain = chain;
        }

        void read(final List<byte[]> records) {
            for (final byte[] record : records) {
                final FrameHeader header = reader.open(record);
                if (chain.judge(reader, header) == FrameChain.Verdict.NEXT) {
                    reader.readEvents(model);
                    chain.advance(reader, header);
                }
            }
        }

        SnapshotHeader header() {
            return SnapshotHeader.of(model, chain, PARTITIONS, "shardId-000000000007", "49");
        }

        @Override
        public void close() {
            reader.close();
        }
    }

    private static Follower empty(final ModelContext context) {
        return new Follower(new AccountModel(context), new FrameChain(PARTITION, PARTITIONS));
    }

    private static Follower restored(final byte[] snapshot, final ModelContext context) {
        final AccountModel model = Snapshots.read(snapshot, PARTITION, PARTITIONS, context);
        return new Follower(model, Snapshots.header(snapshot).chain());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6})
    void shouldRestoreToWhatAReplayFromTheStartGives(final int run) {
        final long seed = SEED + run;
        final long windowMs = new long[] {1, 7, 100, 1500, 1_000_000}[run % 5];
        System.out.println("SnapshotTest: seed=" + seed + ", windowMs=" + windowMs);
        final NaiveModel naive = new NaiveModel(windowMs);
        final AskGenerator generator = new AskGenerator(seed, naive, windowMs, 40 * run);
        final Random random = new Random(seed);
        try (TestLedger ledger = new TestLedger(TestLedger.context(windowMs, seed))) {
            submit(ledger, generator, naive, random, 10_000);
            final List<byte[]> records = ledger.records();
            for (int cut = 0; cut < 6; cut++) {
                final int frames = cut == 0 ? 0 : random.nextInt(records.size() + 1);
                check(records, frames, windowMs, seed + cut);
            }
            checkLive(ledger, generator, naive, random, windowMs);
        }
    }

    private static void submit(
            final TestLedger ledger,
            final AskGenerator generator,
            final NaiveModel naive,
            final Random random,
            final int commands) {
        for (int i = 0; i < commands; i++) {
            final Ask ask = generator.next();
            naive.submit(ask, generator.clockMs());
            ledger.submit(ask, generator.clockMs());
            if (random.nextInt(60) == 0) {
                ledger.flush();
            }
        }
        ledger.flush();
    }

    /** Snapshot after some frames, restored elsewhere, then the rest: as from the start. */
    private static void check(
            final List<byte[]> records, final int frames, final long windowMs, final long seed) {
        try (Follower first = empty(TestLedger.context(windowMs, seed));
                Follower other = empty(TestLedger.context(windowMs, ~seed))) {
            first.read(records.subList(0, frames));
            other.read(records.subList(0, frames));
            final byte[] snapshot = Snapshots.write(first.header(), first.model);
            // Neither the seeds of the tables nor what had been in them shows in the file.
            assertThat(Snapshots.write(other.header(), other.model)).isEqualTo(snapshot);

            try (Follower second = restored(snapshot, TestLedger.context(windowMs, seed * 31))) {
                assertThat(second.model.stateHash()).isEqualTo(first.model.stateHash());
                assertThat(Snapshots.write(second.header(), second.model)).isEqualTo(snapshot);
                // Old records come again: a reader drops them.
                second.read(records.subList(Math.max(0, frames - 3), records.size()));
                first.read(records.subList(frames, records.size()));
                assertThat(second.model.stateHash()).isEqualTo(first.model.stateHash());
                assertThat(second.header()).isEqualTo(first.header());
                second.model.verify();
            }
        }
    }

    /** A restored model decides new commands and retries like the one that never stopped. */
    private static void checkLive(
            final TestLedger ledger,
            final AskGenerator generator,
            final NaiveModel naive,
            final Random random,
            final long windowMs) {
        try (Follower follower = empty(TestLedger.context(windowMs, 5))) {
            follower.read(ledger.records());
            final byte[] snapshot = Snapshots.write(follower.header(), follower.model);
            try (Follower second = restored(snapshot, TestLedger.context(windowMs, 6))) {
                final io.ringledger.model.frame.EventBatch batch =
                        new io.ringledger.model.frame.EventBatch(1 << 20);
                final Command command = new Command();
                final Outcome outcome = new Outcome();
                for (int i = 0; i < 5_000; i++) {
                    final Ask ask = generator.next();
                    naive.submit(ask, generator.clockMs());
                    final Outcome expected = ledger.submit(ask, generator.clockMs());
                    second.model.submit(ask.into(command), generator.clockMs(), batch, outcome);
                    assertThat(valuesOf(outcome)).isEqualTo(valuesOf(expected));
                    if (random.nextInt(50) == 0) {
                        batch.clear();
                        ledger.flush();
                    }
                }
                assertThat(second.model.stateHash()).isEqualTo(ledger.model().stateHash());
            }
        }
    }

    /** Every field, those to come too; AssertJ's own comparison of them took most of this class's time. */
    private static List<Object> valuesOf(final Outcome outcome) {
        final List<Object> values = new ArrayList<>();
        try {
            for (final Field field : OUTCOME_FIELDS) {
                values.add(field.get(outcome));
            }
        } catch (final IllegalAccessException e) {
            throw new AssertionError(e);
        }
        return values;
    }

    private static Field[] outcomeFields() {
        final Field[] fields = Outcome.class.getDeclaredFields();
        AccessibleObject.setAccessible(fields, true);
        return fields;
    }

    @Test
    void shouldHoldMoreThanOneBlock() {
        final ModelContext context = TestLedger.context(1_000_000, 1);
        try (TestLedger ledger = new TestLedger(context);
                Follower follower = empty(context)) {
            for (int i = 0; i < 30_000; i++) {
                ledger.submit(Ask.open("account-" + i, "key-" + i, "EUR", i), 1000 + i / 100);
                ledger.submit(Ask.credit("account-" + i, "x" + i * 31, i + 1), 1000 + i / 100);
            }
            ledger.flush();
            follower.read(ledger.records());
            final SnapshotHeader header = follower.header();
            assertThat(header.accounts()).isEqualTo(30_001);
            assertThat(header.keys()).isEqualTo(60_000);
            final byte[] snapshot = Snapshots.write(header, follower.model);
            assertThat(Snapshots.blocks(snapshot)).isGreaterThan(5);
            final AccountModel model = Snapshots.read(
                    snapshot, PARTITION, PARTITIONS, TestLedger.context(1_000_000, 2));
            assertThat(model.stateHash()).isEqualTo(follower.model.stateHash());
            assertThat(model.keyCount()).isEqualTo(60_000);
        }
    }

    @Test
    void shouldNotHoldKeysThatHaveExpired() {
        final ModelContext context = TestLedger.context(100, 1);
        try (TestLedger ledger = new TestLedger(context);
                Follower follower = empty(context)) {
            ledger.submit(Ask.open("A", "open", "EUR", 0), 1000);
            for (int i = 0; i < 50; i++) {
                ledger.submit(Ask.credit("A", "k" + i, 1), 1000);
            }
            ledger.submit(Ask.credit("A", "late", 1), 1100);
            ledger.flush();
            follower.read(ledger.records());
            assertThat(follower.model.keyCount()).isGreaterThan(40);
            assertThat(follower.header().keys()).isEqualTo(1);
            try (Follower second =
                    restored(Snapshots.write(follower.header(), follower.model), context)) {
                assertThat(second.model.keyCount()).isEqualTo(1);
                assertThat(second.model.stateHash()).isEqualTo(follower.model.stateHash());
            }
        }
    }

    @Test
    void shouldNotBeTakenInTheMiddleOfAFrame() {
        final ModelContext context = ModelContext.small(1);
        try (TestLedger ledger = new TestLedger(context)) {
            ledger.submit(Ask.open("A", "k", "EUR", 0), 1);
            final FrameChain chain = new FrameChain(PARTITION, PARTITIONS);
            assertThatThrownBy(() -> SnapshotHeader.of(ledger.model(), chain, PARTITIONS, "s", "1"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("middle of a frame");
            try (Follower follower = empty(context)) {
                final SnapshotHeader early = follower.header();
                assertThatThrownBy(() -> Snapshots.write(early, ledger.model()))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("moved on");
            }
        }
    }
}
