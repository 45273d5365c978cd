package io.ringledger.benchmarks.micro;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdDecompressCtx;

import io.ringledger.ledger.log.LogPage;
import io.ringledger.ledger.log.LogPosition;
import io.ringledger.ledger.log.LogReader;
import io.ringledger.ledger.log.LogRecord;
import io.ringledger.ledger.log.PartitionLog;
import io.ringledger.ledger.partition.PartitionContext;
import io.ringledger.ledger.partition.PartitionRecovery;
import io.ringledger.ledger.partition.RecoveredPartition;
import io.ringledger.ledger.partition.SnapshotSource;

import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;

/**
 * The log of one partition back into its state, by the production recovery over a log in memory;
 * beside checksum and unpacking alone, and beside a copy of the unpacked events.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class ReplayBenchmark {
    private static final int PAGE = 100;
    private static final int MAX_ACCOUNTS = 10_000;

    /** Length of the log; the openings are the first of them. */
    @Param("1000000")
    public int events;

    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();
    private final List<LogRecord> records = new ArrayList<>();
    private final List<byte[]> unpacked = new ArrayList<>();
    private final List<byte[]> packed = new ArrayList<>();
    private final ZstdDecompressCtx zstd = new ZstdDecompressCtx();
    private final byte[] buffer = new byte[1 << 20];
    private @Nullable PartitionContext context;
    private long sequence;
    private long epoch = 1;

    /** Writes the log. */
    @Setup
    public void write() {
        final int accounts = Math.min(MAX_ACCOUNTS, events / 10);
        context = new PartitionContext(
                1, 1024, 4, 256 * 1024, 1024, 2_000, LogSample.context(accounts, events));
        final LogSample sample = LogSample.of(context.model(), accounts, events);
        sample.records()
                .forEach(record -> records.add(new LogRecord(record, positionOf(records.size()))));
        unpacked.addAll(sample.eventBytes());
        unpacked.forEach(bytes -> packed.add(Zstd.compress(bytes, 1)));
        sequence = sample.model().lastSequence();
    }

    /** Ends the thread of the recovery. */
    @TearDown
    public void close() {
        executor.shutdownNow();
        zstd.close();
    }

    /** Everything between a new ownership and an open partition. */
    @Benchmark
    public RecoveredPartition recovery() {
        if (context == null) {
            throw new IllegalStateException("no log yet");
        }
        epoch++;
        final RecoveredPartition recovered = new PartitionRecovery(
                        0,
                        context,
                        new WrittenLog(records),
                        SnapshotSource.NONE,
                        new SureOwnership(epoch),
                        executor,
                        System::nanoTime,
                        () -> 1)
                .start()
                .toCompletableFuture()
                .join();
        if (recovered.model().lastSequence() != sequence) {
            throw new IllegalStateException("recovered " + recovered.model().lastSequence());
        }
        return recovered;
    }

    /** The checksum and the unpacking that no reader of this log can do without. */
    @Benchmark
    public long checksumAndUnpack() {
        long sum = 0;
        final CRC32C checksum = new CRC32C();
        for (final byte[] bytes : packed) {
            checksum.reset();
            checksum.update(bytes, 0, bytes.length);
            sum += checksum.getValue();
            sum += zstd.decompressByteArray(buffer, 0, buffer.length, bytes, 0, bytes.length);
        }
        return sum;
    }

    /** A copy of the events as they are when unpacked. */
    @Benchmark
    public byte[] copy() {
        for (final byte[] bytes : unpacked) {
            System.arraycopy(bytes, 0, buffer, 0, bytes.length);
        }
        return buffer;
    }

    private static LogPosition positionOf(final int index) {
        return new LogPosition("memory", Integer.toString(index));
    }

    /** What was written, and the marker that the recovery appends. */
    private static final class WrittenLog implements PartitionLog {
        private final List<LogRecord> all;

        WrittenLog(final List<LogRecord> written) {
            all = new ArrayList<>(written);
        }

        @Override
        public CompletionStage<LogPosition> append(
                final byte[] record, final @Nullable LogPosition after, final long timeoutMs) {
            final LogPosition position = positionOf(all.size());
            all.add(new LogRecord(record, position));
            return CompletableFuture.completedFuture(position);
        }

        @Override
        public LogReader reader(final @Nullable LogPosition from) {
            final int[] next = {from == null ? 0 : Integer.parseInt(from.sequenceNumber())};
            return () -> {
                final int end = Math.min(all.size(), next[0] + PAGE);
                final List<LogRecord> page = List.copyOf(all.subList(next[0], end));
                next[0] = end;
                return CompletableFuture.completedFuture(new LogPage(page, page.isEmpty()));
            };
        }
    }
}
