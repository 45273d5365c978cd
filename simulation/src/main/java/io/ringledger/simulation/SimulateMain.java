package io.ringledger.simulation;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** {@code ./ringledger simulate}: many seeds, or one with its whole trace. */
@Command(
        name = "simulate",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true,
        description =
                "Runs writers, log, leases, clients, projector and follower in a simulated world"
                        + " that fails in every way it can, and checks every promise after every event. The"
                        + " same seed does the same again.",
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:every promise was kept, and every fault fired",
            "1:a promise was broken, two runs of a seed differ, or a fault never fired",
            "2:the arguments are wrong"
        })
final class SimulateMain implements Callable<Integer> {
    private static final long PROGRESS_MS = 5_000;

    @Option(
            names = "--seed",
            description = "run this seed alone and write its whole trace to a file")
    private @Nullable Long seed;

    @Option(names = "--first-seed", description = "the first of many seeds; drawn if not given")
    private @Nullable Long firstSeed;

    @Option(names = "--seeds", description = "how many seeds (default: ${DEFAULT-VALUE})")
    private long seeds = 2_000;

    @Option(names = "--minutes", description = "end after so many minutes, if not done before")
    private @Nullable Double minutes;

    @Option(names = "--twice", description = "run each seed twice and compare the traces")
    private boolean isTwice;

    @Option(names = "--threads", description = "seeds at a time (default: one a processor)")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Spec
    private @Nullable CommandSpec spec;

    private SimulateMain() {}

    /** Ends with 0 if every promise was kept and every fault fired. */
    public static void main(final String[] arguments) {
        System.exit(new CommandLine(new SimulateMain()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        final CommandLine line = line();
        if (seeds < 1 || threads < 1 || (minutes != null && !(minutes > 0))) {
            throw new ParameterException(line, "must be above zero: --seeds, --threads, --minutes");
        }
        final PrintWriter out = line.getOut();
        return seed == null ? runMany(out) : runOne(out, seed);
    }

    private CommandLine line() {
        final CommandSpec given = spec;
        if (given == null) {
            throw new IllegalStateException("picocli sets the spec");
        }
        return given.commandLine();
    }

    private int runOne(final PrintWriter out, final long number) throws IOException {
        final Simulation.Result result = Simulation.run(number, true);
        final Path file = Path.of("simulation-" + number + ".trace");
        Files.write(file, result.trace());
        out.printf(
                "seed %d: %.1f simulated seconds, trace hash %016x, %,d lines in %s%n",
                number,
                result.simulatedNs() / 1e9,
                result.traceHash(),
                result.trace().size(),
                file);
        final Violation violation = result.violation();
        out.println(violation == null ? "every promise was kept" : "FAILED: " + violation);
        out.flush();
        return violation == null ? 0 : 1;
    }

    private int runMany(final PrintWriter out) throws InterruptedException {
        final long first =
                firstSeed == null ? ThreadLocalRandom.current().nextInt(1 << 30) : firstSeed;
        final long limitNs =
                minutes == null ? Long.MAX_VALUE : (long) (minutes * TimeUnit.MINUTES.toNanos(1));
        out.printf("seeds from %d, %d at a time%n", first, threads);
        out.flush();
        final Campaign campaign =
                new Campaign(new Campaign.Plan(first, seeds, limitNs, threads, isTwice));
        final Thread progress = Thread.ofPlatform().daemon().start(() -> report(out, campaign));
        final Campaign.Summary summary = campaign.run();
        progress.interrupt();
        progress.join();
        return new Report(out).print(summary) ? 0 : 1;
    }

    private static void report(final PrintWriter out, final Campaign campaign) {
        try {
            while (true) {
                TimeUnit.MILLISECONDS.sleep(PROGRESS_MS);
                out.println(campaign.progress());
                out.flush();
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
