package io.ringledger.simulation;

import io.ringledger.ledger.ownership.Lease;
import io.ringledger.ledger.partition.PartitionContext;
import io.ringledger.model.ModelContext;
import io.ringledger.snapshots.SnapshotName;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * One seed: builds its world, lets things go wrong for a while, heals everything, and waits until all
 * has converged. What must never be wrong is checked all along by the {@link Oracle}.
 */
final class Simulation {
    /** How long after the healing everything must be well again. */
    private static final long CONVERGENCE_NS = 90_000_000_000L;

    private static final long POLL_NS = 500_000_000L;
    private static final long AUDIT_NS = 1_500_000_000L;
    private static final int FRAME_EVENT_BYTES = 2_560;
    private static final int FRAME_REPLIES = 8;
    private static final int FRAMES = 4;
    private static final int EXPECTED_ROWS = 32;
    private static final long APPEND_TIMEOUT_MS = 300;

    /** What became of a seed. */
    record Result(
            long seed,
            @Nullable Violation violation,
            long traceHash,
            List<String> trace,
            long simulatedNs,
            Tally tally) {}

    private final Scenario scenario;
    private final World world;
    private final Trace trace;
    private final Oracle oracle;
    private final SimLog log;
    private final SimLeaseTable leases;
    private final SimViewStore views;
    private final SimKcl projectorKcl;
    private final SimKcl followerKcl;
    private final SimSnapshotStore snapshots;
    private final SimClients clients;
    private final List<Chaos<SimLedger>> ledgers = new ArrayList<>();
    private final List<Chaos<SimProjector>> projectors = new ArrayList<>();
    private final List<Chaos<SimFollower>> followers = new ArrayList<>();
    private final SplittableRandom hashSeeds;
    private final long seed;
    private final boolean isTraceKept;

    private Simulation(final long seed, final boolean isTraceKept, final boolean isCanary) {
        this.seed = seed;
        this.isTraceKept = isTraceKept;
        final Draws draws = new Draws(seed);
        scenario = Scenario.of(draws);
        trace = new Trace(isTraceKept);
        final Tally tally = new Tally();
        final TreeMap<Fault, Double> strengths = new TreeMap<>(scenario.strengths());
        world = new World(
                draws,
                trace,
                strengths,
                tally,
                scenario.faultNs() + CONVERGENCE_NS + POLL_NS,
                isCanary);
        hashSeeds = draws.of("hash seeds");
        oracle = new Oracle(world, scenario.partitions(), modelContext());
        log = new SimLog(world, scenario.partitions(), scenario.shards(), oracle::onRecord);
        leases = new SimLeaseTable(world);
        views = new SimViewStore(world, oracle, scenario.partitions());
        projectorKcl = new SimKcl(world, log, "projector", false);
        followerKcl = new SimKcl(world, log, "follower", true);
        snapshots = new SimSnapshotStore(world, oracle, scenario.partitions(), this::modelContext);
        clients = new SimClients(
                world,
                oracle,
                scenario.partitions(),
                scenario.commands(),
                scenario.windowMs(),
                this::liveLedgers);
    }

    /**
     * Runs one seed.
     *
     * @param isTraceKept whether the whole trace is kept, not only its end
     */
    static Result run(final long seed, final boolean isTraceKept) {
        return run(new Simulation(seed, isTraceKept, false));
    }

    /** The broken rule of a seed, or null: for who runs it from outside, by its name. */
    static @Nullable String violationOf(final long seed) {
        final Violation violation = run(seed, false).violation();
        return violation == null ? null : violation.toString();
    }

    /** The same in a world that breaks its promises: has to find a violation. */
    static Result runCanary(final long seed) {
        return run(new Simulation(seed, false, true));
    }

    private static Result run(final Simulation simulation) {
        try {
            return simulation.run();
        } finally {
            simulation.close();
        }
    }

    private Result run() {
        world.trace("world", "BEGINS", scenario.partitions(), scenario.machines(), scenario);
        final Chaos.Kinds ledgerKinds =
                new Chaos.Kinds(Fault.LEDGER_CRASH, Fault.LEDGER_PAUSE, Fault.LEDGER_STOP);
        for (int i = 0; i < scenario.machines(); i++) {
            ledgers.add(new Chaos<>(
                    world,
                    "ledger-" + i,
                    ledgerKinds,
                    12_000_000_000L,
                    (process, run) -> startLedger(process),
                    SimLedger::stop));
        }
        final Chaos.Kinds projectorKinds =
                new Chaos.Kinds(Fault.PROJECTOR_CRASH, Fault.PROJECTOR_PAUSE, null);
        for (int i = 0; i < 2; i++) {
            projectors.add(new Chaos<>(
                    world,
                    "projector-" + i,
                    projectorKinds,
                    14_000_000_000L,
                    (process, run) -> startProjector(process),
                    (running, whenDone) -> {}));
        }
        final Chaos.Kinds followerKinds =
                new Chaos.Kinds(Fault.FOLLOWER_CRASH, Fault.FOLLOWER_PAUSE, null);
        for (int i = 0; i < 2; i++) {
            followers.add(new Chaos<>(
                    world,
                    "follower-" + i,
                    followerKinds,
                    14_000_000_000L,
                    (process, run) -> startFollower(process),
                    (running, whenDone) -> {}));
        }
        ledgers.forEach(Chaos::begin);
        projectors.forEach(Chaos::begin);
        followers.forEach(Chaos::begin);
        clients.start(scenario.faultNs());
        world.in(AUDIT_NS, null, this::audit);
        scheduleWorldFaults();
        world.at(scenario.faultNs(), null, this::heal);
        world.run();
        return new Result(
                seed,
                world.violation(),
                trace.hash(),
                isTraceKept || world.violation() != null ? trace.lines() : List.of(),
                world.nowNs(),
                world.tally());
    }

    private SimLedger startLedger(final SimProcess process) {
        final PartitionContext context = new PartitionContext(
                scenario.partitions(),
                16,
                FRAMES,
                FRAME_EVENT_BYTES,
                FRAME_REPLIES,
                APPEND_TIMEOUT_MS,
                modelContext());
        final SimLedger ledger = new SimLedger(
                world,
                process,
                log,
                leases,
                new SimSnapshots(
                        world, process, snapshots, scenario.partitions(), this::modelContext),
                oracle,
                context,
                scenario.leaseMs());
        ledger.start();
        return ledger;
    }

    private SimProjector startProjector(final SimProcess process) {
        final SimProjector projector =
                new SimProjector(world, process, views, scenario.partitions());
        projector.start(projectorKcl);
        return projector;
    }

    private SimFollower startFollower(final SimProcess process) {
        final SimFollower follower = new SimFollower(
                world, process, log, snapshots, scenario.partitions(), this::modelContext);
        follower.start(followerKcl);
        return follower;
    }

    /** Each model hashes by another secret. */
    private ModelContext modelContext() {
        return new ModelContext(
                scenario.windowMs(),
                EXPECTED_ROWS,
                Integer.MAX_VALUE,
                EXPECTED_ROWS,
                Integer.MAX_VALUE,
                hashSeeds.nextLong(),
                hashSeeds.nextLong());
    }

    private List<SimLedger> liveLedgers() {
        return ledgers.stream().map(Chaos::running).filter(Objects::nonNull).toList();
    }

    private void scheduleWorldFaults() {
        final SplittableRandom random = world.draws().of("world faults");
        repeat(Fault.SHARD_SPLIT, 15, log::split);
        repeat(Fault.SHARD_MERGE, 15, log::merge);
        repeat(Fault.LEASE_TABLE_AWAY, 15, () -> {
            world.fired(Fault.LEASE_TABLE_AWAY);
            leases.away(random.nextLong(6_000_000_000L));
        });
        repeat(Fault.LEASE_WRITES_AWAY, 5, () -> {
            final List<SimLedger> live = liveLedgers();
            if (!live.isEmpty()) {
                world.fired(Fault.LEASE_WRITES_AWAY);
                leases.mute(
                        live.get(random.nextInt(live.size())).process(),
                        random.nextLong(10_000_000_000L));
            }
        });
        repeat(Fault.KCL_LEASE_LOST, 7, () -> {
            if (anyKcl(random).loseLease(false)) {
                world.fired(Fault.KCL_LEASE_LOST);
            }
        });
        repeat(Fault.KCL_TWO_WORKERS, 7, () -> {
            if (anyKcl(random).loseLease(true)) {
                world.fired(Fault.KCL_TWO_WORKERS);
            }
        });
    }

    private SimKcl anyKcl(final SplittableRandom random) {
        return random.nextInt(3) == 0 ? followerKcl : projectorKcl;
    }

    private void repeat(final Fault fault, final int meanSeconds, final Runnable work) {
        if (!world.has(fault)) {
            return;
        }
        final SplittableRandom random = world.streamOf(fault);
        final long delayNs =
                1 + (long) (-Math.log(1 - random.nextDouble()) * meanSeconds * 1_000_000_000L);
        world.in(delayNs, null, () -> {
            if (!world.isHealed()) {
                work.run();
                repeat(fault, meanSeconds, work);
            }
        });
    }

    private void audit() {
        liveLedgers().forEach(SimLedger::audit);
        world.in(AUDIT_NS, null, this::audit);
    }

    private void heal() {
        world.heal();
        ledgers.forEach(Chaos::heal);
        projectors.forEach(Chaos::heal);
        followers.forEach(Chaos::heal);
        awaitConvergence();
    }

    private void awaitConvergence() {
        if (clients.areAllAnswered() && areAllOwned()) {
            clients.askAllAgain();
            if (clients.areAllAnswered() && areViewsWhole() && areSnapshotsWhole()) {
                checkEnd();
                world.finish();
                return;
            }
        }
        if (world.nowNs() > scenario.faultNs() + CONVERGENCE_NS) {
            world.violate(
                    "liveness",
                    "not converged in " + CONVERGENCE_NS / 1_000_000_000
                            + " s after everything was healed: answered=" + clients.areAllAnswered()
                            + ", owned=" + areAllOwned() + ", views=" + areViewsWhole()
                            + ", snapshots="
                            + areSnapshotsWhole() + owners());
            return;
        }
        world.in(POLL_NS, null, this::awaitConvergence);
    }

    private boolean areAllOwned() {
        for (int partition = 0; partition < scenario.partitions(); partition++) {
            final int number = partition;
            final Lease lease = leases.truth(partition);
            final boolean isServed = lease != null
                    && oracle.log(partition).fence() == lease.epoch()
                    && liveLedgers().stream()
                            .anyMatch(ledger -> ledger.servingEpoch(number) == lease.epoch());
            if (!isServed) {
                return false;
            }
        }
        return true;
    }

    /** Who owns what, and who serves it, in words. */
    private String owners() {
        final StringBuilder text = new StringBuilder();
        for (int partition = 0; partition < scenario.partitions(); partition++) {
            final int number = partition;
            text.append("; partition ")
                    .append(partition)
                    .append(": ")
                    .append(leases.truth(partition))
                    .append(", fence ")
                    .append(oracle.log(partition).fence());
            liveLedgers()
                    .forEach(ledger -> text.append(", ")
                            .append(ledger.process())
                            .append(" serves ")
                            .append(ledger.servingEpoch(number)));
        }
        return text.toString();
    }

    private boolean areViewsWhole() {
        for (int partition = 0; partition < scenario.partitions(); partition++) {
            if (views.rows(partition).progress().frame()
                            != oracle.log(partition).frames().size()
                    || views.rows(partition).progress().epoch()
                            != oracle.log(partition).fence()) {
                return false;
            }
        }
        return true;
    }

    private boolean areSnapshotsWhole() {
        for (int partition = 0; partition < scenario.partitions(); partition++) {
            final CanonicalLog whole = oracle.log(partition);
            final SnapshotName newest = snapshots.newestWritten(partition);
            if (newest == null
                    || newest.sequence() != whole.events().size()
                    || newest.epoch() != whole.fence()) {
                return false;
            }
        }
        return true;
    }

    private void checkEnd() {
        audit();
        for (int partition = 0; partition < scenario.partitions(); partition++) {
            oracle.guarded(oracle.log(partition)::verify);
            oracle.onView(views.rows(partition));
        }
    }

    private void close() {
        ledgers.forEach(Chaos::bury);
        projectors.forEach(Chaos::bury);
        followers.forEach(Chaos::bury);
        oracle.close();
    }
}
