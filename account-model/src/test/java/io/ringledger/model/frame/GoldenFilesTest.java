package io.ringledger.model.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringledger.model.TestLedger;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    /** Frames of the same version with events of the schema's version 1. */
    private static final Path TRACED = GOLDEN.resolve("v1-traced");

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldReadTheEventsAndTheStateThatTheListingHas(final boolean traced) throws IOException {
        assertThat(String.join("\n", GoldenLog.list(records(traced))) + '\n')
                .isEqualTo(Files.readString(folder(traced).resolve(GoldenLog.LISTING)));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldReplayIntoTheStateThatTheListingHas(final boolean traced) throws IOException {
        final List<String> listing = Files.readAllLines(folder(traced).resolve(GoldenLog.LISTING));
        assertThat("state "
                        + TestLedger.replay(records(traced), GoldenLog.context(3))
                                .stateHash())
                .isEqualTo(listing.getLast());
    }

    @Test
    void shouldHaveTheSameStatesWithTracesAndWithout() throws IOException {
        assertThat(states(TRACED)).isNotEmpty().isEqualTo(states(V1));
        assertThat(Files.readString(TRACED.resolve(GoldenLog.LISTING)))
                .containsPattern("AccountOpened [^\\n]* trace=[0-9a-f]{32} span=[0-9a-f]{16} ")
                .containsPattern("TransactionPosted [^\\n]* trace=")
                .containsPattern("CreditLimitChanged [^\\n]* trace=")
                .containsPattern("CommandRefused [^\\n]* trace=")
                .containsPattern("TransactionPosted account=\\S+ contra=\\S+ type=\\S+ amount=\\S+"
                        + " balance=\\S+ key=");
    }

    /** Compressed bytes may differ with the version of zstd: headers and events may not. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldWriteTheSameEventsToday(final boolean traced) throws IOException {
        final List<byte[]> golden = records(traced);
        final GoldenLog.Made made = GoldenLog.make(traced);
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
        assertThatThrownBy(() -> GoldenLog.write(folder, false))
                .isInstanceOf(FileAlreadyExistsException.class);
        GoldenLog.write(folder.resolve("new"), false);
        assertThat(problems(folder.resolve("new"))).isEmpty();
        assertThatThrownBy(() -> GoldenLog.write(folder.resolve("new"), false))
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

    private static Path folder(final boolean traced) {
        return traced ? TRACED : V1;
    }

    private static List<String> states(final Path folder) throws IOException {
        return Files.readAllLines(folder.resolve(GoldenLog.LISTING)).stream()
                .filter(line -> line.startsWith("state "))
                .toList();
    }

    private static List<byte[]> records(final boolean traced) throws IOException {
        final Path folder = folder(traced);
        final List<byte[]> records = new ArrayList<>();
        for (int i = 0; Files.exists(folder.resolve(GoldenLog.fileName(i))); i++) {
            records.add(Files.readAllBytes(folder.resolve(GoldenLog.fileName(i))));
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
