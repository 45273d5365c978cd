package io.ringledger.model.frame;

import io.ringledger.model.AccountModel;
import io.ringledger.model.Command;
import io.ringledger.model.CurrencyCode;
import io.ringledger.model.LedgerLimits;
import io.ringledger.model.ModelContext;
import io.ringledger.model.Outcome;
import io.ringledger.model.TestLedger;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

/**
 * The log that stands as golden files: every event, every format of a key, every boundary. {@link
 * #main} writes it once into a new folder and refuses to write into one that exists; what it has
 * written is never changed, a later version of the format gets a folder of its own.
 */
final class GoldenLog {
    static final String LISTING = "listing.txt";
    static final String MANIFEST = "SHA256SUMS";
    static final long WINDOW_MS = 24L * 60 * 60 * 1000;

    private static final long START = 1_700_000_000_000L;
    private static final long MAX = LedgerLimits.MAX_MINOR;
    private static final String UUID_KEY = "0f8fad5b-d9cb-469f-a165-70867728950e";
    private static final String LONGEST =
            "Longest.Text_of:64-characters-".repeat(3).substring(0, 64);

    private final Command command = new Command();
    private final TestLedger ledger = new TestLedger(context(1));
    private final List<String> stateHashes = new ArrayList<>();
    private final boolean isTraced;
    private long clockMs = START;
    private int submitted;

    private GoldenLog(final boolean isTraced) {
        this.isTraced = isTraced;
    }

    /** The frames and the state hash after each, made by the code as it is now. */
    record Made(List<byte[]> records, List<String> stateHashes) {}

    static ModelContext context(final long hashSeed) {
        return new ModelContext(
                WINDOW_MS, 16, Integer.MAX_VALUE, 16, Integer.MAX_VALUE, hashSeed, ~hashSeed);
    }

    /**
     * Submits the commands of the golden log to the code as it is now.
     *
     * @param isTraced two of three commands carry a trace context, one carries none
     */
    static Made make(final boolean isTraced) {
        final GoldenLog golden = new GoldenLog(isTraced);
        try {
            golden.openings();
            golden.transactions();
            golden.limits();
            golden.refusals();
            golden.replays();
            golden.alone();
            golden.longestDelta();
            golden.many();
            golden.afterTheWindow();
            return new Made(golden.ledger.records(), golden.stateHashes);
        } finally {
            golden.ledger.close();
        }
    }

    private void openings() {
        submit(open("a", UUID_KEY, "EUR", 0));
        submit(open("b", "0123456789abcdef", "EUR", 500));
        submit(open(LONGEST, LONGEST, "USD", MAX));
        submit(open("A-Z:a.z_0", "k", "CZK", 1));
        flush();
    }

    private void transactions() {
        submit(command.credit("a", "c1", MAX, ""));
        submit(command.withdraw("a", UUID_KEY.replace('8', '9'), MAX, "r"));
        submit(command.withdraw("b", "abcdef", 500, "žluťoučký kůň €"));
        submit(command.withdraw(LONGEST, "w1", MAX, "𝄞".repeat(256)));
        submit(command.credit(LONGEST, "f".repeat(64), 1, "x"));
        submit(command.credit("b", "ABCDEF", 1, ""));
        flush();
    }

    private void limits() {
        submit(command.setCreditLimit("a", "l1", MAX));
        submit(command.setCreditLimit("a", "00", 0));
        submit(command.setCreditLimit("b", "l2", 499));
        flush();
    }

    private void refusals() {
        submit(command.credit("nobody", "early", 5, "too soon"));
        submit(command.withdraw(LONGEST.replace('L', 'l'), UUID_KEY, 1, ""));
        submit(command.setCreditLimit("nobody", "ff", 0));
        submit(open("a", "again", "CZK", 7));
        submit(command.withdraw("a", "none", 1, "no money"));
        submit(command.setCreditLimit("b", "used", 498));
        submit(command.credit("a", "full", MAX, ""));
        submit(command.credit("a", "over", 1, ""));
        flush();
    }

    /** Only the first of these makes an event. */
    private void replays() {
        submit(open("nobody", "at-last", "EUR", 0));
        submit(command.credit("nobody", "early", 5, "too soon"));
        submit(command.credit("nobody", "early", 6, "too soon"));
        submit(command.credit("a", "c1", MAX, ""));
        flush();
    }

    /** Too little to compress. */
    private void alone() {
        submit(command.setCreditLimit("b", "x", 500));
        flush();
    }

    private void longestDelta() {
        submit(command.credit("b", "before", 1, ""));
        clockMs += 0xFFFF_FFFEL;
        submit(command.credit("b", "after", 1, ""));
        flush();
    }

    private void many() {
        final Random random = new Random(7);
        for (int i = 0; i < 500; i++) {
            clockMs += random.nextInt(3);
            final String key = random.nextBoolean() ? "k" + i : hex(random);
            if (random.nextInt(3) == 0) {
                submit(command.withdraw("b", key, 1 + random.nextInt(5000), ""));
            } else {
                submit(command.credit("b", key, 1 + random.nextInt(5000), "salary"));
            }
        }
        flush();
    }

    private void afterTheWindow() {
        clockMs += WINDOW_MS;
        submit(command.credit("b", "after", 2, ""));
        clockMs -= 5;
        submit(command.credit("b", "back", 3, ""));
        flush();
    }

    private static String hex(final Random random) {
        final byte[] bytes = new byte[16];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    private Command open(
            final String id, final String key, final String currency, final long limit) {
        return command.openAccount(id, key, CurrencyCode.pack(currency), limit);
    }

    private void submit(final Command asked) {
        submitted++;
        if (isTraced && submitted % 3 != 0) {
            asked.trace(-submitted, submitted % 2 == 0 ? 0 : submitted, ~submitted);
        }
        final Outcome outcome = ledger.submit(asked, clockMs);
        if (outcome.timeMs() == 0) {
            throw new AssertionError("not decided: " + asked);
        }
    }

    private void flush() {
        ledger.flush();
        stateHashes.add(ledger.model().stateHash());
    }

    /** The listing: a line a frame, a line an event, and the state after each frame. */
    static List<String> list(final List<byte[]> records) {
        final List<String> lines = new ArrayList<>();
        final AccountModel model = new AccountModel(context(99));
        final FrameChain chain = new FrameChain(TestLedger.PARTITION, TestLedger.PARTITIONS);
        try (FrameReader reader = new FrameReader()) {
            for (final byte[] record : records) {
                final FrameHeader header = reader.open(record);
                chain.judge(reader, header);
                lines.add("frame " + header.frameNumber() + " partition=" + header.partition()
                        + " of=" + header.partitions() + " epoch=" + header.epoch()
                        + " firstSequence=" + header.firstSequence() + " events="
                        + header.eventCount() + " baseTimeMs=" + header.baseTimeMs()
                        + " eventLength=" + header.eventLength() + " recordLength="
                        + header.recordLength() + " codec=" + Records.codec(record)
                        + " previous=" + HexFormat.of().formatHex(reader.previousHash())
                        + " hash=" + HexFormat.of().formatHex(reader.hash()));
                final EventText text = new EventText();
                reader.readEvents(text);
                lines.addAll(text.lines());
                reader.readEvents(model);
                lines.add("state " + model.stateHash());
                chain.advance(reader, header);
            }
        }
        return lines;
    }

    static String fileName(final int index) {
        return String.format(java.util.Locale.ROOT, "frame-%02d.bin", index + 1);
    }

    static String sha256(final byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (final NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    /** Writes the files into a folder that does not exist yet. */
    static void write(final Path folder, final boolean isTraced) throws IOException {
        if (Files.exists(folder)) {
            throw new FileAlreadyExistsException(
                    folder.toString(), null, "golden files are written once");
        }
        Files.createDirectories(folder);
        final Made made = make(isTraced);
        final StringBuilder manifest = new StringBuilder();
        for (int i = 0; i < made.records.size(); i++) {
            put(folder, fileName(i), made.records.get(i), manifest);
        }
        final String listing = String.join("\n", list(made.records)) + '\n';
        put(folder, LISTING, listing.getBytes(java.nio.charset.StandardCharsets.UTF_8), manifest);
        Files.writeString(folder.resolve(MANIFEST), manifest);
    }

    private static void put(
            final Path folder,
            final String name,
            final byte[] content,
            final StringBuilder manifest)
            throws IOException {
        Files.write(folder.resolve(name), content);
        manifest.append(sha256(content)).append("  ").append(name).append('\n');
    }

    /** The folder to write; {@code traced} behind it: with trace contexts. */
    public static void main(final String[] arguments) {
        try {
            write(Path.of(arguments[0]), arguments.length > 1 && arguments[1].equals("traced"));
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
