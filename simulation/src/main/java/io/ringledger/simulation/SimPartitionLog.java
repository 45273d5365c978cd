package io.ringledger.simulation;

import io.ringledger.ledger.log.LogPosition;
import io.ringledger.ledger.log.LogReader;
import io.ringledger.ledger.log.PartitionLog;
import io.ringledger.model.frame.EpochMarker;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The log as one process sees it, through a network that loses, delays and doubles. */
final class SimPartitionLog implements PartitionLog {
    private static final long FASTEST_NS = 500_000;
    private static final long USUAL_NS = 6_000_000;
    private static final int CANARY_ONE_IN = 20;
    private static final long PAUSE_NS = 8_000_000_000L;
    private static final long LATE_NS = 12_000_000_000L;

    private final World world;
    private final SimLog log;
    private final SimProcess process;
    private final int partition;
    private final SplittableRandom random;

    SimPartitionLog(
            final World world, final SimLog log, final SimProcess process, final int partition) {
        this.world = world;
        this.log = log;
        this.process = process;
        this.partition = partition;
        random = world.draws().of("append");
    }

    @Override
    public CompletionStage<LogPosition> append(
            final byte[] record, final @Nullable LogPosition after, final long timeoutMs) {
        final CompletableFuture<LogPosition> call = process.newCall();
        final byte[] sent = record.clone();
        final long timeoutNs = process.worldNs(TimeUnit.MILLISECONDS.toNanos(timeoutMs));
        world.trace(process.name(), "append", partition, record.length, null);
        if (world.fires(Fault.LEDGER_PAUSE_AT_APPEND)) {
            process.pauseFor(random.nextLong(PAUSE_NS));
        }
        final long there = latencyNs();
        final long back = there + latencyNs();
        if (world.isCanary() && random.nextInt(CANARY_ONE_IN) == 0) {
            process.answer(back, () -> call.complete(new LogPosition("canary", "never there")));
        } else if (world.fires(Fault.APPEND_THROTTLED)) {
            fail(call, back, "throttled");
        } else if (world.fires(Fault.APPEND_REFUSED)) {
            fail(call, back, "internal failure");
        } else if (world.fires(Fault.APPEND_ERROR_LANDED)) {
            land(sent, there);
            fail(call, back, "connection reset");
        } else if (world.fires(Fault.APPEND_TIMEOUT_LANDED)) {
            land(sent, there);
            timeOut(call, timeoutNs);
        } else if (world.fires(Fault.APPEND_TIMEOUT_LOST)) {
            timeOut(call, timeoutNs);
        } else if (world.fires(Fault.APPEND_LATE)) {
            land(sent, timeoutNs + random.nextLong(LATE_NS));
            timeOut(call, timeoutNs);
        } else if (isLateAfterMarker(sent)) {
            log.landAfterMarker(partition, sent);
            timeOut(call, timeoutNs);
        } else {
            final boolean isSlow = world.fires(Fault.APPEND_SLOW);
            final long slowness = isSlow ? random.nextLong(3 * timeoutNs) : 0;
            if (world.fires(Fault.APPEND_TWICE)) {
                land(sent, there + slowness + latencyNs());
            }
            timeOut(call, timeoutNs);
            world.in(there + slowness, null, () -> {
                final LogPosition position = log.land(partition, sent);
                process.answer(back - there, () -> {
                    if (call.complete(position)) {
                        world.trace(process.name(), "append ok", partition, sent.length, null);
                    }
                });
            });
        }
        return call;
    }

    /** Counted when it gets there: there may never be another marker. */
    private boolean isLateAfterMarker(final byte[] record) {
        return !EpochMarker.isMarker(record)
                && !world.isHealed()
                && world.has(Fault.APPEND_LATE_AFTER_MARKER)
                && world.streamOf(Fault.APPEND_LATE_AFTER_MARKER).nextDouble()
                        < Fault.APPEND_LATE_AFTER_MARKER.probability();
    }

    private long latencyNs() {
        return FASTEST_NS + random.nextLong(USUAL_NS);
    }

    private void land(final byte[] record, final long delayNs) {
        world.in(delayNs, null, () -> log.land(partition, record));
    }

    private void fail(
            final CompletableFuture<LogPosition> call, final long delayNs, final String why) {
        process.answer(delayNs, () -> {
            world.trace(process.name(), "append failed", partition, 0, why);
            call.completeExceptionally(new IOException(why));
        });
    }

    private void timeOut(final CompletableFuture<LogPosition> call, final long timeoutNs) {
        process.answer(timeoutNs, () -> {
            if (call.completeExceptionally(new TimeoutException("no answer"))) {
                world.trace(process.name(), "append timed out", partition, 0, null);
            }
        });
    }

    @Override
    public LogReader reader(final @Nullable LogPosition from) {
        return new SimLogReader(world, log, process, partition, from);
    }
}
