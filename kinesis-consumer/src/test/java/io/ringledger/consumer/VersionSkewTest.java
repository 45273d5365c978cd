package io.ringledger.consumer;

import static io.ringledger.consumer.KclStand.PARTITIONS;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * A roll-out in which a consumer of the version before works beside a new one, and then meets what only
 * the new one knows.
 */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class VersionSkewTest {
    private static final Duration SOON = Duration.ofSeconds(90);
    private static final String STREAM = "skew";

    @TempDir
    private static Path folder;

    private static KclStand stand;

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

    @Test
    void shouldStopAnOldConsumerAtALaterVersionAndGoOnWithANewOne() throws Exception {
        stand.database.reset(PARTITIONS);
        stand.createStream(STREAM, 2);
        final Path olderClasses = Files.createDirectory(folder.resolve("older"));
        OlderBuild.compileInto(olderClasses);
        final List<Process> all = new ArrayList<>();
        try {
            // Both read what both know, a shard each.
            final Process older = start(all, "older", olderClasses + ":");
            putFrames();
            awaitViews(IntStream.range(0, PARTITIONS).toArray());
            final Process newer = start(all, "newer", "");
            Await.until("two workers, a shard each", SOON, () -> stand.owners(STREAM) == 2);
            putFrames();
            awaitViews(IntStream.range(0, PARTITIONS).toArray());

            // Each shard gets a frame that only the new one knows, and more behind it.
            final long[] before = frames();
            logs.forEach(TestLog::traceFromNowOn);
            putFrames();
            Await.until(
                    "the old one halts",
                    SOON,
                    () -> output("older").contains("VIEW HALTED: shard=shardId-"));
            assertThat(output("older"))
                    .contains("reason=UNKNOWN_VERSION", ": event of a later version: ")
                    .contains("version=1, known=");
            // The new one goes on with its shard; of the old one's, nothing is skipped.
            Await.until("the other shard goes on", SOON, () -> advanced(before).size() == 2);
            assertThat(newer.isAlive()).isTrue();
            assertThat(older.isAlive()).as("stays up, for inspection").isTrue();
            for (int partition = 0; partition < PARTITIONS; partition++) {
                if (!advanced(before).contains(partition)) {
                    assertThat(stand.database.frame(partition)).isEqualTo(before[partition]);
                }
            }

            // It is replaced, and what it stopped at is read.
            older.destroy();
            assertThat(older.waitFor(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
            start(all, "replacement", "");
            putFrames();
            awaitViews(IntStream.range(0, PARTITIONS).toArray());
            stand.database.assertConserved();
        } finally {
            all.forEach(Process::destroyForcibly);
        }
    }

    private static Process start(
            final List<Process> all, final String name, final String firstOnClassPath)
            throws IOException {
        final Process process =
                stand.startProcess(STREAM, STREAM, firstOnClassPath, folder.resolve(name + ".log"));
        all.add(process);
        return process;
    }

    private static String output(final String name) {
        try {
            return Files.readString(folder.resolve(name + ".log"));
        } catch (final IOException e) {
            return "";
        }
    }

    private void putFrames() {
        for (int i = 0; i < 3; i++) {
            for (int partition = 0; partition < PARTITIONS; partition++) {
                stand.put(STREAM, partition, logs.get(partition).randomFrames(1, 10, 10));
            }
        }
    }

    private void awaitViews(final int... partitions) {
        for (final int partition : partitions) {
            stand.awaitViews(logs.get(partition), partition, SOON);
        }
    }

    private static long[] frames() {
        return IntStream.range(0, PARTITIONS).mapToLong(stand.database::frame).toArray();
    }

    /** Partitions whose views have all that was put into the stream. */
    private List<Integer> advanced(final long[] before) {
        return IntStream.range(0, PARTITIONS)
                .filter(p -> stand.database.frame(p) == logs.get(p).frames().size())
                .filter(p -> stand.database.frame(p) > before[p])
                .boxed()
                .toList();
    }
}
