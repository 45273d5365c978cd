package io.ringledger.simulation;

import io.ringledger.consumer.LogUnavailableException;
import io.ringledger.consumer.ShardHistory;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** What lies before a checkpoint, through a network that fails now and then. */
final class SimShardHistory implements ShardHistory {
    private static final long USUAL_NS = 5_000_000;
    private static final int PAGE = 40;

    private final World world;
    private final SimProcess process;
    private final SimLog log;
    private final int partitions;
    private final SplittableRandom random;

    SimShardHistory(
            final World world, final SimProcess process, final SimLog log, final int partitions) {
        this.world = world;
        this.process = process;
        this.log = log;
        this.partitions = partitions;
        random = world.draws().of("history");
    }

    @Override
    public List<Integer> partitionsOf(final String shardId) {
        travel();
        final List<Integer> covered = new ArrayList<>();
        for (final SimLog.Shard shard : log.shards()) {
            for (int i = 0; shard.id().equals(shardId) && i < partitions; i++) {
                if (shard.covers(i)) {
                    covered.add(i);
                }
            }
        }
        return covered;
    }

    @Override
    public void read(
            final int partition,
            final String fromShard,
            final String fromRecord,
            final String toShard,
            final @Nullable String toRecord,
            final BooleanSupplier goOn,
            final Consumer<byte[]> records) {
        final List<SimLog.Shard> line = log.line(partition);
        int first = 0;
        for (int i = 0; i < line.size(); i++) {
            first = line.get(i).id().equals(fromShard) ? i : first;
        }
        for (int i = first; i < line.size(); i++) {
            final SimLog.Shard shard = line.get(i);
            final boolean isLast = shard.id().equals(toShard);
            final int from = shard.id().equals(fromShard) ? shard.indexOf(fromRecord) + 1 : 0;
            final int end = isLast
                    ? toRecord == null ? 0 : shard.indexOf(toRecord) + 1
                    : shard.visible(Long.MAX_VALUE);
            for (int at = from; at < end; at++) {
                if (at % PAGE == 0 || at == from) {
                    travel();
                    if (!goOn.getAsBoolean()) {
                        throw new LogUnavailableException("no longer asked for", null);
                    }
                }
                records.accept(shard.entry(at).data());
            }
            if (isLast) {
                return;
            }
        }
    }

    private void travel() {
        world.block(process, 1 + random.nextLong(USUAL_NS));
        if (world.fires(Fault.READ_FAILED)) {
            throw new LogUnavailableException("no answer", null);
        }
    }
}
