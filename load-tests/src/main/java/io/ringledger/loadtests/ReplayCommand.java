package io.ringledger.loadtests;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The command line of the replay. */
@Command(
        name = "ringledger replay",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true,
        exitCodeOnExecutionException = ReplayCommand.INCOMPLETE,
        description = {
            "Replays a file of bank transactions over HTTP and checks every balance.",
            "",
            "Opens each account of the file, sends its transactions in order (different accounts"
                    + " side by side), retries as a good client does: lost connections, time-outs"
                    + " and 503, always with the same idempotency key. Then waits for the views and"
                    + " compares every balance and every entry with its own arithmetic. A second"
                    + " run of the same file moves nothing.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every transaction has an outcome, and every check holds",
            "1:a check failed: the ledger gave a wrong answer",
            "2:the options or the file are wrong; nothing was sent",
            "3:incomplete: no service, an unexpected answer, or no outcome within the deadline",
            "130:ended by Ctrl-C"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  ringledger replay load-tests/data/berka-1993-94.csv.gz --credit-limit 600000",
            "  ringledger replay mine.csv --url http://127.0.0.1:9090 --json summary.json"
        })
final class ReplayCommand implements Callable<Integer> {
    static final int OK = 0;
    static final int CHECK_FAILED = 1;
    static final int INCOMPLETE = 3;
    private static final long STOP_WAIT_MS = 5_000;

    @Spec
    @Nullable CommandSpec spec;

    @Parameters(
            index = "0",
            paramLabel = "FILE",
            description = "transactions, gzipped or plain; the layout is described in"
                    + " load-tests/data/README.md")
    @Nullable Path file;

    @Option(
            names = "--url",
            defaultValue = "http://127.0.0.1:8080",
            description = "where the service listens (default: ${DEFAULT-VALUE})")
    @Nullable URI url;

    @Option(
            names = "--query-url",
            paramLabel = "URL",
            description = "where queries are answered, if that is another port (default: --url)")
    @Nullable URI queryUrl;

    @Option(
            names = "--credit-limit",
            paramLabel = "N",
            defaultValue = "0",
            description = "credit limit of every account, minor units (default: ${DEFAULT-VALUE})")
    long creditLimitMinor;

    @Option(
            names = "--concurrency",
            paramLabel = "N",
            defaultValue = "64",
            description = "accounts side by side, 1 to 1024, each with one command in flight"
                    + " (default: ${DEFAULT-VALUE})")
    int concurrency;

    @Option(
            names = "--account-prefix",
            paramLabel = "TEXT",
            defaultValue = "berka-",
            description =
                    "stands before the bank's account numbers; with another one the same ledger"
                            + " takes the file once more (default: ${DEFAULT-VALUE})")
    String accountPrefix = "";

    @Option(
            names = "--deadline",
            paramLabel = "SECONDS",
            defaultValue = "120",
            description = "how long one command or read is retried before the replay gives up"
                    + " (default: ${DEFAULT-VALUE})")
    int deadlineSeconds;

    @Option(
            names = "--bank-tolerance",
            paramLabel = "N",
            defaultValue = "80",
            description =
                    "how far the bank's recorded (rounded) balances may lie from the exact ones,"
                            + " minor units (default: ${DEFAULT-VALUE})")
    long bankToleranceMinor;

    @Option(
            names = "--sample-every",
            paramLabel = "N",
            defaultValue = "20",
            description = "one in N writes is read back at once to measure the views' lag"
                    + " (default: ${DEFAULT-VALUE})")
    int sampleEvery;

    @Option(
            names = "--json",
            paramLabel = "FILE",
            description = "write the summary there too, for programs")
    @Nullable Path jsonFile;

    @Override
    public Integer call() {
        final PrintWriter out = spec().commandLine().getOut();
        final PrintWriter err = spec().commandLine().getErr();
        final ReplayOptions options = options();
        final List<BankTransaction> transactions = transactions();
        out.printf(
                "replaying %,d transactions of %,d accounts to %s, credit limit %,d%n",
                transactions.size(),
                TransactionFile.byAccount(transactions).size(),
                options.url(),
                options.creditLimitMinor());
        out.flush();
        final ReplaySummary summary;
        try (Replay replay = new Replay(options, transactions)) {
            final CountDownLatch finished = new CountDownLatch(1);
            final Thread hook = stopOnInterrupt(replay, finished);
            try {
                summary = run(replay, err);
                SummaryPrinter.print(summary, out);
                writeJson(summary, err);
            } finally {
                finished.countDown();
                removeHook(hook);
            }
        }
        if (!summary.isCorrect()) {
            return CHECK_FAILED;
        }
        return summary.isComplete() ? OK : INCOMPLETE;
    }

    // JDK 25 returns null again where there is no terminal (seen with its output in a pipe).
    @SuppressWarnings("SystemConsoleNull")
    private static ReplaySummary run(final Replay replay, final PrintWriter err) {
        final Console console = System.console();
        final boolean isTerminal = console != null && console.isTerminal();
        try (ProgressDisplay _ = new ProgressDisplay(replay::progress, err, isTerminal)) {
            return replay.run();
        }
    }

    private ReplayOptions options() {
        final URI commands = Objects.requireNonNull(url);
        try {
            return new ReplayOptions(
                    commands,
                    queryUrl == null ? commands : queryUrl,
                    creditLimitMinor,
                    concurrency,
                    accountPrefix,
                    Duration.ofSeconds(deadlineSeconds),
                    Duration.ofSeconds(35),
                    bankToleranceMinor,
                    sampleEvery);
        } catch (final IllegalArgumentException e) {
            throw new ParameterException(spec().commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private List<BankTransaction> transactions() {
        final Path path = Objects.requireNonNull(file);
        try {
            return TransactionFile.read(path);
        } catch (final TransactionFileException e) {
            throw new FileRefusedException(String.valueOf(e.getMessage()));
        } catch (final IOException e) {
            throw new FileRefusedException("cannot read " + path + ": " + e);
        }
    }

    private void writeJson(final ReplaySummary summary, final PrintWriter err) {
        if (jsonFile == null) {
            return;
        }
        try {
            SummaryPrinter.writeJson(summary, jsonFile);
        } catch (final IOException e) {
            err.println("cannot write " + jsonFile + ": " + e);
            err.flush();
        }
    }

    /** On Ctrl-C the replay stops, its summary is printed, and only then the process ends. */
    private static Thread stopOnInterrupt(final Replay replay, final CountDownLatch finished) {
        final Thread hook = new Thread(
                () -> {
                    replay.stop();
                    try {
                        finished.await(STOP_WAIT_MS, TimeUnit.MILLISECONDS);
                    } catch (final InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "replay-stop");
        Runtime.getRuntime().addShutdownHook(hook);
        return hook;
    }

    private static void removeHook(final Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (final IllegalStateException e) {
            // The process is ending already, and the hook is what ended it.
            return;
        }
    }

    private CommandSpec spec() {
        return Objects.requireNonNull(spec);
    }

    /** The file cannot be replayed; shown without the usage help. */
    static final class FileRefusedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        FileRefusedException(final String message) {
            super(message);
        }
    }
}
