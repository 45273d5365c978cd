package io.ringledger.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringledger.model.AccountModel;
import io.ringledger.model.ModelContext;
import io.ringledger.model.frame.EpochMarker;
import io.ringledger.model.frame.FrameReader;
import io.ringledger.snapshots.FileSnapshotStore;
import io.ringledger.snapshots.SnapshotKeeper;
import io.ringledger.snapshots.SnapshotLoader;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The follower without KCL: what is covered is stored, and no gap is ever gone over. */
class SnapshotFollowerTest {
    private static final int PARTITIONS = 2;
    private static final String SHARD = "shard-1";
    private static final SnapshotFollower.Pace PACE = new SnapshotFollower.Pace(40, 1_000, 100);

    @TempDir
    private Path folder;

    private final List<LogRecord> shard = new ArrayList<>();
    private final List<TestLog> logs =
            List.of(new TestLog(0, PARTITIONS, 1), new TestLog(1, PARTITIONS, 2));
    private int trimmed;
    private long nowMs;

    @AfterEach
    void close() {
        logs.forEach(TestLog::close);
    }

    private void put(final byte[] record) {
        shard.add(new LogRecord(record, Integer.toString(shard.size() + 1)));
    }

    private void frame(final int partition, final int events) {
        logs.get(partition).randomEvents(events, 5);
        put(logs.get(partition).frame().data());
    }

    private void marker(final int partition, final long epoch) {
        put(new EpochMarker(PARTITIONS, partition, epoch, 1, epoch).toRecord());
    }

    /** The shard as Kinesis would give it again. */
    private final class History implements ShardHistory {
        @Override
        public List<Integer> partitionsOf(final String shardId) {
            return List.of(0, 1);
        }

        @Override
        public void read(
                final int partition,
                final String fromShard,
                final String fromRecord,
                final String toShard,
                final @Nullable String toRecord,
                final BooleanSupplier goOn,
                final Consumer<byte[]> records) {
            final int from = fromShard.equals(SHARD) ? Integer.parseInt(fromRecord) : 0;
            final int to = toRecord == null ? 0 : Integer.parseInt(toRecord);
            for (int i = Math.max(from, trimmed); i < to; i++) {
                records.accept(shard.get(i).data());
            }
        }
    }

    private SnapshotFollower start(final @Nullable String checkpoint) {
        return new FollowerStart(
                        new FileSnapshotStore(folder),
                        new History(),
                        PARTITIONS,
                        () -> ModelContext.small(nowMs),
                        PACE,
                        () -> nowMs)
                .start(SHARD, checkpoint, () -> true);
    }

    private void store(final SnapshotFollower follower, final int partition) {
        new SnapshotKeeper(new FileSnapshotStore(folder), 2)
                .write(follower.header(partition), follower.model(partition));
        follower.stored(partition, nowMs);
    }

    private String replayed(final int partition) {
        final AccountModel model = new AccountModel(ModelContext.small(99));
        try (FrameReader reader = new FrameReader()) {
            for (final LogRecord frame : logs.get(partition).frames()) {
                reader.open(frame.data());
                reader.readEvents(model);
            }
        }
        return model.stateHash();
    }

    @Test
    void shouldBeDueAfterEventsAndAfterTime() {
        try (SnapshotFollower follower = start(null)) {
            frame(0, 39);
            frame(1, 5);
            follower.follow(shard.get(0));
            follower.follow(shard.get(1));
            assertThat(follower.due(nowMs)).isEqualTo(-1);
            assertThat(follower.covered()).isNull();
            frame(0, 1);
            follower.follow(shard.get(2));
            assertThat(follower.due(nowMs)).isEqualTo(0);
            store(follower, 0);
            assertThat(follower.due(nowMs)).isEqualTo(-1);
            assertThat(follower.covered()).as("the other one is in no snapshot").isEqualTo("1");
            nowMs += 1_000;
            assertThat(follower.due(nowMs)).isEqualTo(1);
            follower.failed(1, nowMs);
            assertThat(follower.due(nowMs + 99)).isEqualTo(-1);
            assertThat(follower.due(nowMs + 100)).isEqualTo(1);
            assertThat(follower.covered()).isEqualTo("1");
            store(follower, 1);
            assertThat(follower.covered()).isEqualTo("3");
        }
    }

    /** A marker changes what is dropped later: it is covered only by a snapshot that has it. */
    @Test
    void shouldNotCoverAMarkerThatIsInNoSnapshot() {
        try (SnapshotFollower follower = start(null)) {
            frame(0, 3);
            follower.follow(shard.get(0));
            store(follower, 0);
            marker(0, 5);
            assertThat(follower.follow(shard.get(1))).isEqualTo(SnapshotFollower.Followed.MARKER);
            assertThat(follower.covered()).isEqualTo("1");
            nowMs += 1_000;
            assertThat(follower.due(nowMs)).isEqualTo(0);
            store(follower, 0);
            assertThat(follower.covered()).isEqualTo("2");
            assertThat(follower.header(0).epoch()).isEqualTo(5);
        }
    }

    /** An idle partition's snapshot follows the checkpoint, if slowly. */
    @Test
    void shouldStoreAnIdlePartitionAgainOnceTheShardHasMovedOn() {
        try (SnapshotFollower follower = start(null)) {
            frame(0, 3);
            frame(1, 3);
            follower.follow(shard.get(0));
            follower.follow(shard.get(1));
            store(follower, 0);
            store(follower, 1);
            nowMs += 100_000;
            assertThat(follower.due(nowMs)).as("nothing has moved").isEqualTo(-1);
            frame(1, 3);
            follower.follow(shard.get(2));
            store(follower, 1);
            assertThat(follower.behind()).containsExactly(0);
            assertThat(follower.due(nowMs)).isEqualTo(0);
            store(follower, 0);
            assertThat(follower.header(0).recordSequenceNumber()).isEqualTo("3");
        }
    }

    /**
     * The checkpoint lies behind a marker whose snapshot was lost, and what comes next is what the
     * replaced owner wrote: it would look like the next frame.
     */
    @Test
    void shouldNotTakeAFencedFrameForTheNextOneWhenASnapshotIsLost() throws IOException {
        frame(0, 3);
        final String before;
        try (SnapshotFollower follower = start(null)) {
            follower.follow(shard.get(0));
            store(follower, 0);
            before = follower.model(0).stateHash();
            marker(0, 2);
            follower.follow(shard.get(1));
            store(follower, 0);
            assertThat(follower.covered()).isEqualTo("2");
        }
        try (Stream<Path> files = Files.list(folder)) {
            Files.delete(files.sorted().toList().getLast());
        }
        frame(0, 3);
        try (SnapshotFollower follower = start("2")) {
            assertThat(follower.follow(shard.get(2))).isEqualTo(SnapshotFollower.Followed.FENCED);
            assertThat(follower.model(0).stateHash()).isEqualTo(before);
        }
    }

    @Test
    void shouldSayThatTheLogNoLongerHasWhatTheSnapshotLacks() throws IOException {
        for (int i = 0; i < 6; i++) {
            frame(0, 3);
        }
        try (SnapshotFollower follower = start(null)) {
            follower.follow(shard.get(0));
            store(follower, 0);
        }
        trimmed = 3;
        assertThatThrownBy(() -> start("5"))
                .isInstanceOf(ContradictionException.class)
                .hasMessageContaining("partition 0 cannot be brought from frame 1")
                .hasMessageContaining("trimmed")
                .hasMessageContaining("gap in the frames");
    }

    @Test
    void shouldRefuseARecordOfAPartitionThatTheShardDoesNotHave() {
        try (TestLog other = new TestLog(3, 4, 1);
                SnapshotFollower follower = start(null)) {
            other.randomEvents(3, 2);
            final LogRecord record = other.frame();
            assertThatThrownBy(() -> follower.follow(record))
                    .isInstanceOfSatisfying(
                            ContradictionException.class,
                            e -> assertThat(e.reason()).isEqualTo(HaltReason.WRONG_PARTITION));
        }
    }

    /** Kills at any record, stores that fail, snapshots that are lost: the state is the log's. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void shouldComeToTheStateOfTheLogThroughAnyCrash(final int seed) throws IOException {
        System.out.println("SnapshotFollowerTest: seed=" + seed);
        final Random random = new Random(seed);
        randomShard(random, 300);
        String checkpoint = null;
        int starts = 0;
        boolean isDone = false;
        while (!isDone) {
            starts++;
            try (SnapshotFollower follower = start(checkpoint)) {
                int next = checkpoint == null ? 0 : Integer.parseInt(checkpoint);
                final int until = next + 1 + random.nextInt(120);
                while (next < shard.size() && next < until) {
                    follower.follow(shard.get(next++));
                    nowMs += random.nextInt(40);
                    final int due = follower.due(nowMs);
                    if (due >= 0 && random.nextInt(4) == 0) {
                        follower.failed(due, nowMs);
                    } else if (due >= 0) {
                        store(follower, due);
                    }
                    final String covered = follower.covered();
                    if (covered != null && random.nextInt(3) == 0) {
                        checkpoint = covered;
                    }
                }
                isDone = next == shard.size();
                for (int partition = 0; isDone && partition < PARTITIONS; partition++) {
                    assertThat(follower.model(partition).stateHash())
                            .as("partition %s", partition)
                            .isEqualTo(replayed(partition));
                }
            }
            lose(random);
        }
        assertThat(starts).isGreaterThan(2);
        for (int partition = 0; partition < PARTITIONS; partition++) {
            assertThat(new SnapshotLoader(new FileSnapshotStore(folder))
                            .load(partition, PARTITIONS, ModelContext.small(5)))
                    .isNotNull();
        }
    }

    /** Frames, markers, what landed twice, and what replaced owners wrote after the marker. */
    private void randomShard(final Random random, final int records) {
        final long[] epochs = {1, 1};
        while (shard.size() < records) {
            final int partition = random.nextInt(PARTITIONS);
            final int choice = random.nextInt(20);
            if (choice == 0) {
                zombie(partition, epochs);
            } else if (choice < 3 && !shard.isEmpty()) {
                put(shard.get(shard.size() - 1 - random.nextInt(Math.min(5, shard.size())))
                        .data());
            } else {
                frame(partition, 1 + random.nextInt(8));
            }
        }
    }

    /** The old owner's next frame lands after the marker; the new owner writes another. */
    private void zombie(final int partition, final long[] epochs) {
        final TestLog log = logs.get(partition);
        final byte[] late = log.unwritten();
        epochs[partition]++;
        marker(partition, epochs[partition]);
        log.epoch(epochs[partition]);
        put(late);
        frame(partition, 2);
        put(late);
    }

    private void lose(final Random random) throws IOException {
        if (random.nextInt(3) > 0) {
            return;
        }
        try (Stream<Path> files = Files.list(folder)) {
            for (final Path file : files.sorted().toList()) {
                switch (random.nextInt(4)) {
                    case 0 -> Files.delete(file);
                    case 1 -> Files.write(file, new byte[] {1, 2, 3});
                    default -> {}
                }
            }
        }
    }
}
