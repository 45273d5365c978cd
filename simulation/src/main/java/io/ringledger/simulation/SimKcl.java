package io.ringledger.simulation;

import org.jspecify.annotations.Nullable;

import software.amazon.kinesis.exceptions.InvalidStateException;
import software.amazon.kinesis.exceptions.KinesisClientLibDependencyException;
import software.amazon.kinesis.exceptions.ShutdownException;
import software.amazon.kinesis.exceptions.ThrottlingException;
import software.amazon.kinesis.lifecycle.events.InitializationInput;
import software.amazon.kinesis.lifecycle.events.LeaseLostInput;
import software.amazon.kinesis.lifecycle.events.ProcessRecordsInput;
import software.amazon.kinesis.lifecycle.events.ShardEndedInput;
import software.amazon.kinesis.processor.ShardRecordProcessor;
import software.amazon.kinesis.retrieval.KinesisClientRecord;
import software.amazon.kinesis.retrieval.kpl.ExtendedSequenceNumber;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;

/**
 * One application of KCL: a table with a lease and a checkpoint per shard, and workers that hold
 * them. As the real one it delivers at least once and from the checkpoint on, starts a child when its
 * parents are done, does not tell a worker at once that its lease is gone, and skips the records of a
 * call that throws.
 */
final class SimKcl {
    private static final long TICK_NS = 700_000_000L;
    private static final long POLL_NS = 220_000_000L;
    private static final long FAILOVER_NS = 4_000_000_000L;
    private static final long CHECKPOINT_NS = 4_000_000L;
    private static final int MAX_BATCH = 30;
    private static final int MAX_REPEATED = 12;
    private static final String SHARD_END = "SHARD_END";
    private static final String TRIM_HORIZON = "TRIM_HORIZON";

    /** The row of a shard. */
    private static final class Row {
        private @Nullable Worker owner;
        private long counter;
        private String checkpoint = TRIM_HORIZON;
        private long renewedNs;
    }

    /** A shard as one worker works on it. */
    interface HeldShard {
        /** Whether the worker still holds the lease. */
        boolean isHeld();

        /** Lets the lease go. */
        void giveUp();
    }

    private final World world;
    private final SimLog log;
    private final String name;
    private final boolean isCalledWithoutRecords;
    private final SplittableRandom random;
    private final Map<String, Row> rows = new LinkedHashMap<>();
    private final List<Worker> workers = new ArrayList<>();

    SimKcl(
            final World world,
            final SimLog log,
            final String name,
            final boolean isCalledWithoutRecords) {
        this.world = world;
        this.log = log;
        this.name = name;
        this.isCalledWithoutRecords = isCalledWithoutRecords;
        random = world.draws().of("kcl " + name);
    }

    /**
     * A process begins to work.
     *
     * @param newProcessor makes the processor of a shard
     */
    Worker start(
            final SimProcess process,
            final Function<HeldShard, ShardRecordProcessor> newProcessor) {
        final Worker worker = new Worker(process, newProcessor);
        workers.removeIf(old -> !old.process.isAlive());
        workers.add(worker);
        worker.tick();
        return worker;
    }

    /** Takes a lease away from whoever holds it; false if nobody does. */
    boolean loseLease(final boolean isNoticedLate) {
        final List<Row> held =
                rows.values().stream().filter(row -> row.owner != null).toList();
        if (held.isEmpty()) {
            return false;
        }
        final Row row = held.get(random.nextInt(held.size()));
        final Worker before = row.owner;
        final List<Worker> others = workers.stream()
                .filter(worker -> worker != before && worker.process.isAlive())
                .toList();
        if (isNoticedLate && others.isEmpty()) {
            return false;
        }
        row.counter++;
        row.owner = isNoticedLate ? others.get(random.nextInt(others.size())) : null;
        row.renewedNs = world.nowNs();
        if (isNoticedLate && before != null) {
            before.noticeNs = world.nowNs() + random.nextLong(FAILOVER_NS);
        }
        return true;
    }

    private Row row(final SimLog.Shard shard) {
        return rows.computeIfAbsent(shard.id(), id -> new Row());
    }

    private boolean isReady(final SimLog.Shard shard) {
        return !row(shard).checkpoint.equals(SHARD_END)
                && shard.parents().stream()
                        .allMatch(parent -> row(parent).checkpoint.equals(SHARD_END));
    }

    /** A process with the consumers of its shards. */
    final class Worker {
        private final SimProcess process;
        private final Function<HeldShard, ShardRecordProcessor> newProcessor;
        private final Map<String, Consumer> consumers = new LinkedHashMap<>();
        private long noticeNs;

        Worker(
                final SimProcess process,
                final Function<HeldShard, ShardRecordProcessor> newProcessor) {
            this.process = process;
            this.newProcessor = newProcessor;
        }

        private void tick() {
            for (final SimLog.Shard shard : log.shards()) {
                final Row row = row(shard);
                if (row.owner == this) {
                    row.renewedNs = world.nowNs();
                } else if (isReady(shard) && isToBeHad(row)) {
                    row.owner = this;
                    row.counter++;
                    row.renewedNs = world.nowNs();
                }
                final Consumer running = consumers.get(shard.id());
                if (row.owner == this && running == null && isReady(shard)) {
                    final Consumer consumer = new Consumer(this, shard, row);
                    consumers.put(shard.id(), consumer);
                    world.in(0, process, consumer::begin);
                }
            }
            world.in(TICK_NS + random.nextLong(TICK_NS), process, this::tick);
        }

        private boolean isToBeHad(final Row row) {
            final long live =
                    workers.stream().filter(worker -> worker.process.isAlive()).count();
            final long mine = rows.values().stream()
                    .filter(each -> each.owner == this && !each.checkpoint.equals(SHARD_END))
                    .count();
            final boolean isFree = row.owner == null || world.nowNs() - row.renewedNs > FAILOVER_NS;
            return isFree && (live <= 1 || mine <= rows.size() / live || random.nextInt(3) == 0);
        }
    }

    /** One worker's work on one shard, from lease to loss. */
    private final class Consumer implements HeldShard {
        private final Worker worker;
        private final SimLog.Shard shard;
        private final Row row;
        private final long counter;
        private final ShardRecordProcessor processor;
        private int next;
        private int delivered;

        Consumer(final Worker worker, final SimLog.Shard shard, final Row row) {
            this.worker = worker;
            this.shard = shard;
            this.row = row;
            counter = row.counter;
            processor = worker.newProcessor.apply(this);
        }

        @Override
        public boolean isHeld() {
            return row.owner == worker && row.counter == counter;
        }

        @Override
        public void giveUp() {
            if (isHeld()) {
                row.owner = null;
                row.counter++;
            }
        }

        private void begin() {
            next = row.checkpoint.equals(TRIM_HORIZON) ? 0 : shard.indexOf(row.checkpoint) + 1;
            world.trace(worker.process.name(), "kcl begins " + name, next, counter, shard.id());
            processor.initialize(InitializationInput.builder()
                    .shardId(shard.id())
                    .extendedSequenceNumber(new ExtendedSequenceNumber(row.checkpoint))
                    .build());
            poll();
        }

        private void poll() {
            if (!isHeld() && world.nowNs() >= worker.noticeNs) {
                processor.leaseLost(LeaseLostInput.builder().build());
                worker.consumers.remove(shard.id());
                return;
            }
            final int visible = shard.visible(world.nowNs());
            if (next > 0 && world.fires(Fault.KCL_REDELIVERED)) {
                next = Math.max(0, next - 1 - random.nextInt(MAX_REPEATED));
            }
            if (next < visible) {
                deliver(Math.min(visible, next + 1 + random.nextInt(MAX_BATCH)));
            } else if (shard.isClosed() && next == shard.visible(Long.MAX_VALUE)) {
                end();
                return;
            } else if (isCalledWithoutRecords && random.nextInt(4) == 0) {
                deliver(next);
            }
            if (worker.process.isAlive()) {
                world.in(1 + random.nextLong(2 * POLL_NS), worker.process, this::poll);
            }
        }

        private void deliver(final int until) {
            final List<KinesisClientRecord> records = new ArrayList<>();
            for (int i = next; i < until; i++) {
                final SimLog.Entry entry = shard.entry(i);
                records.add(KinesisClientRecord.builder()
                        .sequenceNumber(entry.sequenceNumber())
                        .data(ByteBuffer.wrap(entry.data()).asReadOnlyBuffer())
                        .build());
            }
            delivered = Math.max(delivered, until);
            // Whatever becomes of the call, KCL goes on behind these records.
            next = until;
            try {
                processor.processRecords(ProcessRecordsInput.builder()
                        .records(records)
                        .checkpointer(new SimCheckpointer(this::checkpoint, until - 1))
                        .build());
            } catch (final RuntimeException e) {
                world.trace(worker.process.name(), "kcl skips", until, 0, e.toString());
            }
        }

        private void end() {
            try {
                processor.shardEnded(ShardEndedInput.builder()
                        .checkpointer(new SimCheckpointer(this::checkpoint, SimCheckpointer.END))
                        .build());
            } catch (final RuntimeException e) {
                world.trace(worker.process.name(), "kcl end failed", 0, 0, e.toString());
            }
            // Without the checkpoint of the end the lease is let go and the shard begun again.
            giveUp();
            worker.consumers.remove(shard.id());
        }

        private void checkpoint(final String sequenceNumber, final int index)
                throws InvalidStateException, ShutdownException {
            world.block(worker.process, random.nextLong(CHECKPOINT_NS));
            if (!isHeld()) {
                throw new ShutdownException("lease lost");
            }
            if (world.fires(Fault.KCL_CHECKPOINT_FAILED)) {
                if (random.nextBoolean()) {
                    throw new ThrottlingException("throttled");
                }
                throw new KinesisClientLibDependencyException("table away");
            }
            final int at =
                    index == SimCheckpointer.BY_NUMBER ? shard.indexOf(sequenceNumber) : index;
            if (at >= delivered || (at < 0 && at != SimCheckpointer.END)) {
                throw new IllegalArgumentException("checkpoint out of range: " + sequenceNumber);
            }
            if (at != SimCheckpointer.END && world.fires(Fault.KCL_CHECKPOINT_LOST)) {
                return;
            }
            row.checkpoint =
                    at == SimCheckpointer.END ? SHARD_END : shard.entry(at).sequenceNumber();
            world.trace(worker.process.name(), "kcl checkpoint " + name, at, 0, shard.id());
        }
    }
}
