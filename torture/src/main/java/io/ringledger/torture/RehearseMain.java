package io.ringledger.torture;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/** {@code ./ringledger rehearse}: pages of {@code docs/operating}, done with real processes under load. */
@Command(
        name = "rehearse",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true,
        description = {
            "Runs the services as processes under load, does what a page of docs/operating says,"
                    + " and checks every answer against the log, the views against the log, and"
                    + " both by verify.",
            "",
            "  reshard          reshard.md: twice as many shards, then half as many",
            "  rolling-restart  upgrade.md: every process replaced, one after the other",
            "  rebuild-views    restore-postgres.md: the database dropped and built anew",
            ""
        },
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:all went as the pages say",
            "1:something did not; journal and logs are kept",
            "2:the arguments are wrong",
            "3:the rehearsal could not be run"
        })
public final class RehearseMain implements Callable<Integer> {
    private static final int NOT_AS_SAID = 1;
    private static final int NOT_RUN = 3;
    private static final int ACCOUNTS = 2_000;

    /** What can be rehearsed; in this order they need one stand. */
    enum What {
        /** {@code reshard.md}. */
        RESHARD("reshard") {
            @Override
            RehearsalStand.Steps steps(final RehearsalStand stand) {
                return new Resharding(stand);
            }
        },
        /** {@code upgrade.md}. */
        ROLLING_RESTART("rolling-restart") {
            @Override
            RehearsalStand.Steps steps(final RehearsalStand stand) {
                return new RollingRestart(stand);
            }
        },
        /** {@code restore-postgres.md}. */
        REBUILD_VIEWS("rebuild-views") {
            @Override
            RehearsalStand.Steps steps(final RehearsalStand stand) {
                return new ViewsRebuilt(stand);
            }
        };

        private final String text;

        What(final String text) {
            this.text = text;
        }

        abstract RehearsalStand.Steps steps(RehearsalStand stand);

        /** As it is asked for. */
        @Override
        public String toString() {
            return text;
        }
    }

    @Parameters(
            arity = "0..*",
            paramLabel = "WHAT",
            description = "which: ${COMPLETION-CANDIDATES} (default: all)")
    private List<What> what = List.of(What.values());

    @Option(
            names = "--minutes",
            defaultValue = "0",
            description =
                    "go on with more rounds until so much time has passed (default: one round)")
    private double minutes;

    @Option(names = "--seed", description = "of the load (default: a new one, printed)")
    private long seed = ThreadLocalRandom.current().nextLong(1_000_000_000L);

    @Option(
            names = "--ledgers",
            defaultValue = "3",
            description = "processes of the write side (default: ${DEFAULT-VALUE})")
    private int ledgers;

    @Option(
            names = "--consumers",
            defaultValue = "2",
            description = "processes that read the log (default: ${DEFAULT-VALUE})")
    private int consumers;

    @Option(
            names = "--read-models",
            defaultValue = "2",
            description = "processes that answer queries (default: ${DEFAULT-VALUE})")
    private int readModels;

    @Option(
            names = "--partitions",
            defaultValue = "4",
            description = "partitions of the ledger, on two shards (default: ${DEFAULT-VALUE})")
    private int partitions;

    @Option(
            names = "--rate",
            defaultValue = "700",
            description = "commands a second, at most (default: ${DEFAULT-VALUE})")
    private int rate;

    @Option(names = "--keep", description = "keeps journal and logs, whatever they say")
    private boolean isKept;

    private RehearseMain() {}

    /** Runs the rehearsals that are asked for. */
    public static void main(final String[] args) {
        System.exit(commandLine().execute(args));
    }

    private static CommandLine commandLine() {
        return new CommandLine(new RehearseMain())
                .registerConverter(What.class, RehearseMain::whatOf);
    }

    private static What whatOf(final String text) {
        return Stream.of(What.values())
                .filter(one -> one.toString().equals(text))
                .findFirst()
                .orElseThrow(() -> new CommandLine.TypeConversionException(
                        "'" + text + "' is none of " + List.of(What.values())));
    }

    @Override
    public Integer call() throws Exception {
        final RehearsalOptions options;
        try {
            options = new RehearsalOptions(
                    seed, ledgers, consumers, readModels, partitions, 2, ACCOUNTS, rate);
        } catch (final IllegalArgumentException e) {
            System.err.println(e.getMessage());
            return CommandLine.ExitCode.USAGE;
        }
        System.out.println("seed " + seed);
        final Path folder = Files.createDirectories(Path.of(
                        System.getProperty("ringledger.root", "."), "torture", "target")
                .resolve("rehearsal-" + seed + "-" + ProcessHandle.current().pid()));
        boolean isClean = false;
        final AtomicBoolean isOver = new AtomicBoolean();
        try (RehearsalStand stand = stand(options, folder)) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(stand, isOver), "stop"));
            isClean = rehearse(stand);
            return isClean ? CommandLine.ExitCode.OK : NOT_AS_SAID;
        } catch (final Exception e) {
            System.err.println("cannot go on: " + e);
            e.printStackTrace();
            return NOT_RUN;
        } finally {
            isOver.set(true);
            if (isClean && !isKept) {
                delete(folder);
            } else {
                System.out.println("journal and logs: " + folder);
            }
        }
    }

    private static RehearsalStand stand(final RehearsalOptions options, final Path folder)
            throws Exception {
        return RehearsalStand.start(options, folder, System.out);
    }

    private boolean rehearse(final RehearsalStand stand) throws Exception {
        final long endNs = System.nanoTime() + (long) (minutes * TimeUnit.MINUTES.toNanos(1));
        boolean isClean = true;
        do {
            for (final What one : what) {
                final RehearsalReport report = stand.rehearse(one.toString(), one.steps(stand));
                System.out.print(report);
                isClean &= report.isClean();
            }
        } while (isClean && System.nanoTime() - endNs < 0);
        return isClean;
    }

    private static void stop(final RehearsalStand stand, final AtomicBoolean isOver) {
        if (!isOver.get()) {
            System.out.println("stopping");
            stand.close();
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
