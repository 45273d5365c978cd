package io.ringledger.gatling;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;

/** {@code ./ringledger gatling}: simulations one after the other, each checked before it is reported. */
@Command(
        name = "gatling",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true,
        description = {
            "Sends commands at a rate, however long the answers take, and afterwards compares every"
                    + " balance with what was acknowledged. Starts a stack of its own and stops it again,"
                    + " unless told of one.",
            "Simulations: mix, hot, batch, read-after-write, retries; all, one after the other, unless"
                    + " some are named.",
            "Gatling's HTML report of each goes to the results."
        },
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:every simulation was run, and every balance is right",
            "1:a balance or an answer was wrong, or it could not be run: there are no figures of it",
            "2:the arguments are wrong"
        })
public final class GatlingMain implements Callable<Integer> {
    private static final int FAILED = 1;
    private static final int WARM_UP_SECONDS = 15;
    private static final int RAMP_SECONDS = 5;

    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "SIMULATION", description = "these only")
    private List<String> names = List.of();

    @Option(
            names = "--url",
            paramLabel = "URL",
            description =
                    "a ledger that runs, for example http://127.0.0.1:8080; the accounts that are"
                            + " opened there stay")
    private @Nullable URI url;

    @Option(
            names = "--rate",
            paramLabel = "N",
            description = "arrivals a second (default: what a small machine takes easily)")
    private @Nullable Double rate;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "30",
            description = "how long at that rate (default: ${DEFAULT-VALUE})")
    private int seconds;

    @Option(
            names = "--accounts",
            paramLabel = "N",
            defaultValue = "10000",
            description = "accounts that commands are spread over (default: ${DEFAULT-VALUE})")
    private int accounts;

    @Option(
            names = "--commands-in-batch",
            paramLabel = "N",
            defaultValue = "200",
            description = "commands a request of the batch simulation (default: ${DEFAULT-VALUE})")
    private int commandsInBatch;

    @Option(
            names = "--smoke",
            description =
                    "two seconds of each with little load: shows that all works, not how fast")
    private boolean isSmoke;

    @Option(
            names = "--results",
            paramLabel = "FOLDER",
            description = "where results go (default: load-tests/results/gatling-<time>)")
    private @Nullable Path results;

    private GatlingMain() {}

    /** Runs what is asked for. */
    public static void main(final String[] args) {
        System.exit(run(args));
    }

    /** The same, without ending the process: the exit code. */
    static int run(final String... args) {
        final CommandLine command = new CommandLine(new GatlingMain());
        command.setExecutionExceptionHandler((e, line, parsed) -> {
            System.err.println("cannot run: " + e.getMessage());
            return FAILED;
        });
        return command.execute(args);
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        final List<Kind> kinds = chosen();
        final Path folder = Files.createDirectories(results == null ? defaultFolder() : results);
        if (url != null) {
            return all(kinds, url, folder);
        }
        try (OwnStack stack = OwnStack.start(root())) {
            return all(kinds, stack.url(), folder);
        }
    }

    private int all(final List<Kind> kinds, final URI target, final Path folder)
            throws IOException, InterruptedException {
        final Runs runs = new Runs(target, folder, accounts);
        if (!isSmoke) {
            System.out.println("warming up for " + WARM_UP_SECONDS + " s");
            runs.warmUp(Kind.MIX.rate(false), WARM_UP_SECONDS, commandsInBatch);
        }
        final StringBuilder text =
                new StringBuilder("# Gatling, ").append(now("yyyy-MM-dd HH:mm")).append(" UTC\n\n");
        boolean isRight = true;
        for (final Kind kind : kinds) {
            System.out.println(kind.label() + ": " + kind.simulation().getSimpleName());
            final Runs.Result result = runs.run(
                    kind,
                    rate == null ? kind.rate(isSmoke) : rate,
                    isSmoke ? 2 : seconds,
                    isSmoke ? 0 : RAMP_SECONDS,
                    isSmoke ? Math.min(commandsInBatch, 50) : commandsInBatch);
            System.out.println();
            System.out.print(result.text());
            text.append(result.text());
            isRight &= result.isRight();
        }
        System.out.println("written: " + Files.writeString(folder.resolve("results.md"), text));
        return isRight ? 0 : FAILED;
    }

    private List<Kind> chosen() {
        if (spec != null
                && ((rate != null && !(rate > 0))
                        || seconds < 1
                        || accounts < 1
                        || commandsInBatch < 1)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "must be above zero: --rate, --seconds, --accounts, --commands-in-batch");
        }
        final List<Kind> kinds = new ArrayList<>();
        for (final String name : names) {
            kinds.add(Stream.of(Kind.values())
                    .filter(kind -> kind.label().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new ParameterException(
                            new CommandLine(this),
                            "no simulation is called " + name + "; there are: "
                                    + String.join(", ", Kind.labels()))));
        }
        return kinds.isEmpty() ? List.of(Kind.values()) : kinds;
    }

    private static Path root() {
        return Path.of(System.getProperty("ringledger.root", "."));
    }

    private static Path defaultFolder() {
        return root().resolve("load-tests/results").resolve("gatling-" + now("yyyyMMdd-HHmmss"));
    }

    private static String now(final String pattern) {
        return LocalDateTime.now(ZoneOffset.UTC).format(DateTimeFormatter.ofPattern(pattern));
    }
}
