package io.ringledger.simulation;

import io.ringledger.kit.ProblemCode;
import io.ringledger.ledger.http.CommandReply;
import io.ringledger.ledger.ownership.LeaseKeeper;
import io.ringledger.ledger.ownership.Ownership;
import io.ringledger.ledger.partition.PartitionContext;
import io.ringledger.ledger.partition.PartitionCore;
import io.ringledger.ledger.partition.PartitionRecovery;
import io.ringledger.ledger.partition.RecoveredPartition;
import io.ringledger.ledger.partition.SnapshotSource;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * A process of the write side: the production lease keeper, recovery and partition core. What is ours
 * here is the ring, as a bounded queue, and the threads, as executors of the simulation.
 */
final class SimLedger implements LeaseKeeper.Listener {
    private static final int RING_SIZE = 16;
    private static final long WAKE_UP_MS = 1_000;
    private static final long DRAIN_POLL_MS = 20;
    private static final int DRAIN_POLLS = 250;

    private final World world;
    private final SimProcess process;
    private final SimLog log;
    private final Oracle oracle;
    private final PartitionContext context;
    private final SnapshotSource snapshots;
    private final LeaseKeeper keeper;
    private final SimExecutor keeperThread;
    private final SimExecutor eventLoop;
    private final Map<Integer, Tenure> tenures = new TreeMap<>();
    private boolean isStopping;

    SimLedger(
            final World world,
            final SimProcess process,
            final SimLog log,
            final SimLeaseTable leases,
            final SnapshotSource snapshots,
            final Oracle oracle,
            final PartitionContext context,
            final long leaseMs) {
        this.world = world;
        this.process = process;
        this.log = log;
        this.oracle = oracle;
        this.context = context;
        this.snapshots = snapshots;
        keeperThread = process.newThread();
        eventLoop = process.newThread();
        keeper = new LeaseKeeper(
                leases.of(process),
                process.name(),
                () -> process.name() + ":8080",
                context.partitions(),
                leaseMs,
                keeperThread,
                process::nanoTime,
                process::nextRandom,
                this);
        process.onBurial(() -> tenures.values().forEach(Tenure::bury));
    }

    SimProcess process() {
        return process;
    }

    void start() {
        keeper.start();
    }

    /** What is asked over HTTP is answered on this. */
    Executor eventLoop() {
        return eventLoop;
    }

    boolean isServing(final int partition) {
        final Tenure tenure = tenures.get(partition);
        return process.isAlive() && tenure != null && tenure.isOpen();
    }

    /** The epoch of what it serves; 0 if it does not. */
    long servingEpoch(final int partition) {
        final Tenure tenure = tenures.get(partition);
        return tenure != null && tenure.isOpen() ? tenure.ownership.epoch() : 0;
    }

    /**
     * Takes a command.
     *
     * @return null, or why it was not applied and never will be
     */
    @Nullable ProblemCode publish(final int partition, final List<Ask> asks, final CommandReply reply) {
        final Tenure tenure = tenures.get(partition);
        if (tenure == null || !tenure.isOpen()) {
            return ProblemCode.NO_OWNER;
        }
        return tenure.publish(asks, reply) ? null : ProblemCode.OVERLOADED;
    }

    /** Compares the states that have nothing on their way with the log. */
    void audit() {
        tenures.values().forEach(Tenure::audit);
    }

    @Override
    public void onAcquired(final int partition, final Ownership ownership) {
        final Tenure tenure = new Tenure(partition, ownership);
        world.trace(process.name(), "acquired", partition, ownership.epoch(), null);
        world.tally().count("leases taken");
        tenures.put(partition, tenure);
        tenure.begin();
    }

    @Override
    public void onLost(final int partition) {
        world.trace(process.name(), "lost", partition, 0, null);
        world.tally().count("leases lost");
        final Tenure tenure = tenures.remove(partition);
        if (tenure != null) {
            tenure.abandon();
        }
    }

    @Override
    public void onGiveUp(final int partition) {
        world.trace(process.name(), "gives up", partition, 0, null);
        world.tally().count("leases given up for balance");
        giveBack(partition, () -> {});
    }

    @Override
    public void onFailure(final Throwable cause) {
        world.violate("halt", process + " stops: " + Texts.of(cause));
    }

    /** Ends in good order: everything that was taken is answered, the leases are given back. */
    void stop(final Runnable whenDone) {
        if (isStopping) {
            return;
        }
        isStopping = true;
        keeper.stopTaking();
        final List<Integer> mine = List.copyOf(tenures.keySet());
        final int[] left = {mine.size()};
        final Runnable leave = () -> keeper.leave()
                .whenComplete((done, failure) -> keeperThread.execute(() -> {
                    process.crash();
                    whenDone.run();
                }));
        if (mine.isEmpty()) {
            leave.run();
        }
        for (final int partition : mine) {
            giveBack(partition, () -> {
                if (--left[0] == 0) {
                    leave.run();
                }
            });
        }
    }

    private void giveBack(final int partition, final Runnable whenDone) {
        final Tenure tenure = tenures.remove(partition);
        if (tenure == null) {
            whenDone.run();
            return;
        }
        process.onBurial(tenure::bury);
        tenure.drain(DRAIN_POLLS, isDrained -> {
            if (isDrained) {
                keeper.release(tenure.ownership).whenComplete((done, failure) -> whenDone.run());
            } else {
                keeper.drop(tenure.ownership);
                whenDone.run();
            }
        });
    }

    /** Hears how a drain ended. */
    @FunctionalInterface
    private interface Drained {
        void onEnd(boolean isDrained);
    }

    /** A command in the ring. */
    private record Slot(Ask ask, CommandReply reply, int index) {}

    /** One ownership of one partition, from its recovery to its end. */
    private final class Tenure implements PartitionCore.Listener {
        private final int partition;
        private final Ownership ownership;
        private final SimPartitionLog partitionLog;
        private final SimExecutor appender;
        private final SimExecutor writer;
        private final PartitionRecovery recovery;
        private final Deque<Slot> ring = new ArrayDeque<>();
        private @Nullable PartitionCore core;
        private boolean isOpen;
        private boolean hasEnded;
        private boolean isWoken;
        private boolean isAbandoned;

        Tenure(final int partition, final Ownership ownership) {
            this.partition = partition;
            this.ownership = ownership;
            partitionLog = new SimPartitionLog(world, log, process, partition);
            appender = process.newThread();
            writer = process.newThread();
            recovery = new PartitionRecovery(
                    partition,
                    context,
                    partitionLog,
                    snapshots,
                    ownership,
                    appender,
                    process::nanoTime,
                    process::nextRandom);
        }

        boolean isOpen() {
            return isOpen;
        }

        void begin() {
            recovery.start().whenComplete((recovered, failure) -> {
                if (failure == null) {
                    serve(recovered);
                } else if (!(failure instanceof CancellationException) && process.isAlive()) {
                    world.violate(
                            "halt",
                            process + " cannot recover partition " + partition + ": "
                                    + Texts.of(failure));
                }
            });
        }

        private void serve(final RecoveredPartition recovered) {
            if (hasEnded || !process.isAlive()) {
                return;
            }
            world.trace(
                    process.name(),
                    "serves",
                    partition,
                    ownership.epoch(),
                    "sequence " + recovered.chain().sequence());
            world.tally().count("partitions recovered");
            if (recovered.fromSequence() > 0) {
                world.tally().count("partitions recovered from a snapshot");
            }
            oracle.onRecovered(recovered.chain(), recovered.model(), process.name());
            core = new PartitionCore(
                    context,
                    recovered,
                    partitionLog,
                    ownership,
                    appender,
                    process::nanoTime,
                    process::nextRandom,
                    this);
            isOpen = true;
            final ScheduledFuture<?> _ = writer.scheduleWithFixedDelay(
                    this::write, WAKE_UP_MS, WAKE_UP_MS, TimeUnit.MILLISECONDS);
        }

        boolean publish(final List<Ask> asks, final CommandReply reply) {
            if (ring.size() + asks.size() > RING_SIZE) {
                return false;
            }
            for (int i = 0; i < asks.size(); i++) {
                ring.add(new Slot(asks.get(i), reply, i));
            }
            wake();
            return true;
        }

        private void wake() {
            if (!isWoken) {
                isWoken = true;
                writer.execute(this::write);
            }
        }

        /** What the writer thread does with the ring. */
        private void write() {
            isWoken = false;
            final PartitionCore running = core;
            if (running == null) {
                return;
            }
            if (isAbandoned) {
                running.abandonGrowing();
                failRing();
                return;
            }
            try {
                final long clockMs = process.wallMs();
                while (!ring.isEmpty() && running.hasRoom(clockMs)) {
                    final Slot slot = ring.remove();
                    running.submit(slot.ask().toCommand(), clockMs, slot.reply(), slot.index());
                }
                if (ring.isEmpty()) {
                    running.flush(clockMs);
                }
            } catch (final RuntimeException | Error e) {
                onFailure(e);
            }
        }

        private void failRing() {
            while (!ring.isEmpty()) {
                final Slot slot = ring.remove();
                slot.reply()
                        .eventLoop()
                        .execute(() -> slot.reply().onFailed(slot.index(), ProblemCode.NO_OWNER));
            }
        }

        void abandon() {
            hasEnded = true;
            isOpen = false;
            isAbandoned = true;
            recovery.cancel();
            final PartitionCore running = core;
            if (running != null) {
                running.abandon();
                wake();
            }
        }

        void drain(final int polls, final Drained whenDone) {
            hasEnded = true;
            isOpen = false;
            recovery.cancel();
            final PartitionCore running = core;
            if (running == null) {
                whenDone.onEnd(true);
            } else if (ring.isEmpty() && running.isQuiet()) {
                audit();
                running.close();
                whenDone.onEnd(true);
            } else if (polls == 0) {
                abandon();
                whenDone.onEnd(false);
            } else {
                final ScheduledFuture<?> _ = keeperThread.schedule(
                        () -> drain(polls - 1, whenDone), DRAIN_POLL_MS, TimeUnit.MILLISECONDS);
            }
        }

        /** Gives native memory back, after the process has ended. */
        void bury() {
            hasEnded = true;
            isOpen = false;
            recovery.cancel();
            final PartitionCore running = core;
            if (running != null) {
                running.close();
            }
        }

        void audit() {
            final PartitionCore running = core;
            if (running != null && ring.isEmpty() && running.isQuiet() && !isAbandoned) {
                oracle.onLiveState(partition, ownership.epoch(), running.model(), process.name());
            }
        }

        @Override
        public void onRoom() {
            wake();
        }

        @Override
        public void onFrame(
                final int events, final int replies, final int recordBytes, final long appendNs) {
            world.tally().count("frames acknowledged by the log");
        }

        @Override
        public void onRetry(final Throwable cause) {
            world.tally().count("appends tried again");
        }

        @Override
        public void onOwnershipLost() {
            world.trace(process.name(), "ownership lost", partition, ownership.epoch(), null);
        }

        @Override
        public void onFailure(final Throwable cause) {
            world.violate(
                    "halt", process + " stops, partition " + partition + ": " + Texts.of(cause));
        }
    }
}
