package io.ringledger.model.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringledger.model.TestLedger;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Logs that have been written are read for ever, and the same events are written today. */
class GoldenFilesTest {
    private static final Path GOLDEN = Path.of(
            System.getProperty("ringledger.root"), "account-model/src/test/resources/golden");
    private static final Path V1 = GOLDEN.resolve("v1");

    @Test
    void shouldReadTheEventsAndTheStateThatTheListingHas() throws IOException {
        assertThat(String.join("\n", GoldenLog.list(records())) + '\n')
                .isEqualTo(Files.readString(V1.resolve(GoldenLog.LISTING)));
    }

    @Test
    void shouldReplayIntoTheStateThatTheListingHas() throws IOException {
        final List<String> listing = Files.readAllLines(V1.resolve(GoldenLog.LISTING));
        assertThat("state " + TestLedger.replay(records(), GoldenLog.context(3)).stateHash())
                .isEqualTo(listing.getLast());
    }

    /** Compressed bytes may differ with the version of zstd: headers and events may not. */
    @Test
    void shouldWriteTheSameEventsToday() throws IOException {
        final List<byte[]> golden = records();
        final GoldenLog.Made made = GoldenLog.make();
        assertThat(made.records()).hasSameSizeAs(golden);
        try (FrameReader reader = new FrameReader()) {
            for (int i = 0; i < golden.size(); i++) {
                final FrameHeader expected = reader.open(golden.get(i));
                final byte[] expectedEvents = reader.unpack();
                final FrameHeader actual = reader.open(made.records().get(i));
                assertThat(reader.unpack()).isEqualTo(expectedEvents);
                assertThat(withLength(actual, 0)).isEqualTo(withLength(expected, 0));
            }
        }
    }

    @Test
    void shouldHaveWhatTheManifestNamesAndNothingElse() throws IOException {
        assertThat(problems(V1)).isEmpty();
        // Versions that were released stay: a folder each, checked alike.
        try (Stream<Path> versions = Files.list(GOLDEN)) {
            for (final Path version : versions.filter(Files::isDirectory).toList()) {
                assertThat(problems(version)).as("%s", version).isEmpty();
            }
        }
    }

    @Test
    void shouldCoverEveryEventFormatAndCodec() throws IOException {
        final String listing = Files.readString(V1.resolve(GoldenLog.LISTING));
        assertThat(listing)
                .contains("AccountOpened", "TransactionPosted", "CreditLimitChanged")
                .contains("CommandRefused", "key=TEXT:", "key=UUID:", "key=HEX:")
                .contains("codec=0", "codec=1", "type=CREDIT", "type=WITHDRAW")
                .contains("code=1 ", "code=2 ", "code=3 ", "code=4 ", "code=5 ");
    }

    @Test
    void shouldNoticeAnyChangeOfTheFiles(@TempDir final Path folder) throws IOException {
        try (Stream<Path> files = Files.list(V1)) {
            for (final Path file : files.toList()) {
                Files.copy(file, folder.resolve(file.getFileName().toString()));
            }
        }
        assertThat(problems(folder)).isEmpty();
        final Path frame = folder.resolve(GoldenLog.fileName(2));
        final byte[] content = Files.readAllBytes(frame);
        content[40] ^= 1;
        Files.write(frame, content);
        assertThat(problems(folder)).containsExactly("changed: frame-03.bin");
        Files.delete(frame);
        assertThat(problems(folder)).containsExactly("missing: frame-03.bin");
        Files.writeString(folder.resolve("frame-99.bin"), "x");
        assertThat(problems(folder))
                .containsExactly("missing: frame-03.bin", "not in the manifest: frame-99.bin");
    }

    @Test
    void shouldNeverOverwriteGoldenFiles(@TempDir final Path folder) throws IOException {
        assertThatThrownBy(() -> GoldenLog.write(folder))
                .isInstanceOf(FileAlreadyExistsException.class);
        GoldenLog.write(folder.resolve("new"));
        assertThat(problems(folder.resolve("new"))).isEmpty();
        assertThatThrownBy(() -> GoldenLog.write(folder.resolve("new")))
                .isInstanceOf(FileAlreadyExistsException.class);
    }

    private static FrameHeader withLength(final FrameHeader header, final int recordLength) {
        return new FrameHeader(
                header.partitions(),
                header.partition(),
                header.epoch(),
                header.frameNumber(),
                header.firstSequence(),
                header.eventCount(),
                header.baseTimeMs(),
                header.eventLength(),
                recordLength);
    }

    private static List<byte[]> records() throws IOException {
        final List<byte[]> records = new ArrayList<>();
        for (int i = 0; Files.exists(V1.resolve(GoldenLog.fileName(i))); i++) {
            records.add(Files.readAllBytes(V1.resolve(GoldenLog.fileName(i))));
        }
        return records;
    }

    private static List<String> problems(final Path folder) throws IOException {
        final TreeMap<String, String> sums = new TreeMap<>();
        for (final String line : Files.readAllLines(folder.resolve(GoldenLog.MANIFEST))) {
            sums.put(line.substring(66), line.substring(0, 64));
        }
        final List<String> problems = new ArrayList<>();
        sums.forEach((name, sum) -> {
            final Path file = folder.resolve(name);
            if (!Files.exists(file)) {
                problems.add("missing: " + name);
            } else if (!GoldenLog.sha256(bytes(file)).equals(sum)) {
                problems.add("changed: " + name);
            }
        });
        try (Stream<Path> files = Files.list(folder)) {
            files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.equals(GoldenLog.MANIFEST) && !sums.containsKey(name))
                    .sorted()
                    .forEach(name -> problems.add("not in the manifest: " + name));
        }
        return problems;
    }

    private static byte[] bytes(final Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (final IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
