package io.ringledger.verifier;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringledger.model.ModelContext;
import io.ringledger.model.frame.EpochMarker;
import io.ringledger.model.frame.FrameEncoder;
import io.ringledger.model.frame.FrameFormat;
import io.ringledger.snapshots.FileSnapshotStore;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** Exports with each kind of damage: exit code 1 and words that say where. */
class VerifyExportTest {
    @TempDir
    private Path folder;

    private final TestLog log = new TestLog();
    private String output = "";
    private String errors = "";

    @BeforeEach
    void write() {
        log.open("a").credit("a", 500).frame();
        log.open("b").credit("b", 20).credit("a", 5).frame();
        log.credit("a", 1).frame();
        log.marker(2);
        log.credit("b", 2).frame();
        log.credit("b", 3).frame();
    }

    @AfterEach
    void close() {
        log.close();
    }

    private int verify(final String... more) throws IOException {
        final Path file = folder.resolve("export");
        Files.deleteIfExists(file);
        log.export(file);
        return run(file, more);
    }

    private int run(final Path file, final String... more) {
        final List<String> arguments =
                new ArrayList<>(List.of("--input", file.toString(), "--partition", "1"));
        arguments.addAll(Arrays.asList(more));
        final PrintStream before = System.out;
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        final PrintStream errorsBefore = System.err;
        final ByteArrayOutputStream err = new ByteArrayOutputStream();
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
        try {
            return VerifyMain.run(
                    Map.of(
                            "RINGLEDGER_SNAPSHOT_STORE",
                            folder.resolve("store").toUri().toString()),
                    arguments.toArray(String[]::new));
        } finally {
            System.setOut(before);
            System.setErr(errorsBefore);
            output = out.toString(StandardCharsets.UTF_8);
            errors = err.toString(StandardCharsets.UTF_8);
            System.out.println(output);
        }
    }

    private void assertDifference(final String... words) throws IOException {
        assertThat(verify()).as(output).isEqualTo(1);
        assertThat(output).startsWith("DIFFERENCE: ").contains(words);
    }

    /** The index among the records: marker, frames 1 to 3, marker, frames 4 and 5. */
    private static int indexOfFrame(final int frame) {
        return frame < 4 ? frame : frame + 1;
    }

    @Test
    void shouldFindNothingInACleanLog() throws IOException {
        assertThat(verify()).as(output).isZero();
        assertThat(output)
                .contains("no difference")
                .contains("5 frames, 8 events, 0 duplicates dropped, 0 fenced frames dropped,"
                        + " 2 markers")
                .contains("3 accounts")
                .contains("EUR: 2 accounts with 531, @world -531, sum 0");
    }

    @Test
    void shouldDropWhatLandedTwiceAndWhatAReplacedOwnerWrote() throws IOException {
        // The last frame before the marker again; one of the old owner's after it; its marker.
        log.records.add(4, log.records.get(3));
        final byte[] late = log.records.get(3);
        log.records.add(7, late);
        log.records.add(log.records.get(0));
        log.records.add(zombie());
        assertThat(verify()).as(output).isZero();
        assertThat(output)
                .contains("5 frames, 8 events, 2 duplicates dropped, 1 fenced frames dropped,"
                        + " 3 markers");
    }

    /** A frame of epoch 1 under the next number. */
    private byte[] zombie() {
        try (TestLog old = new TestLog()) {
            for (int i = 0; i < 5; i++) {
                old.open("z" + i).frame();
            }
            old.open("z").frame();
            return old.records.getLast();
        }
    }

    @Test
    void shouldSayWhichRecordIsDamaged() throws IOException {
        log.records.get(indexOfFrame(3))[60] ^= 1;
        assertDifference(
                "partition 1, record 4 (shard 3)", "DAMAGED: checksum differs", "recorded=");
    }

    @Test
    void shouldSayWhichFrameIsMissing() throws IOException {
        log.records.remove(indexOfFrame(3));
        assertDifference(
                "partition 1, record 5", "gap in the frames", "frameNumber=4", "expected 3");
    }

    @Test
    void shouldSayWhichFramesAreSwapped() throws IOException {
        Collections.swap(log.records, indexOfFrame(2), indexOfFrame(3));
        assertDifference("record 3 ", "gap in the frames", "frameNumber=3", "expected 2");
    }

    @Test
    void shouldSayWhereTheChainIsBroken() throws IOException {
        log.records.set(indexOfFrame(5), log.forged(5, FrameFormat.noHash(), 8));
        assertDifference("record 7 ", "chain is broken", "names 0000", "expected ");
    }

    @Test
    void shouldSayWhereTheSequencesHaveAGap() throws IOException {
        final byte[] fourth = FrameFormat.hashOf(log.records.get(indexOfFrame(4)));
        log.records.set(indexOfFrame(5), log.forged(5, fourth, 10));
        assertDifference("record 7 ", "gap in the sequences", "firstSequence=10", "expected 8");
    }

    @Test
    void shouldSayWhichEventCannotBe() throws IOException {
        final byte[] fourth = FrameFormat.hashOf(log.records.get(indexOfFrame(4)));
        log.records.set(indexOfFrame(5), log.forged(5, fourth, 8));
        assertDifference(
                "record 7 ", "frame 4 + 1, after sequence 8", "event cannot be", "balance differs");
    }

    /** Also where nothing comes after the second outcome that would search for its key. */
    @Test
    void shouldSayWhichKeyWasBookedTwiceByAnOwnerThatHadForgottenIt() throws IOException {
        try (TestLog forgetful = new TestLog(new ModelContext(1, 8, 8, 8, 64, 5, 6))) {
            forgetful.open("a").credit("a", 500).frame();
            forgetful.credit("a", 1).frame();
            forgetful.creditAgain("a", 500, 1).frame();
            log.records.clear();
            log.records.addAll(forgetful.records);
        }
        assertDifference(
                "record 4 ",
                "event cannot be",
                "second outcome for one key",
                "sequence=4, first=2");
    }

    @Test
    void shouldSayWhatIsInTheLogTwiceWithOtherBytes() throws IOException {
        final byte[] fourth = FrameFormat.hashOf(log.records.get(indexOfFrame(4)));
        log.records.add(log.forged(5, fourth, 8));
        assertDifference("record 8 ", "FORKED", "two owners wrote this frame");
        log.records.removeLast();
        final byte[] third = FrameFormat.hashOf(log.records.get(indexOfFrame(3)));
        log.records.add(log.forged(4, third, 7));
        assertDifference("record 8 ", "frame 4 is in the log twice, with other bytes");
    }

    @Test
    void shouldSayWhatIsNoRecordOfALedger() throws IOException {
        log.records.add(
                2, "something else, of another program".repeat(5).getBytes(StandardCharsets.UTF_8));
        assertDifference("record 3 ", "FOREIGN: not a Ringledger frame");
    }

    @Test
    void shouldSayWhatIsOfAnotherLedger() throws IOException {
        log.records.add(new EpochMarker(8, 1, 9, 1, 1).toRecord());
        assertDifference("record 8 ", "record of a ledger of 8 partitions, expected 2");
    }

    @Test
    void shouldSayWhichVersionIsUnknown() throws IOException {
        log.records.get(indexOfFrame(2))[4] = 9;
        assertDifference("record 3 ", "UNKNOWN_VERSION", "version=9");
    }

    @Test
    void shouldSayWhichMarkerIsDamaged() throws IOException {
        log.records.get(4)[15] ^= 4;
        assertDifference("record 5 ", "damaged epoch marker");
    }

    @Test
    void shouldPassOverOtherPartitionsOfTheShard() throws IOException {
        try (FrameEncoder _ = new FrameEncoder(0, 2)) {
            log.records.add(1, new EpochMarker(2, 0, 7, 1, 1).toRecord());
        }
        assertThat(verify()).as(output).isZero();
        assertThat(output).contains("2 markers");
    }

    @Test
    void shouldSayThatTheLogWasTrimmedAndBeginWithASnapshot() throws IOException {
        log.snapshot(new FileSnapshotStore(folder.resolve("store")));
        log.credit("a", 7).frame();
        assertThat(verify("--from-snapshots")).as(output).isZero();
        assertThat(output).contains("1 frames, 1 events").contains("sum 0");

        final List<byte[]> trimmed = log.records.subList(0, indexOfFrame(2));
        trimmed.clear();
        assertDifference("record 1 ", "gap in the frames", "begin with --from-snapshots");
    }

    @Test
    void shouldSayThatAnExportIsTorn() throws IOException {
        final Path file = folder.resolve("whole");
        log.export(file);
        final byte[] bytes = Files.readAllBytes(file);
        final Path torn = folder.resolve("torn");
        for (final int length : new int[] {bytes.length - 1, bytes.length - 12, 700, 9, 7, 3}) {
            Files.write(torn, Arrays.copyOf(bytes, length));
            assertThat(run(torn)).isEqualTo(2);
            assertThat(errors).containsAnyOf("torn", "no export of a log");
        }
        Files.writeString(torn, "no export at all");
        assertThat(run(torn)).isEqualTo(2);
        assertThat(errors).contains("is no export of a log");
    }

    @Test
    void shouldCheckFramesFromARecordOn() throws IOException {
        assertThat(verify("--from", "shard:3")).as(output).isZero();
        assertThat(output).contains("3 frames, 3 events").contains("1 markers");
        log.records.remove(indexOfFrame(4));
        assertThat(verify("--from", "shard:3")).isEqualTo(1);
        assertThat(output).contains("gap in the frames").contains("expected 4");
        assertThat(verify("--from", "nonsense")).isEqualTo(2);
        assertThat(verify("--from", "shard:99")).isEqualTo(1);
        assertThat(output).contains("has no record");
    }

    @Test
    void shouldEndWithTwoWhereItCannotVerify() {
        assertThat(run(folder.resolve("missing"))).isEqualTo(2);
        assertThat(errors).contains("there is no file");
        assertThat(VerifyMain.run(Map.of(), "--partition", "x")).isEqualTo(2);
        assertThat(VerifyMain.run(
                        Map.of("RINGLEDGER_KINESIS_ENDPOINT", "http://127.0.0.1:1"), "--views"))
                .as("without a password of Postgres")
                .isEqualTo(2);
    }
}
