package io.ringledger.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ringledger.model.frame.EpochMarker;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

class ProjectionTest {
    private static final int PARTITIONS = 2;

    private final MemoryViewStore store = new MemoryViewStore(PARTITIONS);
    private final Events listener = new Events();
    private final TestLog log = new TestLog(0, PARTITIONS, 1);
    private final TestLog otherLog = new TestLog(1, PARTITIONS, 2);
    private final Projection projection = new Projection(PARTITIONS, store, 200, listener);

    @AfterEach
    void close() {
        projection.close();
        log.close();
        otherLog.close();
    }

    @Test
    void shouldBringEveryFrameOfSeveralPartitionsIntoTheViews() {
        final List<LogRecord> records = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            records.addAll(log.randomFrames(1, 50, 20));
            records.addAll(otherLog.randomFrames(2, 30, 20));
        }

        projection.project(records);

        assertIn(log, 0);
        assertIn(otherLog, 1);
        assertThat(listener.events).isEqualTo(10 * 50 + 20 * 30);
        assertThat(listener.frames).isEqualTo(30);
        assertThat(store.commits()).as("several frames a commit").isBetween(2, 12);
    }

    @Test
    void shouldDropFramesThatAreInTheViews() {
        final List<LogRecord> records = log.randomFrames(6, 20, 5);
        projection.project(records.subList(0, 4));

        projection.project(records.subList(0, 4));
        projection.project(records.subList(2, 6));
        projection.project(List.of(records.get(5), records.get(5), records.get(1)));

        assertIn(log, 0);
        assertThat(listener.events).isEqualTo(6 * 20);
        assertThat(listener.duplicates).isEqualTo(4 + 2 + 3);
    }

    @Test
    void shouldDropAFrameThatLandedTwiceInARow() {
        final List<LogRecord> records = log.randomFrames(3, 20, 5);

        projection.project(List.of(
                records.get(0), records.get(0), records.get(1), records.get(0), records.get(2)));

        assertIn(log, 0);
        assertThat(listener.duplicates).isEqualTo(2);
    }

    @Test
    void shouldGoOnAfterAnotherWorkerMovedTheViews() {
        final List<LogRecord> records = log.randomFrames(9, 20, 5);
        projection.project(records.subList(0, 2));
        try (Projection other = new Projection(PARTITIONS, store, 200, new Events())) {
            store.beforeCommit(() -> other.project(records.subList(2, 5)));
            projection.project(records.subList(2, 4));
            store.beforeCommit(() -> other.project(records.subList(5, 7)));
            projection.project(records.subList(4, 9));
        }

        assertIn(log, 0);
        assertThat(listener.misses).isEqualTo(2);
    }

    @Test
    void shouldTakeLessAtOnceWhereTheViewsAreTooSlowForAWholeBatch() {
        final List<LogRecord> records = log.randomFrames(40, 20, 5);
        store.takesAtMost(45);
        int tries = 1;
        for (boolean isDone = false; !isDone; tries++) {
            assertThat(tries).isLessThan(100);
            try {
                projection.project(records);
                isDone = true;
            } catch (final ViewUnavailableException e) {
                assertThat(e).hasMessage("too slow");
            }
        }
        assertIn(log, 0);
        assertThat(listener.events).isEqualTo(40 * 20);

        // And more again once they are not.
        store.takesAtMost(Integer.MAX_VALUE);
        final int before = store.commits();
        projection.project(log.randomFrames(40, 20, 5));
        assertThat(store.commits() - before).isLessThan(10);
    }

    @Test
    void shouldTryAgainAfterTheViewsWereAway() {
        final List<LogRecord> records = log.randomFrames(5, 20, 5);
        projection.project(records.subList(0, 1));
        store.away(true);
        assertThatThrownBy(() -> projection.project(records.subList(1, 5)))
                .isInstanceOf(ViewUnavailableException.class);
        store.away(false);

        projection.project(records.subList(1, 5));

        assertIn(log, 0);
    }

    @Test
    void shouldNotDoubleWhatWasCommittedWithoutAnAnswer() {
        final List<LogRecord> records = log.randomFrames(5, 20, 5);
        store.losesAnswers(true);
        assertThatThrownBy(() -> projection.project(records.subList(0, 3)))
                .isInstanceOf(ViewUnavailableException.class);
        store.losesAnswers(false);

        projection.project(records);

        assertIn(log, 0);
    }

    /** A list of good frames becomes one in which the record at index 5 must halt the views. */
    private interface Damage {
        LogRecord apply(List<LogRecord> frames);
    }

    static Stream<Arguments> damages() {
        return Stream.of(
                damage("gap", HaltReason.OUT_OF_ORDER, f -> f.get(6)),
                damage(
                        "flipped byte of the payload",
                        HaltReason.DAMAGED_FRAME,
                        f -> flipped(f, 95)),
                damage("flipped byte of the number", HaltReason.DAMAGED_FRAME, f -> flipped(f, 24)),
                damage("flipped byte of the hash", HaltReason.DAMAGED_FRAME, f -> flipped(f, 60)),
                damage("flipped magic", HaltReason.FOREIGN_RECORD, f -> flipped(f, 0)),
                damage("unknown version", HaltReason.UNKNOWN_VERSION, f -> flipped(f, 4)),
                damage("cut short", HaltReason.DAMAGED_FRAME, f -> cut(f, 120)),
                damage("cut into the header", HaltReason.FOREIGN_RECORD, f -> cut(f, 50)),
                damage("empty", HaltReason.FOREIGN_RECORD, f -> cut(f, 0)),
                damage("foreign text", HaltReason.FOREIGN_RECORD, f -> text("{\"hello\":1}")),
                damage("aggregate of the KPL", HaltReason.FOREIGN_RECORD, f -> kpl()),
                damage("broken chain", HaltReason.OUT_OF_ORDER, f -> otherHistory(6)),
                damage("same number, other frame", HaltReason.FORKED_LOG, f -> otherHistory(5)),
                damage("other ledger", HaltReason.WRONG_PARTITION, f -> otherLedger()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("damages")
    void shouldHaltAtARecordThatDoesNotFollowAndKeepWhatWentBefore(
            final String name, final HaltReason reason, final Damage damage) {
        final List<LogRecord> frames = log.randomFrames(8, 20, 5);
        final List<LogRecord> records = new ArrayList<>(frames.subList(0, 5));
        records.add(damage.apply(frames));
        records.addAll(frames.subList(5, 8));

        final HaltException halt =
                catchThrowableOfType(HaltException.class, () -> projection.project(records));

        assertThat(halt).as(name).isNotNull();
        assertThat(halt.reason()).isEqualTo(reason);
        assertThat(halt).hasMessageContaining(records.get(5).sequenceNumber());
        assertThat(store.load(0).progress().frame()).isEqualTo(5);
        assertThat(listener.events).isEqualTo(5 * 20);
    }

    @Test
    void shouldDropWhatAReplacedOwnerStillWrote() {
        final List<LogRecord> records = new ArrayList<>(log.randomFrames(2, 10, 5));
        final LogRecord zombie;
        try (TestLog old = new TestLog(0, 2, 42)) {
            zombie = old.randomFrames(3, 10, 5).getLast();
        }
        log.epoch(2);
        records.add(marker(2));
        records.add(zombie);
        records.addAll(log.randomFrames(1, 10, 5));
        records.add(zombie);
        records.add(marker(2));

        projection.project(records);

        assertIn(log, 0);
        assertThat(store.load(0).progress().epoch()).isEqualTo(2);
        assertThat(listener.fenced).isEqualTo(1);
        assertThat(listener.duplicates).isEqualTo(2);
    }

    /** Another worker goes on behind the marker and never sees it: its epoch must be in the views. */
    @Test
    void shouldKeepTheEpochOfAMarkerAsSoonAsItIsRead() {
        final List<LogRecord> records = log.randomFrames(2, 10, 5);
        final LogRecord zombie = log.randomFrames(1, 10, 5).getFirst();
        projection.project(records);
        projection.project(List.of(marker(2)));

        final Events after = new Events();
        try (Projection successor = new Projection(2, store, 1_000, after)) {
            successor.project(List.of(zombie));
        }

        assertThat(after.fenced).isEqualTo(1);
        assertThat(store.load(0).progress().frame()).isEqualTo(2);
        assertThat(store.load(0).progress().epoch()).isEqualTo(2);
    }

    private static LogRecord marker(final long epoch) {
        return new LogRecord(new EpochMarker(2, 0, epoch, 7, 7).toRecord(), "marker " + epoch);
    }

    private void assertIn(final TestLog expected, final int partition) {
        final Progress progress = store.load(partition).progress();
        assertThat(progress.frame()).isEqualTo(expected.frames().size());
        assertThat(progress.sequence()).isEqualTo(expected.lastSequence());
        assertThat(progress.frameHash()).isEqualTo(expected.lastHash());
        assertThat(store.balances(partition).values())
                .containsExactlyInAnyOrderElementsOf(expected.balances().values());
        assertThat(store.balances(partition).values().stream().mapToLong(b -> b).sum())
                .isZero();
    }

    private static Arguments damage(
            final String name, final HaltReason reason, final Damage damage) {
        return Arguments.of(name, reason, damage);
    }

    private static LogRecord flipped(final List<LogRecord> frames, final int at) {
        final byte[] data = frames.get(5).data().clone();
        data[at] ^= 0x10;
        return new LogRecord(data, "flipped");
    }

    private static LogRecord cut(final List<LogRecord> frames, final int length) {
        return new LogRecord(java.util.Arrays.copyOf(frames.get(5).data(), length), "cut");
    }

    private static LogRecord text(final String text) {
        return new LogRecord(text.getBytes(StandardCharsets.UTF_8), "text");
    }

    private static LogRecord kpl() {
        final byte[] data = new byte[200];
        data[0] = (byte) 0xF3;
        data[1] = (byte) 0x89;
        data[2] = (byte) 0x9A;
        data[3] = (byte) 0xC2;
        return new LogRecord(data, "kpl");
    }

    private static LogRecord otherHistory(final int frame) {
        try (TestLog other = new TestLog(0, PARTITIONS, 99)) {
            final LogRecord made = other.randomFrames(frame, 20, 5).get(frame - 1);
            return new LogRecord(made.data(), "other history");
        }
    }

    private static LogRecord otherLedger() {
        try (TestLog other = new TestLog(0, 3, 99)) {
            return new LogRecord(other.randomFrames(1, 20, 5).getFirst().data(), "other ledger");
        }
    }

    /** Counts what the projection says it did. */
    private static final class Events implements ProjectionListener {
        private int events;
        private int frames;
        private int misses;
        private int duplicates;
        private int fenced;

        @Override
        public void committed(final ViewBatch batch, final long tookNs) {
            events += batch.events();
            frames += batch.frames();
        }

        @Override
        public void missed(final ViewBatch batch) {
            misses++;
        }

        @Override
        public void duplicate(final int partition) {
            duplicates++;
        }

        @Override
        public void fenced(final int partition) {
            fenced++;
        }
    }
}
