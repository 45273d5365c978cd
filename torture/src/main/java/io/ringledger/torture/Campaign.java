package io.ringledger.torture;

import io.ringledger.kit.Lifecycle;
import io.ringledger.localstack.Ground;
import io.ringledger.localstack.Progress;
import io.ringledger.localstack.faults.FaultProxies;

import org.jspecify.annotations.Nullable;

import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * One campaign, from top to bottom: ground, services, load, faults, healing, check. Leaves nothing
 * running, however it ends. Used once, by one thread; {@link #close} may come from another one.
 */
final class Campaign implements AutoCloseable {
    private static final long STOP_LIMIT_MS = 20_000;
    private static final long HEAL_LIMIT_MS = 180_000;
    private static final long VIEWS_LIMIT_MS = 120_000;
    private static final long PROGRESS_NS = TimeUnit.SECONDS.toNanos(5);
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(3);
    private static final int LOAD_THREADS = 10;

    private final TortureOptions options;
    private final Path folder;
    private final PrintStream out;
    private final Lifecycle lifecycle = new Lifecycle("torture", STOP_LIMIT_MS);
    private final Tally tally = new Tally();
    private final Takeovers takeovers;
    private final FailpointDeck deck;
    private final long startNs = System.nanoTime();
    private long lastProgressNs = startNs;
    private volatile @Nullable Children family;

    /**
     * A campaign that leaves its journal and logs in a folder.
     *
     * @param out told how it goes
     */
    Campaign(final TortureOptions options, final Path folder, final PrintStream out) {
        this.options = options;
        this.folder = folder;
        this.out = out;
        deck = new FailpointDeck(options.seed());
        takeovers = new Takeovers(options.takeoverBoundMs(), this::say);
    }

    /** Runs it; blocks. */
    Report run() throws Exception {
        try {
            return runAll();
        } finally {
            close();
        }
    }

    private Report runAll() throws Exception {
        // 1. The ground, with the proxies in front of it.
        final Ground ground = lifecycle.start(
                "ground", () -> Ground.start(options.stack(folder), new Progress(out)));
        final FaultProxies proxies = ground.faults().orElseThrow();
        final Owners owners = lifecycle.start(
                "owners", () -> new Owners(ground.dynamoDb().endpoint(), Ground.NAME));

        // 2. The services.
        if (options.isOwnersOnly()) {
            deck.close();
        }
        final Children children = lifecycle.start(
                "services",
                () -> Children.start(ground, options, folder, deck, tally, new Parent(owners)));
        family = children;

        // 3. The load.
        final Path journalPath = folder.resolve("journal");
        final Journal journal = lifecycle.start("journal", () -> new Journal(journalPath));
        final Targets targets = new Targets(children.urls(Role.LEDGER));
        final LedgerHttp http = lifecycle.start(
                "client", () -> new LedgerHttp(targets, ANSWER_TIMEOUT, new Tally()));
        final LedgerHttp probeHttp = lifecycle.start(
                "probe client", () -> new LedgerHttp(targets, PROBE_TIMEOUT, new Tally()));
        final Asks asks = new Asks(options.accounts());
        final Decided decided =
                (ask, answer, sentNs) -> takeovers.onAnswer(answer.partition(), sentNs);
        final LoadClient client = new LoadClient(http, journal, asks, decided, options.perSecond());
        client.openAccounts(
                open -> sayNow(open + " of " + options.accounts() + " accounts are open"));
        say(options.accounts() + " accounts are open");
        client.start(LOAD_THREADS, options.seed());
        lifecycle.onStop("load", client::abandon);
        final Prober prober = lifecycle.start(
                "prober",
                () -> new Prober(probeHttp, journal, asks, decided, client, options.partitions()));
        prober.start();

        // 4. The faults, until the time is up.
        final FaultDriver faults = lifecycle.start(
                "faults", () -> new FaultDriver(proxies, takeovers, options.seed()));
        final Nemesis nemesis = lifecycle.start(
                "nemesis",
                () -> new Nemesis(options, children, owners, takeovers, ground.postgres(), tally));
        if (!options.isOwnersOnly()) {
            faults.start();
        }
        nemesis.run(done -> progress(done, client));

        // 5. Healing: no more faults, then every outcome becomes known.
        final long healNs = System.nanoTime();
        deck.close();
        faults.close();
        nemesis.heal();
        children.all().stream().filter(Child::isArmed).forEach(Child::kill);
        say("no more faults; every outcome is asked for again");
        client.stop();
        prober.close();
        client.resolve(
                System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(HEAL_LIMIT_MS),
                left -> sayNow(left + " commands are still without an outcome"));
        journal.close();

        // 6. The check.
        say("checking the journal against the log");
        final History history = History.read(journalPath);
        final LogOracle log = new LogOracle(Ground.NAME, options.partitions(), history.count());
        log.read(ground.kinesis().endpoint());
        final Findings findings = new Findings();
        final AnswerCheck.Unknowns unknowns = AnswerCheck.check(history, log, findings);
        say("checking the views against the log");
        final ViewCheck views = new ViewCheck(ground.postgres().jdbcUrl(), log, findings);
        views.awaitCaughtUp(VIEWS_LIMIT_MS);
        final long convergedMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - healNs);
        views.check();
        views.query(children.urls(Role.READ_MODEL).getFirst());
        final List<Path> logs = children.all().stream().map(Child::log).toList();
        LogScan.scan(logs, findings);
        return new Report(
                options,
                tally,
                deck.counts(),
                proxies.kinesis().script().fired(),
                proxies.dynamoDb().script().fired(),
                takeovers.quietMs(),
                takeovers.disturbedMs(),
                history,
                unknowns,
                log.describe(),
                convergedMs,
                TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNs),
                findings);
    }

    /** Hears of the ends that nobody here has caused at that moment. */
    private final class Parent implements Child.Parent {
        private final Owners owners;

        Parent(final Owners owners) {
            this.owners = owners;
        }

        @Override
        public void onEnded(final Child child, final long pid) {
            final Children children = family;
            if (child.role() == Role.LEDGER && children != null) {
                takeovers.onOwnerGone(owners.ownedBy(pid), children.isDisturbed(child));
            }
        }

        @Override
        public boolean mayBeArmed(final Child child) {
            final Children children = family;
            return children != null
                    && (children.of(child.role()).size() == 1 || children.hasDeputy(child));
        }
    }

    private void progress(final double done, final LoadClient client) {
        sayNow(String.format(
                Locale.ROOT,
                "%3.0f %%: %,d kills (%,d at failpoints), %,d pauses, %,d acknowledged, %,d open;"
                        + " takeovers open, by partition: %s",
                100 * done,
                tally.sum("kill/") + tally.sum("failpoint/"),
                tally.sum("failpoint/"),
                tally.sum("pause/"),
                client.acknowledged(),
                client.unresolved(),
                takeovers.open()));
    }

    /** Unless something was said only just now. */
    private void sayNow(final String line) {
        final long nowNs = System.nanoTime();
        if (nowNs - lastProgressNs >= PROGRESS_NS) {
            lastProgressNs = nowNs;
            say(line);
        }
    }

    private void say(final String line) {
        out.printf(Locale.ROOT, "[%6.1f s] %s%n", (System.nanoTime() - startNs) / 1e9, line);
        out.flush();
    }

    /** Ends everything that was started, the last first. */
    @Override
    public void close() {
        lifecycle.stop();
    }
}
