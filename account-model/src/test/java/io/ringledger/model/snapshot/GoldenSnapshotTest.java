package io.ringledger.model.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringledger.model.AccountModel;
import io.ringledger.model.ModelContext;
import io.ringledger.model.TestLedger;
import io.ringledger.model.frame.FrameChain;
import io.ringledger.model.frame.FrameHeader;
import io.ringledger.model.frame.FrameReader;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * A snapshot that has been written is read for ever. It is of the golden log, all of its frames but
 * the last. {@link #write} makes it; it never overwrites one.
 */
class GoldenSnapshotTest {
    private static final Path RESOURCES =
            Path.of(System.getProperty("ringledger.root"), "account-model/src/test/resources");
    private static final Path LOG = RESOURCES.resolve("golden/v1");
    private static final Path V1 = RESOURCES.resolve("golden-snapshots/v1.snapshot");

    /** Of the file as it was written; it never changes. */
    private static final String V1_SHA256 =
            "3fc8904ba7eb500a166c5c0d3848bf8359cabda0c37136a0ada7e5d3f907c4c1";

    @Test
    void shouldBeTheFileThatWasWritten() throws IOException {
        final byte[] hash = SnapshotFormat.sha256().digest(Files.readAllBytes(V1));
        assertThat(HexFormat.of().formatHex(hash)).isEqualTo(V1_SHA256);
    }

    @Test
    void shouldReadTheStateThatTheListingOfTheLogHas() throws IOException {
        final byte[] snapshot = Files.readAllBytes(V1);
        final SnapshotHeader header = Snapshots.header(snapshot);
        final List<String> states = Files.readAllLines(LOG.resolve("listing.txt")).stream()
                .filter(line -> line.startsWith("state "))
                .toList();
        final AccountModel model = read(snapshot, 77);
        assertThat("state " + model.stateHash()).isEqualTo(states.get(states.size() - 2));
        assertThat(header.frameNumber()).isEqualTo(8);
        assertThat(header.epoch()).isEqualTo(TestLedger.EPOCH);
        assertThat(header.shardId()).isEqualTo("shardId-000000000003");
        assertThat(header.accounts()).isEqualTo(model.accountCount());
    }

    @Test
    void shouldReplayOnIntoTheLastState() throws IOException {
        final byte[] snapshot = Files.readAllBytes(V1);
        final AccountModel model = read(snapshot, 78);
        final FrameChain chain = Snapshots.header(snapshot).chain();
        try (FrameReader reader = new FrameReader()) {
            for (final byte[] record : records()) {
                final FrameHeader frame = reader.open(record);
                if (chain.judge(reader, frame) == FrameChain.Verdict.NEXT) {
                    reader.readEvents(model);
                    chain.advance(reader, frame);
                }
            }
        }
        final List<String> listing = Files.readAllLines(LOG.resolve("listing.txt"));
        assertThat("state " + model.stateHash()).isEqualTo(listing.getLast());
    }

    /** Compressed bytes may differ with the version of zstd: header and rows may not. */
    @Test
    void shouldWriteTheSameToday(@TempDir final Path folder) throws IOException {
        final Path today = folder.resolve("today");
        write(today);
        assertThat(Snapshots.header(Files.readAllBytes(today)))
                .isEqualTo(Snapshots.header(Files.readAllBytes(V1)));
        assertThat(Snapshots.rows(Files.readAllBytes(today)))
                .isEqualTo(Snapshots.rows(Files.readAllBytes(V1)));
        assertThatThrownBy(() -> write(today))
                .isInstanceOf(java.nio.file.FileAlreadyExistsException.class);
    }

    private static AccountModel read(final byte[] snapshot, final long hashSeed) {
        return Snapshots.read(
                snapshot, TestLedger.PARTITION, TestLedger.PARTITIONS, context(hashSeed));
    }

    private static ModelContext context(final long hashSeed) {
        return ModelContext.small(hashSeed);
    }

    private static List<byte[]> records() throws IOException {
        final List<byte[]> records = new ArrayList<>();
        for (int frame = 1; frame <= 9; frame++) {
            records.add(Files.readAllBytes(LOG.resolve("frame-0" + frame + ".bin")));
        }
        return records;
    }

    private static void write(final Path file) throws IOException {
        final AccountModel model = new AccountModel(context(1));
        final FrameChain chain = new FrameChain(TestLedger.PARTITION, TestLedger.PARTITIONS);
        try (FrameReader reader = new FrameReader()) {
            for (final byte[] record : records().subList(0, 8)) {
                final FrameHeader frame = reader.open(record);
                reader.readEvents(model);
                chain.advance(reader, frame);
            }
        }
        final SnapshotHeader header = SnapshotHeader.of(
                model,
                chain,
                TestLedger.PARTITIONS,
                "shardId-000000000003",
                "49590338271490256608559692538361571095921575989136588898");
        Files.write(file, Snapshots.write(header, model), StandardOpenOption.CREATE_NEW);
    }

    /** The file to write is the only argument. */
    public static void main(final String[] arguments) throws IOException {
        write(Path.of(arguments[0]));
    }
}
