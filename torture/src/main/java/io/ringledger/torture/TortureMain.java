package io.ringledger.torture;

import io.ringledger.loadtests.TransactionFile;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
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
    private static final int ACCOUNTS = 2_000;

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

    @Option(
            names = "--only-owners",
            description = "kills owners of partitions and breaks nothing else, one when the last is"
                    + " replaced: how long takeovers take")
    private boolean isOwnersOnly;

    @Option(
            names = "--replay",
            paramLabel = "FILE",
            description = "instead of all that: replay a file of bank transactions while the owner"
                    + " of partition 0 is killed again and again")
    private @Nullable Path replayFile;

    @Option(
            names = "--kill-every",
            paramLabel = "SECONDS",
            defaultValue = "10",
            description = "with --replay: how often (default: ${DEFAULT-VALUE})")
    private int killEverySeconds;

    @Option(names = "--keep", description = "keeps journal and logs, whatever they say")
    private boolean isKept;

    private TortureMain() {}

    /** Runs one campaign. */
    public static void main(final String[] args) {
        System.exit(new CommandLine(new TortureMain()).execute(args));
    }

    /** What is run, and ended by a signal. */
    private interface Run extends AutoCloseable {
        /** True if nothing is wrong. */
        boolean isClean() throws Exception;

        @Override
        void close();
    }

    @Override
    public Integer call() throws Exception {
        final TortureOptions options;
        try {
            options = options();
            if (replayFile != null && !Files.isReadable(replayFile)) {
                throw new IllegalArgumentException("there is no file " + replayFile + " to replay");
            }
        } catch (final IllegalArgumentException e) {
            System.err.println(e.getMessage());
            return CommandLine.ExitCode.USAGE;
        }
        System.out.println("seed " + seed);
        final Path folder = Files.createDirectories(Path.of(
                        System.getProperty("ringledger.root", "."), "torture", "target")
                .resolve("campaign-" + seed + "-" + ProcessHandle.current().pid()));
        boolean isClean = false;
        final AtomicBoolean isOver = new AtomicBoolean();
        final AtomicBoolean isSignalled = new AtomicBoolean();
        try (Run run = replayFile == null
                ? campaign(options, folder)
                : replay(options, replayFile, folder)) {
            Runtime.getRuntime()
                    .addShutdownHook(new Thread(() -> stop(run, isOver, isSignalled), "stop"));
            isClean = run.isClean();
            return isClean ? CommandLine.ExitCode.OK : VIOLATED;
        } catch (final Exception e) {
            // Whatever breaks while a signal ends all this is no news.
            if (!isSignalled.get()) {
                System.err.println("cannot go on: " + e);
                e.printStackTrace();
            }
            return NOT_RUN;
        } finally {
            isOver.set(true);
            System.out.println("seed " + seed);
            if (isClean && !isKept) {
                delete(folder);
            } else {
                System.out.println("journal and logs: " + folder);
            }
        }
    }

    private static Run campaign(final TortureOptions options, final Path folder) {
        final Campaign campaign = new Campaign(options, folder, System.out);
        return new Run() {
            @Override
            public boolean isClean() throws Exception {
                final Report report = campaign.run();
                System.out.print(report);
                return report.isClean();
            }

            @Override
            public void close() {
                campaign.close();
            }
        };
    }

    private Run replay(final TortureOptions options, final Path file, final Path folder)
            throws Exception {
        final ReplayUnderKills replay = new ReplayUnderKills(
                options,
                TransactionFile.read(file),
                TimeUnit.SECONDS.toMillis(killEverySeconds),
                folder,
                System.out);
        return new Run() {
            @Override
            public boolean isClean() throws Exception {
                final ReplayUnderKills.Result result = replay.run();
                System.out.print(result);
                return result.isExact();
            }

            @Override
            public void close() {
                replay.close();
            }
        };
    }

    private TortureOptions options() {
        if (killEverySeconds < 1) {
            throw new IllegalArgumentException("--kill-every must be positive");
        }
        final int killGoal = kills >= 0 ? kills : (int) Math.round(minutes * KILLS_A_MINUTE);
        return new TortureOptions(
                Math.round(minutes * 60),
                seed,
                killGoal,
                pauses >= 0 ? pauses : isOwnersOnly ? 0 : (killGoal + 5) / 6,
                isOwnersOnly ? 0 : (killGoal + 29) / 30,
                ledgers,
                consumers,
                partitions,
                leaseMs,
                ACCOUNTS,
                rate,
                isOwnersOnly);
    }

    private static void stop(
            final Run run, final AtomicBoolean isOver, final AtomicBoolean isSignalled) {
        if (!isOver.get()) {
            isSignalled.set(true);
            System.out.println("stopping");
            run.close();
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
