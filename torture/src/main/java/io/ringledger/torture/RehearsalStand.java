package io.ringledger.torture;

import io.ringledger.kit.Lifecycle;
import io.ringledger.localstack.Environments;
import io.ringledger.localstack.Ground;
import io.ringledger.localstack.Progress;
import io.ringledger.localstack.StackOptions;
import io.ringledger.verifier.VerifyMain;

import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Where rehearsals take place: emulators, a fleet of real processes, and clients that write, ask all
 * the time, and read back. One rehearsal after the other, each under load, each checked as a whole:
 * every answer since the stand was started against the log, the views against the log, and both
 * by {@code verify}. Used by one thread; {@link #close} may come from another one.
 */
final class RehearsalStand implements AutoCloseable {
    private static final long STOP_LIMIT_MS = 30_000;
    private static final int LOAD_THREADS = 6;

    /** Longer than a ledger takes at most (RINGLEDGER_ANSWER_TIMEOUT_MS): no client gives up first. */
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(45);

    private final RehearsalOptions options;
    private final Path folder;
    private final PrintStream out;
    private final Lifecycle lifecycle = new Lifecycle("rehearsal", STOP_LIMIT_MS);
    private final long startNs = System.nanoTime();
    private final Asks asks;
    private final Unserved unserved;
    private final FirstWritten written;
    private final StackOptions stack;
    private final Ground ground;
    private final Fleet fleet;
    private final Journal journal;
    private boolean areAccountsOpen;

    private RehearsalStand(final RehearsalOptions options, final Path folder, final PrintStream out)
            throws Exception {
        this.options = options;
        this.folder = folder;
        this.out = out;
        asks = new Asks(options.accounts());
        unserved = new Unserved(options.partitions());
        written = new FirstWritten(options.partitions());
        stack = options.stack(snapshots());
        try {
            ground = lifecycle.start(
                    "ground", () -> Ground.start(stack, options.shards(), new Progress(out)));
            fleet = lifecycle.start("services", () -> new Fleet(ground, stack, folder));
            journal = lifecycle.start("journal", () -> new Journal(journalPath()));
        } catch (final Exception e) {
            lifecycle.stop();
            throw e;
        }
    }

    /**
     * Starts emulators and services, and waits until all are ready; blocks.
     *
     * @param folder for journal, snapshots and logs
     * @param out told how it goes
     */
    static RehearsalStand start(
            final RehearsalOptions options, final Path folder, final PrintStream out)
            throws Exception {
        // Verify, in this process, looks for credentials as it does on AWS.
        System.setProperty("aws.accessKeyId", "local");
        System.setProperty("aws.secretAccessKey", "local");
        System.setProperty("aws.region", "us-east-1");
        final RehearsalStand stand = new RehearsalStand(options, folder, out);
        try {
            stand.startServices();
            return stand;
        } catch (final Exception e) {
            stand.close();
            throw e;
        }
    }

    private void startServices() throws Exception {
        start(Role.CONSUMER, options.consumers());
        start(Role.LEDGER, options.ledgers());
        start(Role.READ_MODEL, options.readModels());
        for (final Role role : Role.values()) {
            for (final Instance instance : fleet.of(role)) {
                fleet.awaitReady(instance);
                fleet.register(instance);
            }
        }
        awaitProjectors(options.shards());
        say("all are ready: " + options.ledgers() + " ledger, " + options.consumers()
                + " kinesis-consumer, " + options.readModels() + " read-model");
    }

    private void start(final Role role, final int count) throws Exception {
        for (int i = 0; i < count; i++) {
            fleet.start(role);
        }
    }

    /** What is done while clients go on. */
    interface Steps {
        /** Does it; what is worth telling goes into the report. */
        void run(Facts facts) throws Exception;

        /** Looks at more than everybody does, once clients are done and views where the log ends. */
        default void check(final Findings findings) throws Exception {
            // Most need no more.
        }
    }

    /** Runs a rehearsal under load, and checks everything. Blocks. */
    RehearsalReport rehearse(final String name, final Steps steps) throws Exception {
        final Tally tally = new Tally();
        final Facts facts = new Facts();
        final int stoppedBefore = fleet.stopped().size();
        final Load load = new Load(tally);
        try {
            load.start();
            say(name + ": clients are at work");
            steps.run(facts);
        } finally {
            say(name + ": done, every outcome is asked for again");
            load.stop();
        }
        final Findings findings = new Findings();
        check(findings, facts);
        steps.check(findings);
        final List<Instance.Stopped> stopped =
                fleet.stopped().subList(stoppedBefore, fleet.stopped().size());
        return new RehearsalReport(name, facts, tally, unserved.longestMs(), stopped, findings);
    }

    /** The clients of one rehearsal. */
    private final class Load {
        private final LedgerHttp http;
        private final LoadClient client;
        private final Prober prober;
        private final QueryLoad queries;

        Load(final Tally tally) {
            final Targets ledgers = fleet.targets(Role.LEDGER);
            http = new LedgerHttp(ledgers, ANSWER_TIMEOUT, tally);
            queries = new QueryLoad(
                    fleet.targets(Role.READ_MODEL),
                    tally,
                    options.accounts(),
                    options.partitions());
            final Decided decided = (ask, answer, sentNs) -> {
                unserved.onAnswer(answer.partition(), System.nanoTime());
                queries.onDecided(ask, answer, sentNs);
                written.onDecided(ask, answer, sentNs);
            };
            client = new LoadClient(http, journal, asks, decided, options.perSecond());
            prober = new Prober(http, journal, asks, decided, client, options.partitions());
        }

        void start() throws InterruptedException {
            if (!areAccountsOpen) {
                client.openAccounts(open -> {});
                areAccountsOpen = true;
            }
            client.start(LOAD_THREADS, options.seed());
            unserved.begin(System.nanoTime());
            prober.start();
            queries.start(options.seed());
        }

        /** Until everything has an outcome. */
        void stop() throws InterruptedException {
            unserved.end(System.nanoTime());
            client.stop();
            prober.close();
            client.resolve(
                    System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(Waits.LIMIT_MS), left -> {});
            queries.close();
            http.close();
        }
    }

    private void check(final Findings findings, final Facts facts) throws Exception {
        final History history = History.read(journalPath());
        final LogOracle log = new LogOracle(Ground.NAME, options.partitions(), history.count());
        log.read(ground.kinesis().endpoint());
        AnswerCheck.check(history, log, findings);
        final ViewCheck views = new ViewCheck(ground.postgres().jdbcUrl(), log, findings);
        views.awaitCaughtUp(Waits.LIMIT_MS);
        views.check();
        views.query(fleet.of(Role.READ_MODEL).getFirst().url());
        LogScan.scan(fleet.logs(), findings);
        facts.add("log", log.describe());
        facts.add(
                "commands since the start",
                String.format(Locale.ROOT, "%,d asked, each checked", history.asked()));
        findings.checked(VERIFY, 2);
        verify(findings, "--views");
        verify(findings, "--from-snapshots");
        fleet.lost().forEach(name -> findings.add(LOST_PROCESSES, name));
        findings.checked(LOST_PROCESSES, fleet.logs().size());
    }

    static final String VERIFY = "runs of verify that found a difference";
    static final String LOST_PROCESSES = "processes that ended by themselves";

    private void verify(final Findings findings, final String option) {
        final Map<String, String> environment = new HashMap<>(Environments.outside(ground, stack));
        environment.put("RINGLEDGER_SNAPSHOT_STORE", snapshots().toUri().toString());
        final int exitCode = VerifyMain.run(environment, option, "--read-interval-ms", "1");
        if (exitCode != 0) {
            findings.add(VERIFY, "verify " + option + " ended with " + exitCode);
        }
    }

    /**
     * Puts a new process in the place of an old one, as {@code docs/operating/upgrade.md} has it: the new
     * one first, ready before the old one is taken from the load balancer and asked to stop.
     */
    Instance replace(final Instance old) throws Exception {
        final Instance replacement = fleet.start(old.role());
        fleet.awaitReady(replacement);
        fleet.register(replacement);
        fleet.retire(old);
        say(old.name() + " is replaced by " + replacement.name());
        return replacement;
    }

    /** Waits until the projectors have so many shards, and none waits or has halted. */
    void awaitProjectors(final int shards) throws InterruptedException {
        Waits.until("the projectors have " + shards + " shards", () -> {
            fleet.requireAlive();
            return projectedShards() == shards;
        });
        for (final Instance consumer : fleet.of(Role.CONSUMER)) {
            fleet.awaitReady(consumer);
        }
    }

    int projectedShards() throws InterruptedException {
        return (int) fleet.sum(Role.CONSUMER, "ringledger_projector_shards");
    }

    /** Waits until every partition is served. */
    void awaitServed() throws InterruptedException {
        Waits.until("every partition is served", () -> {
            fleet.requireAlive();
            return (int) fleet.sum(Role.LEDGER, "ringledger_partition_served")
                    == options.partitions();
        });
    }

    Fleet fleet() {
        return fleet;
    }

    Ground ground() {
        return ground;
    }

    /** What clients have written since a moment. */
    FirstWritten written() {
        return written;
    }

    Views views() {
        return new Views(ground.postgres(), options.partitions());
    }

    RehearsalOptions options() {
        return options;
    }

    Path snapshots() {
        return folder.resolve("snapshots").toAbsolutePath().normalize();
    }

    private Path journalPath() {
        return folder.resolve("journal");
    }

    /** One line of progress, with the time since the start. */
    void say(final String line) {
        out.printf(Locale.ROOT, "[%6.1f s] %s%n", (System.nanoTime() - startNs) / 1e9, line);
        out.flush();
    }

    @Override
    public void close() {
        lifecycle.stop();
    }
}
