package io.ringledger.benchmarks.micro;

import io.ringledger.benchmarks.Bench;
import io.ringledger.benchmarks.Experiment;
import io.ringledger.benchmarks.Scale;
import io.ringledger.benchmarks.Target;

import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * The benchmarks of this package, each in a JVM of its own, neighbours one after the other; all of
 * them several times over in a full run. Every measured iteration is a round. Stateless.
 */
public final class MicroExperiment implements Experiment {
    private static final String PARTITION = "partition, 10,000 accounts";
    private static final String PARTITION_HOT = "partition, 1 hot account";
    private static final String RECOVERY = "replay, log to state";
    private static final String SNAPSHOT = "snapshot load";
    private static final String WRITER_HEAP = "writer thread: heap, " + PARTITION;

    /** How each figure is called. */
    private static final Map<String, String> NAMES = Map.of(
            "PipelineBenchmark.partition:10000", PARTITION,
            "PipelineBenchmark.partition:1", PARTITION_HOT,
            "RingBenchmark.bareDisruptor", "bare Disruptor, same slots and producer",
            "DecodeBenchmark.decoder", "request body decoded",
            "DecodeBenchmark.tokeniser", "request body, bare JSON tokeniser",
            "FrameBenchmark.frame", "events made into a frame",
            "FrameBenchmark.zstdAlone", "the same events, zstd alone",
            "ReplayBenchmark.checksumAndUnpack", "the same log, checksum and unpacking alone",
            "ReplayBenchmark.copy", "the same log, memory copy",
            "SnapshotBenchmark.copy", "the same snapshot, memory copy");

    @Override
    public String name() {
        return "micro";
    }

    @Override
    public String question() {
        return "What can one partition's threads do, and what does the machine allow?";
    }

    @Override
    public int estimatedSeconds(final Scale scale) {
        return switch (scale) {
            case SMOKE -> 15;
            case QUICK -> 115;
            case FULL -> 600;
        };
    }

    @Override
    public void run(final Bench bench) throws RunnerException {
        targets(bench);
        final int passes = bench.scale() == Scale.FULL ? 3 : 1;
        for (int pass = 1; pass <= passes; pass++) {
            for (final Class<?> benchmark : List.of(
                    PipelineBenchmark.class,
                    RingBenchmark.class,
                    DecodeBenchmark.class,
                    FrameBenchmark.class,
                    ReplayBenchmark.class,
                    SnapshotBenchmark.class)) {
                bench.progress(benchmark.getSimpleName() + ", pass " + pass + " of " + passes);
                record(bench, new Runner(options(bench, benchmark, pass).build()).run());
            }
        }
        bench.note(
                "micro: one producer, one writer and one appender share the machine's processors;"
                        + " their shares of processor time a command are figures of their own");
    }

    private static void targets(final Bench bench) {
        bench.target(Target.atLeast("model and ring, one partition", PARTITION, 5e6, "/s"));
        bench.target(Target.atLeast("the same on one hot account", PARTITION_HOT, 5e6, "/s"));
        // What is left is the hand-over of a whole frame.
        bench.target(
                Target.atMost("allocation on the writer thread", WRITER_HEAP, 0.1, "B/command"));
        bench.target(Target.atLeast("replay, one partition", RECOVERY, 5e6, "/s"));
        bench.target(Target.atMost("snapshot of 1 M accounts", SNAPSHOT, 2_000, "ms"));
    }

    private static ChainedOptionsBuilder options(
            final Bench bench, final Class<?> benchmark, final int pass) {
        final ChainedOptionsBuilder options = new OptionsBuilder()
                .include("^" + benchmark.getName().replace(".", "\\.") + "\\.")
                .addProfiler(GCProfiler.class)
                .shouldFailOnError(true)
                .output(bench.folder()
                        .resolve("jmh-" + benchmark.getSimpleName() + "-" + pass + ".txt")
                        .toString());
        if (bench.scale() == Scale.SMOKE) {
            // Its figures mean nothing: builds that run side by side do not spoil any.
            System.setProperty("jmh.ignoreLock", "true");
        }
        return switch (bench.scale()) {
            case SMOKE ->
                options.forks(0)
                        .param("events", "20000")
                        .param("snapshotAccounts", "2000")
                        .warmupIterations(0)
                        .measurementIterations(1)
                        .measurementTime(TimeValue.milliseconds(200));
            case QUICK -> iterations(options, 2, 1_000, 700);
            case FULL -> iterations(options, 3, 1_500, 1_500);
        };
    }

    /** In a JVM of its own, with the flags of this one. */
    private static ChainedOptionsBuilder iterations(
            final ChainedOptionsBuilder options,
            final int warmUps,
            final int warmUpMs,
            final int measuredMs) {
        return options.forks(1)
                .jvmArgsAppend("-Xmx3g")
                .warmupIterations(warmUps)
                .warmupTime(TimeValue.milliseconds(warmUpMs))
                .measurementIterations(5)
                .measurementTime(TimeValue.milliseconds(measuredMs));
    }

    private static void record(final Bench bench, final Collection<RunResult> results) {
        for (final RunResult result : results) {
            for (final BenchmarkResult fork : result.getBenchmarkResults()) {
                for (final IterationResult iteration : fork.getIterationResults()) {
                    record(bench, result, iteration);
                }
            }
        }
    }

    private static void record(
            final Bench bench, final RunResult result, final IterationResult iteration) {
        final String benchmark = result.getParams().getBenchmark();
        final String method =
                benchmark.substring(benchmark.lastIndexOf('.', benchmark.lastIndexOf('.') - 1) + 1);
        final double score = iteration.getPrimaryResult().getScore();
        switch (method) {
            case "PipelineBenchmark.partition" ->
                recordPartition(
                        bench,
                        nameOf(method + ":" + result.getParams().getParam("accounts")),
                        score,
                        iteration);
            case "ReplayBenchmark.recovery" -> bench.record(RECOVERY, "/s", score * events(result));
            case "ReplayBenchmark.checksumAndUnpack", "ReplayBenchmark.copy" ->
                bench.record(nameOf(method), "/s", score * events(result));
            case "SnapshotBenchmark.load" -> bench.record(SNAPSHOT, "ms", score);
            case "SnapshotBenchmark.copy" -> bench.record(nameOf(method), "ms", score);
            default -> {
                bench.record(nameOf(method), "/s", score);
                bench.record(nameOf(method) + ": heap", "B/op", allocated(iteration));
            }
        }
    }

    private static void recordPartition(
            final Bench bench,
            final String name,
            final double commandsPerS,
            final IterationResult iteration) {
        bench.record(name, "/s", commandsPerS);
        bench.record(name + ": heap, all threads", "B/command", allocated(iteration));
        bench.record(
                "writer thread: heap, " + name,
                "B/command",
                score(iteration, "writerBytes") / commandsPerS);
        for (final String thread : List.of("producer", "writer", "appender")) {
            bench.record(
                    thread + " thread: processor time, " + name,
                    "ns/command",
                    score(iteration, thread + "Ns") / commandsPerS);
        }
    }

    private static double events(final RunResult result) {
        return Double.parseDouble(result.getParams().getParam("events"));
    }

    private static double allocated(final IterationResult iteration) {
        return score(iteration, "gc.alloc.rate.norm");
    }

    private static double score(final IterationResult iteration, final String name) {
        final Result<?> result = iteration.getSecondaryResults().get(name);
        if (result == null) {
            throw new IllegalStateException("JMH gave no " + name + ", but "
                    + iteration.getSecondaryResults().keySet());
        }
        return result.getScore();
    }

    private static String nameOf(final String key) {
        final String name = NAMES.get(key);
        if (name == null) {
            throw new IllegalStateException("no name for " + key);
        }
        return name;
    }
}
