package io.ringledger.simulation;

import io.ringledger.ledger.log.LogPage;
import io.ringledger.ledger.log.LogPosition;
import io.ringledger.ledger.log.LogReader;
import io.ringledger.ledger.log.LogRecord;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Reads one partition's line of shards, parents first; brings nothing, too little or too much. */
final class SimLogReader implements LogReader {
    private static final long FASTEST_NS = 300_000;
    private static final long USUAL_NS = 5_000_000;
    private static final int MAX_PAGE = 40;
    private static final int MAX_REPEATED = 5;

    private final World world;
    private final SimLog log;
    private final SimProcess process;
    private final int partition;
    private final SplittableRandom random;
    private @Nullable LogPosition from;
    private SimLog.@Nullable Shard shard;
    private int index;

    SimLogReader(
            final World world,
            final SimLog log,
            final SimProcess process,
            final int partition,
            final @Nullable LogPosition from) {
        this.world = world;
        this.log = log;
        this.process = process;
        this.partition = partition;
        this.from = from;
        random = world.draws().of("read");
    }

    @Override
    public CompletionStage<LogPage> next() {
        final CompletableFuture<LogPage> call = process.newCall();
        final long delayNs = FASTEST_NS + random.nextLong(USUAL_NS);
        if (world.fires(Fault.READ_FAILED)) {
            process.answer(delayNs, () -> call.completeExceptionally(new IOException("no read")));
        } else if (world.fires(Fault.READ_EMPTY)) {
            process.answer(delayNs, () -> call.complete(new LogPage(List.of(), false)));
        } else {
            process.answer(delayNs, () -> {
                final LogPage page = read();
                world.trace(
                        process.name(),
                        "read",
                        partition,
                        page.records().size(),
                        shard == null ? null : shard.id() + "@" + index);
                call.complete(page);
            });
        }
        return call;
    }

    private LogPage read() {
        final List<SimLog.Shard> line = log.line(partition);
        SimLog.Shard current = shard;
        if (current == null) {
            current = begin(line);
        } else if (current.isClosed() && index == current.visible(Long.MAX_VALUE)) {
            current = line.get(line.indexOf(current) + 1);
            index = 0;
        }
        shard = current;
        final int visible = current.visible(world.nowNs());
        int at = index;
        if (at > 0 && world.fires(Fault.READ_REPEATED)) {
            at = Math.max(0, at - 1 - random.nextInt(MAX_REPEATED));
        }
        final int end = Math.min(visible, index + 1 + random.nextInt(MAX_PAGE));
        final List<LogRecord> records = new ArrayList<>();
        for (; at < end; at++) {
            final SimLog.Entry entry = current.entry(at);
            records.add(new LogRecord(
                    entry.data(), new LogPosition(current.id(), entry.sequenceNumber())));
        }
        final boolean isAtEnd = records.isEmpty() && !current.isClosed() && index >= visible;
        index = Math.max(index, end);
        return new LogPage(records, isAtEnd);
    }

    private SimLog.Shard begin(final List<SimLog.Shard> line) {
        final LogPosition start = from;
        from = null;
        for (final SimLog.Shard candidate : line) {
            if (start != null && candidate.id().equals(start.shardId())) {
                index = candidate.indexOf(start.sequenceNumber());
                if (index < 0) {
                    throw new IllegalStateException("no such record: " + start);
                }
                return candidate;
            }
        }
        // As the real one does with a shard that is not there any more, or has no name.
        return line.getFirst();
    }
}
