package io.ringledger.torture;

import io.ringledger.kit.Lifecycle;
import io.ringledger.loadtests.BankTransaction;
import io.ringledger.loadtests.Replay;
import io.ringledger.loadtests.ReplayOptions;
import io.ringledger.loadtests.ReplaySummary;
import io.ringledger.localstack.Ground;
import io.ringledger.localstack.Progress;

import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * A bank's transactions through several ledger processes, while the owner of partition 0 is killed
 * every few seconds: exact at the end, or not. Used once, by one thread; {@link #close} may come from
 * another one.
 */
final class ReplayUnderKills implements AutoCloseable {
    private static final long STOP_LIMIT_MS = 20_000;
    private static final long CREDIT_LIMIT = 600_000;
    private static final int CONCURRENCY = 128;
    private static final Duration DEADLINE = Duration.ofMinutes(5);
    private static final Duration ATTEMPT_TIMEOUT = Duration.ofSeconds(12);

    private final TortureOptions options;
    private final List<BankTransaction> transactions;
    private final long everyMs;
    private final Path folder;
    private final PrintStream out;
    private final Lifecycle lifecycle = new Lifecycle("replay", STOP_LIMIT_MS);

    ReplayUnderKills(
            final TortureOptions options,
            final List<BankTransaction> transactions,
            final long everyMs,
            final Path folder,
            final PrintStream out) {
        this.options = options;
        this.transactions = transactions;
        this.everyMs = everyMs;
        this.folder = folder;
        this.out = out;
    }

    /**
     * What came of it.
     *
     * @param summary of the replay
     * @param kills of owners while it ran
     * @param findings of the log and the services' own logs
     */
    record Result(ReplaySummary summary, int kills, Findings findings) {
        boolean isExact() {
            return kills > 0 && summary.isComplete() && summary.isCorrect() && findings.isClean();
        }

        @Override
        public String toString() {
            final StringBuilder text = new StringBuilder();
            text.append(String.format(
                    Locale.ROOT,
                    "owner of partition 0 killed %d times%n%,d of %,d transactions accepted, %,d"
                            + " refused, %,d/s; sum of the balances %,d; write p50 %,d ms, p99 %,d"
                            + " ms, max %,d ms%nwrites sent again %s, reads %s%n",
                    kills,
                    summary.accepted(),
                    summary.transactions(),
                    summary.refusedTransactionIds().size(),
                    summary.transactionsPerSecond(),
                    summary.balanceSumMinor(),
                    summary.writeLatency().p50Us() / 1_000,
                    summary.writeLatency().p99Us() / 1_000,
                    summary.writeLatency().maxUs() / 1_000,
                    summary.writeRetries(),
                    summary.readRetries()));
            summary.checks()
                    .forEach(check -> text.append(String.format(
                            Locale.ROOT,
                            "%,d of %,d fail: %s %s%n",
                            check.failures(),
                            check.comparisons(),
                            check.name(),
                            check.firstFailures())));
            findings.examples().forEach(example -> text.append(example).append('\n'));
            summary.errors().forEach(error -> text.append(error).append('\n'));
            return text.append(isExact() ? "exact" : "NOT EXACT").append('\n').toString();
        }
    }

    /** Runs it; blocks. */
    Result run() throws Exception {
        try {
            return runAll();
        } finally {
            close();
        }
    }

    private Result runAll() throws Exception {
        final Ground ground = lifecycle.start(
                "ground", () -> Ground.start(options.stack(folder), new Progress(out)));
        final Owners owners = lifecycle.start(
                "owners", () -> new Owners(ground.dynamoDb().endpoint(), Ground.NAME));
        final FailpointDeck unarmed = new FailpointDeck(options.seed());
        unarmed.close();
        final Children children = lifecycle.start(
                "services",
                () -> Children.start(ground, options, folder, unarmed, new Tally(), new Unmoved()));
        final PublicPort port = lifecycle.start("public port", () -> PublicPort.start(children));
        final OwnerKiller killer =
                lifecycle.start("owner killer", () -> new OwnerKiller(children, owners, everyMs));
        final Replay replay =
                lifecycle.start("replay", () -> new Replay(options(port), transactions));
        killer.start();
        final ReplaySummary summary = replay.run();
        killer.close();

        final Findings findings = new Findings();
        final LogOracle log = new LogOracle(Ground.NAME, options.partitions(), 0);
        log.read(ground.kinesis().endpoint());
        out.println(log.describe());
        log.folds().stream()
                .map(PartitionFold::contradiction)
                .filter(contradiction -> !contradiction.isEmpty())
                .forEach(contradiction -> findings.add(AnswerCheck.CONTRADICTION, contradiction));
        LogScan.scan(children.all().stream().map(Child::log).toList(), findings);
        return new Result(summary, killer.kills(), findings);
    }

    private static ReplayOptions options(final PublicPort port) {
        final ReplayOptions defaults = ReplayOptions.of(port.url(), CREDIT_LIMIT);
        return new ReplayOptions(
                port.url(),
                port.url(),
                CREDIT_LIMIT,
                CONCURRENCY,
                defaults.accountPrefix(),
                DEADLINE,
                ATTEMPT_TIMEOUT,
                defaults.maxBankDifferenceMinor(),
                defaults.sampleEvery());
    }

    /** Nobody is armed here, and no time is taken. */
    private static final class Unmoved implements Child.Parent {
        @Override
        public void onEnded(final Child child, final long pid) {
            // The service's log says why; the child starts again.
        }

        @Override
        public boolean mayBeArmed(final Child child) {
            return false;
        }
    }

    @Override
    public void close() {
        lifecycle.stop();
    }
}
