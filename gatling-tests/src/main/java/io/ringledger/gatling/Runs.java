package io.ringledger.gatling;

import io.gatling.app.Gatling$;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Runs simulations against one ledger. Gatling writes its log of a run first; only a run that was right gets a
 * report made of it. Not thread-safe.
 */
final class Runs {
    /** Small enough that some withdrawals are refused. */
    private static final long CREDIT_LIMIT = 10_000;

    /**
     * How a run ended.
     *
     * @param isRight every answer and every balance was as it must be
     * @param text for the results
     */
    record Result(boolean isRight, String text) {}

    private final URI url;
    private final Path folder;
    private final int accounts;

    /** Accounts of other runs against the same ledger have other names. */
    private final Random random = new Random();

    Runs(final URI url, final Path folder, final int accounts) {
        this.url = url;
        this.folder = folder;
        this.accounts = accounts;
    }

    /** Runs the mix and forgets it. */
    void warmUp(final double rate, final int seconds, final int commandsInBatch)
            throws IOException, InterruptedException {
        run(Kind.MIX, rate, seconds, 1, commandsInBatch, false);
    }

    /** Runs a simulation, checks it, and reports it if it was right. */
    Result run(
            final Kind kind,
            final double rate,
            final int seconds,
            final int rampSeconds,
            final int commandsInBatch)
            throws IOException, InterruptedException {
        return run(kind, rate, seconds, rampSeconds, commandsInBatch, true);
    }

    private Result run(
            final Kind kind,
            final double rate,
            final int seconds,
            final int rampSeconds,
            final int commandsInBatch,
            final boolean isReported)
            throws IOException, InterruptedException {
        final long seed = random.nextLong();
        final String prefix = "gatling-" + Long.toHexString(seed) + "-";
        final List<String> ids =
                IntStream.range(0, accounts).mapToObj(i -> prefix + i).toList();
        final Load load = new Load(url, rate, seconds, rampSeconds, commandsInBatch, ids, seed);
        final Path log = folder.resolve(isReported ? kind.label() : "warm-up");
        try (LedgerHttp http = new LedgerHttp(url)) {
            http.open(ids, CREDIT_LIMIT, load.book());
            Load.begin(load);
            gatling("-nr", "-s", kind.simulation().getName(), "-rf", log.toString());
            new BalanceCheck(load, http, CREDIT_LIMIT).run();
            if (load.book().outcomes() == 0) {
                load.book().wrong("no command has an outcome");
            }
            final boolean isRight = load.book().findings().isEmpty();
            if (isRight && isReported) {
                gatling("-ro", only(log).getFileName().toString(), "-rf", log.toString());
            }
            return new Result(
                    isRight, isRight ? RunReport.right(kind, load) : RunReport.wrong(kind, load));
        }
    }

    private static void gatling(final String... args) throws IOException {
        final int status = Gatling$.MODULE$.fromArgs(args);
        if (status != 0) {
            throw new IOException("Gatling has ended with " + status);
        }
    }

    /** Gatling's own folder in ours. */
    private static Path only(final Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.max(Comparator.naturalOrder())
                    .orElseThrow(() -> new IOException("Gatling has written nothing: " + folder));
        }
    }
}
