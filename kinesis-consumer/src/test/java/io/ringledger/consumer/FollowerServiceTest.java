package io.ringledger.consumer;

import static io.ringledger.consumer.KclStand.PARTITIONS;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.ringledger.model.AccountModel;
import io.ringledger.model.ModelContext;
import io.ringledger.model.frame.FrameReader;
import io.ringledger.snapshots.FileSnapshotStore;
import io.ringledger.snapshots.SnapshotLoader;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The follower on KCL itself. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FollowerServiceTest {
    private static final Duration SOON = Duration.ofSeconds(90);

    private static KclStand stand;

    @TempDir
    private Path folder;

    private String stream = "";
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final List<TestLog> logs = IntStream.range(0, PARTITIONS)
            .mapToObj(partition -> new TestLog(partition, PARTITIONS, partition))
            .toList();

    @BeforeAll
    static void start() {
        stand = new KclStand();
    }

    @AfterAll
    static void close() {
        stand.close();
    }

    @BeforeEach
    void createStream(final TestInfo test) {
        stream = test.getTestMethod().orElseThrow().getName();
        stand.createStream(stream, 2);
    }

    private FollowerService follower() {
        return stand.follower(stream, stream, folder, registry);
    }

    private void putFrames(final int count) {
        for (int i = 0; i < count; i++) {
            for (int partition = 0; partition < PARTITIONS; partition++) {
                stand.put(stream, partition, logs.get(partition).randomFrames(1, 10, 10));
            }
        }
    }

    /** Until the newest snapshot of each partition has the whole log in it. */
    private void awaitSnapshots() {
        for (int partition = 0; partition < PARTITIONS; partition++) {
            final TestLog log = logs.get(partition);
            final int wanted = partition;
            Await.until(
                    "snapshot of partition " + partition + " at " + log.lastSequence(),
                    SOON,
                    () -> {
                        final SnapshotLoader.Loaded loaded = load(wanted);
                        return loaded != null && loaded.header().sequence() == log.lastSequence();
                    });
            assertThat(Objects.requireNonNull(load(partition)).model().stateHash())
                    .isEqualTo(replayed(log));
        }
    }

    private SnapshotLoader.@Nullable Loaded load(final int partition) {
        return new SnapshotLoader(new FileSnapshotStore(folder))
                .load(partition, PARTITIONS, ModelContext.small(3))
                .loaded();
    }

    private static String replayed(final TestLog log) {
        final AccountModel model = new AccountModel(ModelContext.small(9));
        try (FrameReader reader = new FrameReader()) {
            for (final LogRecord frame : log.frames()) {
                reader.open(frame.data());
                reader.readEvents(model);
            }
        }
        return model.stateHash();
    }

    private List<String> checkpoints() {
        return stand.dynamoDb.scan(s -> s.tableName(stream)).join().items().stream()
                .filter(item -> item.containsKey("checkpoint"))
                .map(item -> item.getOrDefault("checkpoint", AttributeValue.fromS(""))
                        .s())
                .sorted()
                .toList();
    }

    @Test
    void shouldWriteSnapshotsStopAndGoOn() {
        putFrames(5);
        try (FollowerService follower = follower()) {
            follower.start();
            awaitSnapshots();
            putFrames(5);
            awaitSnapshots();
            Await.until(
                    "checkpoints",
                    SOON,
                    () -> checkpoints().stream().noneMatch("TRIM_HORIZON"::equals));
            assertThat(follower.trouble()).isNull();
            assertThat(gauge("snapshot.bytes")).isGreaterThan(100);
            assertThat(gauge("snapshot.age")).isBetween(0.0, 120.0);
            assertThat(gauge("snapshot.position"))
                    .isEqualTo((double) logs.getFirst().lastSequence());
        }
        assertThat(registry.find("ringledger.follower.snapshot.age").gauges())
                .as("another worker's matter now")
                .isEmpty();
        putFrames(5);
        try (FollowerService follower = follower()) {
            follower.start();
            awaitSnapshots();
        }
    }

    /** Of partition 0. */
    private double gauge(final String name) {
        return registry.get("ringledger.follower." + name)
                .tag("partition", "0")
                .gauge()
                .value();
    }

    @Test
    void shouldFollowAShardIntoItsChildren() throws IOException {
        try (FollowerService follower = follower()) {
            follower.start();
            putFrames(3);
            awaitSnapshots();
            stand.kinesis
                    .splitShard(s -> s.streamName(stream)
                            .shardToSplit("shardId-000000000000")
                            .newStartingHashKey(BigInteger.ONE.shiftLeft(126).toString()))
                    .join();
            stand.awaitActive(stream);
            putFrames(3);
            awaitSnapshots();
            assertThat(follower.trouble()).isNull();
        }
        // Back to the parent's records, and through them.
        deleteSnapshots();
        putFrames(1);
        try (FollowerService follower = follower()) {
            follower.start();
            awaitSnapshots();
            assertThat(follower.trouble()).isNull();
        }
    }

    @Test
    void shouldReadTheLogAgainWhereSnapshotsWereLost() throws IOException {
        putFrames(5);
        try (FollowerService follower = follower()) {
            follower.start();
            awaitSnapshots();
            Await.until(
                    "checkpoints",
                    SOON,
                    () -> checkpoints().stream().noneMatch("TRIM_HORIZON"::equals));
        }
        deleteSnapshots();
        putFrames(1);
        try (FollowerService follower = follower()) {
            follower.start();
            awaitSnapshots();
            assertThat(follower.trouble()).isNull();
        }
    }

    @Test
    void shouldGoOnFollowingWhileTheStoreIsAwayOrFull() throws Exception {
        putFrames(2);
        try (FollowerService follower = follower()) {
            follower.start();
            awaitSnapshots();
            deleteSnapshots();
            Files.delete(folder);
            putFrames(2);
            awaitFailures(3);
            assertThat(follower.trouble()).isNull();
            Files.createDirectory(folder);
            awaitSnapshots();

            // The kernel refuses in the middle of a file, as it does on a full disk.
            limitFiles("100");
            try {
                putFrames(2);
                awaitFailures(failures() + 3);
                assertThat(follower.trouble()).isNull();
            } finally {
                limitFiles("unlimited");
            }
            awaitSnapshots();
        }
        assertThat(temporaryFiles()).isZero();
    }

    /** How long a file of this process may get, in bytes; children that run already keep theirs. */
    private static void limitFiles(final String bytes) throws Exception {
        final Process prlimit = new ProcessBuilder(
                        "prlimit",
                        "--pid",
                        Long.toString(ProcessHandle.current().pid()),
                        "--fsize=" + bytes + ":")
                .inheritIO()
                .start();
        assertThat(prlimit.waitFor()).isZero();
    }

    private double failures() {
        return registry.get("ringledger.follower.snapshot.failures").counter().count();
    }

    private void awaitFailures(final double count) {
        Await.until("failures", SOON, () -> failures() > count);
    }

    private long temporaryFiles() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".tmp")).count();
        }
    }

    private void deleteSnapshots() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (final Path file : files.toList()) {
                Files.delete(file);
            }
        }
    }
}
