package io.ringledger.benchmarks.cost;

import io.ringledger.benchmarks.Bench;
import io.ringledger.benchmarks.Experiment;
import io.ringledger.benchmarks.Scale;
import io.ringledger.benchmarks.Target;
import io.ringledger.model.AccountModel;
import io.ringledger.model.Command;
import io.ringledger.model.CurrencyCode;
import io.ringledger.model.ModelContext;
import io.ringledger.model.Outcome;
import io.ringledger.model.frame.EventBatch;
import io.ringledger.model.frame.FrameEncoder;
import io.ringledger.model.frame.FrameFormat;

import java.util.Locale;
import java.util.Random;
import java.util.UUID;

/**
 * Encodes random traffic into frames of several sizes, other traffic in each round, and prices them beside one
 * record an event.
 */
public final class CostExperiment implements Experiment {
    private static final int[] FRAME_SIZES = {1, 10, 100, 1_000, 2_500};

    /** What the targets look at: a frame of a partition that is busy, not of one at its limit. */
    private static final int TARGET_FRAME_SIZE = 100;

    private static final int ACCOUNTS = 10_000;
    private static final int EVENTS = 25_000;
    private static final long CREDIT_LIMIT = 100_000;
    private static final int MAX_AMOUNT = 100_000;
    private static final long START_MS = 1_700_000_000_000L;

    @Override
    public String name() {
        return "cost";
    }

    @Override
    public String question() {
        return "How many bytes does an event take in Kinesis, and what do a million transactions cost?";
    }

    @Override
    public int estimatedSeconds(final Scale scale) {
        return scale == Scale.SMOKE ? 2 : 8;
    }

    @Override
    public void run(final Bench bench) {
        for (int round = 0; round < bench.scale().rounds(); round++) {
            bench.progress("round " + (round + 1) + ": frames of 1 to 2,500 events");
            double single = 0;
            for (final int size : FRAME_SIZES) {
                final double bytes = bytesAnEvent(size, round);
                single = size == 1 ? bytes : single;
                bench.record(figure(size), "B", bytes);
                if (size >= TARGET_FRAME_SIZE && size <= 1_000) {
                    price(bench, size, bytes * size);
                }
            }
            bench.record(
                    "dollars a million, provisioned, one record an event",
                    "$",
                    KinesisPrices.provisioned(single, 1));
            bench.record(
                    "dollars a million, on demand, one record an event",
                    "$",
                    KinesisPrices.onDemand(single, 1));
        }
        bench.target(Target.atMost(
                "bytes an event in Kinesis, first", figure(TARGET_FRAME_SIZE), 40, "B"));
        bench.target(Target.atMost(
                "bytes an event in Kinesis, then", figure(TARGET_FRAME_SIZE), 30, "B"));
        bench.note(
                "cost: list prices of us-east-1, to be checked (docs/benchmarks.md has the sources);"
                        + " shards always full, nothing kept beyond a day, a stream's price by the hour left out");
    }

    private static void price(final Bench bench, final int size, final double recordBytes) {
        final String frames = String.format(Locale.ROOT, "%,d events a frame", size);
        bench.record(
                "dollars a million, provisioned, " + frames,
                "$",
                KinesisPrices.provisioned(recordBytes, size));
        bench.record(
                "dollars a million, on demand, " + frames,
                "$",
                KinesisPrices.onDemand(recordBytes, size));
    }

    private static String figure(final int frameSize) {
        return String.format(Locale.ROOT, "bytes an event, %,d a frame", frameSize);
    }

    /** Two credits for each withdrawal, keys of 128 random bits; header, hash and checksum included. */
    private static double bytesAnEvent(final int frameSize, final long seed) {
        final Random random = new Random(seed);
        final AccountModel model = new AccountModel(ModelContext.small(seed));
        final EventBatch batch = new EventBatch(FrameFormat.MAX_EVENT_BYTES);
        final Command command = new Command();
        final Outcome outcome = new Outcome();
        for (int i = 0; i < ACCOUNTS; i++) {
            command.openAccount("acc-" + i, "open", CurrencyCode.pack("EUR"), CREDIT_LIMIT);
            model.submit(command, START_MS, batch, outcome);
        }
        batch.clear();
        long timeMs = START_MS;
        long bytes = 0;
        int frames = 0;
        byte[] previous = FrameFormat.noHash();
        try (FrameEncoder encoder = new FrameEncoder(0, 2)) {
            for (int i = 0; i < EVENTS; i++) {
                final String id = "acc-" + random.nextInt(ACCOUNTS);
                final String key = new UUID(random.nextLong(), random.nextLong()).toString();
                final long amount = 1L + random.nextInt(MAX_AMOUNT);
                if (random.nextInt(3) == 0) {
                    command.withdraw(id, key, amount, "");
                } else {
                    command.credit(id, key, amount, "");
                }
                model.submit(command, timeMs, batch, outcome);
                if (batch.eventCount() % 100 == 0) {
                    timeMs++;
                }
                if (batch.eventCount() == frameSize) {
                    final byte[] record = encoder.encode(batch, 1, ++frames, previous);
                    previous = FrameFormat.hashOf(record);
                    bytes += record.length;
                    batch.clear();
                    timeMs += 15;
                }
            }
        }
        return (double) bytes / frames / frameSize;
    }
}
