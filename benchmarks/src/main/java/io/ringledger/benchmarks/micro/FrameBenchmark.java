package io.ringledger.benchmarks.micro;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;

import io.ringledger.model.AccountModel;
import io.ringledger.model.Command;
import io.ringledger.model.Outcome;
import io.ringledger.model.frame.EventBatch;
import io.ringledger.model.frame.FrameEncoder;
import io.ringledger.model.frame.FrameFormat;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

import java.util.concurrent.TimeUnit;

/** A frame of 2,500 events made into its record, beside zstd alone on the same bytes. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class FrameBenchmark {
    /** Events of the frame. */
    static final int EVENTS = 2_500;

    private static final int ACCOUNTS = 10_000;
    private static final byte[] PREVIOUS_HASH = FrameFormat.noHash();

    private final EventBatch batch = new EventBatch(1 << 20);
    private final FrameEncoder encoder = new FrameEncoder(0, 1);
    private final ZstdCompressCtx zstd = new ZstdCompressCtx().setLevel(1);
    private byte[] events = new byte[0];
    private byte[] packed = new byte[0];

    /** Fills the frame. */
    @Setup
    public void fill() {
        final Traffic traffic = new Traffic(ACCOUNTS);
        final AccountModel model = traffic.opened(LogSample.context(ACCOUNTS, EVENTS));
        final Command command = new Command();
        final Outcome outcome = new Outcome();
        for (int i = 0; i < EVENTS; i++) {
            model.submit(traffic.next(command), Traffic.START_MS + i / 100, batch, outcome);
            Traffic.requireAccepted(outcome);
        }
        events = new byte[batch.length()];
        batch.buffer().getBytes(0, events);
        packed = new byte[(int) Zstd.compressBound(events.length)];
    }

    /** Lets go of the native memory. */
    @TearDown
    public void close() {
        encoder.close();
        zstd.close();
    }

    /** The production encoder: events to record. */
    @Benchmark
    @OperationsPerInvocation(EVENTS)
    public byte[] frame() {
        return encoder.encode(batch, 1, 1, PREVIOUS_HASH);
    }

    /** zstd of the same level over the same bytes. */
    @Benchmark
    @OperationsPerInvocation(EVENTS)
    public int zstdAlone() {
        return zstd.compressByteArray(packed, 0, packed.length, events, 0, events.length);
    }
}
