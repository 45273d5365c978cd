package io.ringledger.benchmarks.micro;

import io.ringledger.model.AccountModel;
import io.ringledger.model.ModelContext;
import io.ringledger.model.snapshot.ByteSource;
import io.ringledger.model.snapshot.SnapshotHeader;
import io.ringledger.model.snapshot.SnapshotReader;
import io.ringledger.model.snapshot.SnapshotWriter;

import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * A snapshot in memory back into a model, with every check that a starting owner makes; beside a
 * copy of the same bytes.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class SnapshotBenchmark {
    /** How many accounts it holds, and as many keys, those of the openings. */
    @Param("1000000")
    public int snapshotAccounts;

    private byte[] snapshot = new byte[0];
    private @Nullable ModelContext context;

    /** Writes the snapshot. */
    @Setup
    public void write() {
        final ModelContext made = LogSample.context(snapshotAccounts, snapshotAccounts);
        final AccountModel model = new Traffic(snapshotAccounts).opened(made);
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        SnapshotWriter.write(
                SnapshotHeader.of(model, Traffic.chain(model), 1, "shard", "1"),
                model,
                bytes::write);
        snapshot = bytes.toByteArray();
        context = made;
    }

    /** Load and check. */
    @Benchmark
    public AccountModel load() {
        if (context == null) {
            throw new IllegalStateException("no snapshot yet");
        }
        final int[] next = {0};
        final ByteSource source = (into, offset, count) -> {
            final int taken = Math.min(count, snapshot.length - next[0]);
            System.arraycopy(snapshot, next[0], into, offset, taken);
            next[0] += taken;
            return taken == 0 ? -1 : taken;
        };
        return SnapshotReader.open(source).readModel(0, 1, context);
    }

    /** The bytes alone. */
    @Benchmark
    public byte[] copy() {
        return Arrays.copyOf(snapshot, snapshot.length);
    }
}
