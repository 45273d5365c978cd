package io.ringledger.torture;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/** {@code ./ringledger torture}: one campaign, and its report. */
@Command(
        name = "torture",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true,
        description = {
            "Runs the services as processes under load, kills and freezes them at random and at"
                    + " named steps, restarts Postgres, breaks the calls to AWS, and checks at the"
                    + " end every acknowledged answer against the log and the views.",
            "The seed decides the faults; which command they meet, the machine decides."
        },
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:nothing acknowledged was lost",
            "1:something was; journal and logs are kept",
            "2:the arguments are wrong",
            "3:the campaign could not be run"
        })
public final class TortureMain implements Callable<Integer> {
    private static final int VIOLATED = 1;
    private static final int NOT_RUN = 3;
    private static final int KILLS_A_MINUTE = 8;

    @Option(
            names = "--minutes",
            defaultValue = "5",
            description = "how long faults are caused (default: ${DEFAULT-VALUE})")
    private double minutes;

    @Option(names = "--seed", description = "of all that is drawn (default: a new one, printed)")
    private long seed = ThreadLocalRandom.current().nextLong(1_000_000_000L);

    @Option(names = "--kills", description = "to reach (default: " + KILLS_A_MINUTE + " a minute)")
    private int kills = -1;

    @Option(names = "--pauses", description = "to reach (default: one for six kills)")
    private int pauses = -1;

    @Option(
            names = "--ledgers",
            defaultValue = "2",
            description = "processes of the write side (default: ${DEFAULT-VALUE})")
    private int ledgers;

    @Option(
            names = "--consumers",
            defaultValue = "2",
            description = "processes that read the log (default: ${DEFAULT-VALUE})")
    private int consumers;

    @Option(
            names = "--partitions",
            defaultValue = "4",
            description = "partitions of the ledger (default: ${DEFAULT-VALUE})")
    private int partitions;

    @Option(
            names = "--lease-ms",
            defaultValue = "2000",
            description = "how long an owner may be silent (default: ${DEFAULT-VALUE})")
    private int leaseMs;

    @Option(
            names = "--rate",
            defaultValue = "700",
            description = "commands a second, at most (default: ${DEFAULT-VALUE})")
    private int rate;

    private TortureMain() {}

    /** Runs one campaign. */
    public static void main(final String[] args) {
        System.exit(new CommandLine(new TortureMain()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        final TortureOptions options;
        try {
            options = options();
        } catch (final IllegalArgumentException e) {
            System.err.println(e.getMessage());
            return CommandLine.ExitCode.USAGE;
        }
        System.out.println("seed " + seed);
        final Path folder = Files.createDirectories(Path.of(
                        System.getProperty("ringledger.root", "."), "torture", "target")
                .resolve("campaign-" + seed + "-" + ProcessHandle.current().pid()));
        final Campaign campaign = new Campaign(options, folder, System.out);
        final AtomicBoolean isOver = new AtomicBoolean();
        final Thread onSignal = new Thread(() -> stop(campaign, isOver), "stop");
        Runtime.getRuntime().addShutdownHook(onSignal);
        boolean isClean = false;
        try {
            final Report report = campaign.run();
            System.out.print(report);
            isClean = report.isClean();
            return isClean ? CommandLine.ExitCode.OK : VIOLATED;
        } catch (final Exception e) {
            System.err.println("cannot go on: " + e);
            e.printStackTrace();
            return NOT_RUN;
        } finally {
            isOver.set(true);
            System.out.println("seed " + seed);
            if (isClean) {
                delete(folder);
            } else {
                System.out.println("journal and logs: " + folder);
            }
        }
    }

    private TortureOptions options() {
        final long seconds = Math.round(minutes * 60);
        final int killGoal = kills >= 0 ? kills : (int) Math.round(minutes * KILLS_A_MINUTE);
        return new TortureOptions(
                seconds,
                seed,
                killGoal,
                pauses >= 0 ? pauses : (killGoal + 5) / 6,
                (killGoal + 29) / 30,
                ledgers,
                consumers,
                partitions,
                leaseMs,
                2_000,
                rate);
    }

    private static void stop(final Campaign campaign, final AtomicBoolean isOver) {
        if (isOver.get()) {
            return;
        }
        System.out.println("stopping");
        try {
            campaign.close();
        } catch (final IOException e) {
            System.err.println("not stopped cleanly: " + e.getMessage());
        }
    }

    private static void delete(final Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (final Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
