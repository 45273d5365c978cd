package io.ringledger.benchmarks.micro;

import io.ringledger.benchmarks.Bench;
import io.ringledger.benchmarks.Experiment;
import io.ringledger.benchmarks.Scale;
import io.ringledger.benchmarks.Target;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What a model takes of heap and direct buffers, each measurement by a {@link MemoryProbe} in a
 * process of its own with a heap of a set size, so that nothing else is counted. Stateless.
 */
public final class MemoryExperiment implements Experiment {
    private static final double MEGABYTE = 1e6;
    private static final long TIMEOUT_S = 300;
    private static final String ACCOUNTS = "memory of 1 M accounts and the keys of their openings";
    private static final String KEYS = "memory of 10 M idempotency keys on 10,000 accounts";

    @Override
    public String name() {
        return "memory";
    }

    @Override
    public String question() {
        return "How much memory do accounts and idempotency keys take?";
    }

    @Override
    public int estimatedSeconds(final Scale scale) {
        return switch (scale) {
            case SMOKE -> 2;
            case QUICK -> 35;
            case FULL -> 100;
        };
    }

    @Override
    public void run(final Bench bench) throws IOException, InterruptedException {
        bench.target(Target.atMost("1 M accounts", ACCOUNTS, 200, "MB"));
        bench.target(Target.atMost("10 M idempotency keys", KEYS, 600, "MB"));
        final boolean isSmoke = bench.scale() == Scale.SMOKE;
        // The sizes are the same every time: one round says it, three show that it is so.
        final int rounds = bench.scale() == Scale.FULL ? 3 : 1;
        for (int round = 0; round < rounds; round++) {
            bench.progress("accounts, round " + (round + 1) + " of " + rounds);
            final int accounts = isSmoke ? 1_000 : 1_000_000;
            measure(bench, ACCOUNTS, accounts, accounts);
            bench.progress("keys, round " + (round + 1) + " of " + rounds);
            measure(bench, KEYS, isSmoke ? 100 : 10_000, isSmoke ? 10_000 : 10_000_000);
        }
    }

    private static void measure(
            final Bench bench, final String figure, final int accounts, final int keys)
            throws IOException, InterruptedException {
        final long[] bytes = probe(accounts, keys);
        bench.record(figure, "MB", (bytes[0] + bytes[1]) / MEGABYTE);
        bench.record(figure + ": heap", "MB", bytes[0] / MEGABYTE);
        bench.record(figure + ": direct buffers", "MB", bytes[1] / MEGABYTE);
        bench.record(figure + ": a key", "B", (double) (bytes[0] + bytes[1]) / keys);
    }

    private static long[] probe(final int accounts, final int keys)
            throws IOException, InterruptedException {
        final List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> flag.startsWith("--"))
                .forEach(command::add);
        command.addAll(List.of(
                "-Xmx2g",
                "-cp",
                System.getProperty("java.class.path"),
                MemoryProbe.class.getName(),
                Integer.toString(accounts),
                Integer.toString(keys)));
        final Process process =
                new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            final String text =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(TIMEOUT_S, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IllegalStateException("the probe failed: " + text);
            }
            final String[] words = text.strip().split(" ", -1);
            return new long[] {Long.parseLong(words[0]), Long.parseLong(words[1])};
        } finally {
            process.destroyForcibly();
        }
    }
}
