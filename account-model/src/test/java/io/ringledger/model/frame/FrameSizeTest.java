package io.ringledger.model.frame;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringledger.model.AccountModel;
import io.ringledger.model.Command;
import io.ringledger.model.CurrencyCode;
import io.ringledger.model.ModelContext;
import io.ringledger.model.Outcome;

import org.junit.jupiter.api.Test;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;

/**
 * Bytes an event in the stream, for traffic as the load tests have it; prints a table by size of
 * frame, and by level of zstd for the largest. Design D4 allows 40 bytes an event where keys are random.
 */
class FrameSizeTest {
    /** Time of the processor: other processes of the machine do not count. */
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private static final long SEED = 20_261_121L;
    private static final int[] FRAME_SIZES = {1, 10, 100, 1000, 2500};
    private static final int[] LEVELS = {1, 3, 6};
    private static final int[] DEFAULT_LEVEL = {FrameEncoder.ZSTD_LEVEL};
    private static final int MAX_BYTES_AN_EVENT = 40;
    private static final int EVENTS = 25_000;

    /** Many transactions of ten thousand accounts, with random UUIDs as keys. */
    @Test
    void shouldTakeAtMostFortyBytesAnEventWithRandomKeys() {
        final int accounts = 10_000;
        final List<Consumer<Command>> openings = new ArrayList<>();
        for (int i = 0; i < accounts; i++) {
            final String id = "acc-" + i;
            openings.add(c -> c.openAccount(id, "open", CurrencyCode.pack("EUR"), 100_000));
        }
        final Random random = new Random(SEED);
        final List<Consumer<Command>> transactions = new ArrayList<>();
        for (int i = 0; i < EVENTS; i++) {
            final String id = "acc-" + random.nextInt(accounts);
            final String key = new UUID(random.nextLong(), random.nextLong()).toString();
            final long amount = 1L + random.nextInt(100_000);
            transactions.add(
                    random.nextInt(3) == 0
                            ? c -> c.withdraw(id, key, amount, "")
                            : c -> c.credit(id, key, amount, ""));
        }
        assertThat(measure("random UUID keys, 10,000 accounts", openings, transactions))
                .isLessThanOrEqualTo(MAX_BYTES_AN_EVENT);
    }

    /** The bank's transactions as the replay sends them. */
    @Test
    void shouldTakeAtMostFortyBytesAnEventOfTheBank() throws IOException {
        final Path file = Path.of(
                System.getProperty("ringledger.root"), "load-tests/data/berka-1993-94.csv.gz");
        final List<Consumer<Command>> openings = new ArrayList<>();
        final List<Consumer<Command>> transactions = new ArrayList<>();
        final Set<String> opened = new HashSet<>();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
            lines.readLine();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                final String[] cells = line.split(",", -1);
                final String id = "berka-" + cells[1];
                if (opened.add(id)) {
                    final int currency = CurrencyCode.pack("CZK");
                    openings.add(c -> c.openAccount(id, "open-" + id, currency, 600_000));
                }
                final String key = cells[0];
                final long amount = Long.parseLong(cells[4]);
                final String reference = cells[6];
                transactions.add(
                        cells[3].equals("credit")
                                ? c -> c.credit(id, key, amount, reference)
                                : c -> c.withdraw(id, key, amount, reference));
            }
        }
        assertThat(transactions).hasSize(36_883);
        assertThat(measure("the bank's transactions", openings, transactions))
                .isLessThanOrEqualTo(MAX_BYTES_AN_EVENT);
    }

    /** Returns the bytes an event at the default level in the largest frames. */
    private static double measure(
            final String what,
            final List<Consumer<Command>> openings,
            final List<Consumer<Command>> transactions) {
        System.out.println(
                "FrameSizeTest: " + what + ", bytes an event and CPU microseconds a frame");
        double largest = 0;
        for (final int frameSize : FRAME_SIZES) {
            final StringBuilder line =
                    new StringBuilder(String.format(Locale.ROOT, "%6d events a frame:", frameSize));
            final boolean isLargest = frameSize == FRAME_SIZES[FRAME_SIZES.length - 1];
            for (final int level : isLargest ? LEVELS : DEFAULT_LEVEL) {
                final double[] sizeAndTime = measure(frameSize, level, openings, transactions);
                line.append(String.format(
                        Locale.ROOT,
                        "   level %d %6.1f B %7.1f us",
                        level,
                        sizeAndTime[0],
                        sizeAndTime[1]));
                if (level == FrameEncoder.ZSTD_LEVEL) {
                    largest = sizeAndTime[0];
                }
            }
            System.out.println(line);
        }
        return largest;
    }

    private static double[] measure(
            final int frameSize,
            final int level,
            final List<Consumer<Command>> openings,
            final List<Consumer<Command>> transactions) {
        final AccountModel model = new AccountModel(ModelContext.small(SEED));
        final EventBatch batch = new EventBatch(FrameFormat.MAX_EVENT_BYTES);
        final Command command = new Command();
        final Outcome outcome = new Outcome();
        long clockMs = 1_700_000_000_000L;
        for (final Consumer<Command> opening : openings) {
            opening.accept(command);
            model.submit(command, clockMs, batch, outcome);
        }
        batch.clear();
        long bytes = 0;
        long nanos = 0;
        int frames = 0;
        byte[] previous = FrameFormat.noHash();
        try (FrameEncoder encoder = new FrameEncoder(0, 2, level)) {
            for (final Consumer<Command> transaction : transactions) {
                transaction.accept(command);
                model.submit(command, clockMs, batch, outcome);
                if (batch.eventCount() % 100 == 0) {
                    clockMs++;
                }
                if (batch.eventCount() == frameSize) {
                    final long start = THREADS.getCurrentThreadCpuTime();
                    final byte[] record = encoder.encode(batch, 1, ++frames, previous);
                    nanos += THREADS.getCurrentThreadCpuTime() - start;
                    previous = FrameFormat.hashOf(record);
                    bytes += record.length;
                    batch.clear();
                    clockMs += 15;
                }
            }
        }
        return new double[] {(double) bytes / frames / frameSize, nanos / 1e3 / frames};
    }
}
