package io.ringledger.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import software.amazon.kinesis.exceptions.InvalidStateException;
import software.amazon.kinesis.exceptions.ShutdownException;
import software.amazon.kinesis.exceptions.ThrottlingException;
import software.amazon.kinesis.lifecycle.events.InitializationInput;
import software.amazon.kinesis.lifecycle.events.LeaseLostInput;
import software.amazon.kinesis.lifecycle.events.ProcessRecordsInput;
import software.amazon.kinesis.lifecycle.events.ShardEndedInput;
import software.amazon.kinesis.lifecycle.events.ShutdownRequestedInput;
import software.amazon.kinesis.processor.RecordProcessorCheckpointer;
import software.amazon.kinesis.retrieval.KinesisClientRecord;
import software.amazon.kinesis.retrieval.kpl.ExtendedSequenceNumber;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

class ProjectorProcessorTest {
    private final StopSignal stop = new StopSignal();
    private final AtomicLong nowNs = new AtomicLong(Long.MAX_VALUE - 1_000_000_000);
    private final ShardStatus status = new ShardStatus("VIEW", "the views", nowNs::get);
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final ProjectorMetrics metrics = new ProjectorMetrics(registry, status, () -> 0);
    private final AtomicBoolean isLeaseHeld = new AtomicBoolean(true);
    private final AtomicInteger givenUp = new AtomicInteger();
    private final AtomicInteger closed = new AtomicInteger();
    private final List<String> projected = new ArrayList<>();
    private final Deque<Throwable> failures = new ArrayDeque<>();
    private final Checkpoints checkpoints = new Checkpoints();

    private ProjectorProcessor processor(final long checkpointIntervalMs) {
        final ProjectorProcessor processor = new ProjectorProcessor(
                FakeProjection::new,
                shardId -> new FakeLease(),
                new ProjectorProcessor.Pace(1, 4, checkpointIntervalMs),
                stop,
                status,
                metrics);
        processor.initialize(InitializationInput.builder()
                .shardId("shard")
                .extendedSequenceNumber(ExtendedSequenceNumber.TRIM_HORIZON)
                .build());
        return processor;
    }

    private void process(final ProjectorProcessor processor, final String... sequenceNumbers) {
        process(processor, 0, sequenceNumbers);
    }

    private void process(
            final ProjectorProcessor processor,
            final long behindMs,
            final String... sequenceNumbers) {
        final List<KinesisClientRecord> records = new ArrayList<>();
        for (final String sequenceNumber : sequenceNumbers) {
            records.add(KinesisClientRecord.builder()
                    .data(ByteBuffer.wrap(new byte[] {1}).asReadOnlyBuffer())
                    .sequenceNumber(sequenceNumber)
                    .build());
        }
        processor.processRecords(ProcessRecordsInput.builder()
                .records(records)
                .millisBehindLatest(behindMs)
                .checkpointer(checkpoints.checkpointer())
                .build());
    }

    private static ViewUnavailableException away() {
        return new ViewUnavailableException("away", new IllegalStateException());
    }

    private static HaltException contradiction() {
        return new HaltException(
                0, "9", "", new ContradictionException(HaltReason.OUT_OF_ORDER, "gap"));
    }

    @Test
    void shouldCheckpointAnExplicitNumberAfterTheCommitThatCoversIt() {
        final ProjectorProcessor processor = processor(0);

        process(processor, "1", "2");
        process(processor, "3");

        assertThat(projected).containsExactly("1", "2", "3");
        assertThat(checkpoints.written).containsExactly("2", "3");
    }

    @Test
    void shouldNotCheckpointEveryBatchButTheLastOneOnShutdown() {
        final ProjectorProcessor processor = processor(3_600_000);

        process(processor, "1");
        process(processor, "2");
        assertThat(checkpoints.written).isEmpty();
        processor.shutdownRequested(ShutdownRequestedInput.builder()
                .checkpointer(checkpoints.checkpointer())
                .build());

        assertThat(checkpoints.written).containsExactly("2");
    }

    @Test
    void shouldTryTheSameRecordsAgainWhilePostgresIsAway() {
        failures.addAll(List.of(away(), away(), away()));
        final ProjectorProcessor processor = processor(0);

        process(processor, "1", "2");

        assertThat(projected).containsExactly("1", "2");
        assertThat(checkpoints.written).containsExactly("2");
        assertThat(status.trouble()).isNull();
        assertThat(registry.counter("ringledger.projector.retries").count()).isEqualTo(3);
    }

    @Test
    void shouldGiveUpWhenTheLeaseIsLostAndLeaveLaterRecordsAlone() {
        failures.addAll(List.of(away(), away()));
        isLeaseHeld.set(false);
        final ProjectorProcessor processor = processor(0);

        process(processor, "1");
        failures.clear();
        process(processor, "2");
        processor.shutdownRequested(ShutdownRequestedInput.builder()
                .checkpointer(checkpoints.checkpointer())
                .build());
        processor.leaseLost(LeaseLostInput.builder().build());

        assertThat(projected).isEmpty();
        assertThat(checkpoints.written).isEmpty();
        assertThat(givenUp).as("KCL may still think that it has the lease").hasValue(1);
        assertThat(closed).hasValue(1);
        assertThat(status.shardCount()).isZero();
    }

    @Test
    void shouldGiveUpWhenTheProcessEndsAndCheckpointOnlyWhatIsIn() {
        final ProjectorProcessor processor = processor(3_600_000);
        process(processor, "1");
        failures.add(away());
        stop.raise();

        process(processor, "2");
        failures.clear();
        process(processor, "3");
        processor.shutdownRequested(ShutdownRequestedInput.builder()
                .checkpointer(checkpoints.checkpointer())
                .build());

        assertThat(projected).containsExactly("1");
        assertThat(checkpoints.written).containsExactly("1");
        assertThat(givenUp).as("the shutdown hands it over").hasValue(0);
    }

    @Test
    void shouldHaltOnAContradictionSayItAndNeverGoOn() {
        final ProjectorProcessor processor = processor(0);
        process(processor, "1");
        failures.add(contradiction());

        process(processor, "2");
        process(processor, "3");
        processor.shutdownRequested(ShutdownRequestedInput.builder()
                .checkpointer(checkpoints.checkpointer())
                .build());

        assertThat(projected).containsExactly("1");
        assertThat(checkpoints.written).containsExactly("1");
        assertThat(status.trouble()).contains("halted", "shard", "OUT_OF_ORDER", "gap");
        assertThat(registry.get("ringledger.projector.halted").gauge().value()).isEqualTo(1);
    }

    @Test
    void shouldHaltOnADefectAndLetNothingOut() {
        for (final Throwable defect : List.of(
                new IllegalStateException("bug"),
                new AssertionError("bug"),
                new StackOverflowError())) {
            failures.clear();
            projected.clear();
            checkpoints.written.clear();
            failures.add(defect);
            final ProjectorProcessor processor = processor(0);

            process(processor, "1");
            process(processor, "2");

            assertThat(projected).isEmpty();
            assertThat(checkpoints.written).isEmpty();
            assertThat(status.trouble()).contains("DEFECT");
            processor.leaseLost(LeaseLostInput.builder().build());
            assertThat(status.trouble()).as("another worker's matter now").isNull();
        }
    }

    @Test
    void shouldCheckpointTheEndOfAShardThatIsWhollyIn() {
        final ProjectorProcessor processor = processor(3_600_000);
        process(processor, "1");
        checkpoints.failures.add(new ThrottlingException("slow down"));

        processor.shardEnded(ShardEndedInput.builder()
                .checkpointer(checkpoints.checkpointer())
                .build());

        assertThat(checkpoints.written).containsExactly("SHARD_END");
        assertThat(closed).hasValue(1);
    }

    @Test
    void shouldNotCheckpointTheEndOfAHaltedShard() {
        failures.add(contradiction());
        final ProjectorProcessor processor = processor(0);
        process(processor, "1");

        processor.shardEnded(ShardEndedInput.builder()
                .checkpointer(checkpoints.checkpointer())
                .build());

        assertThat(checkpoints.written).isEmpty();
    }

    @Test
    void shouldGoOnWhenACheckpointFails() {
        checkpoints.failures.add(new ThrottlingException("slow down"));
        checkpoints.failures.add(new InvalidStateException("no table"));
        checkpoints.failures.add(new ShutdownException("lease lost"));
        final ProjectorProcessor processor = processor(0);

        process(processor, "1");
        process(processor, "2");
        process(processor, "3");
        process(processor, "4");

        assertThat(projected).containsExactly("1", "2", "3", "4");
        assertThat(checkpoints.written).containsExactly("4");
    }

    @Test
    void shouldSayThatItWaitsWhilePostgresIsAway() {
        final AtomicBoolean isBack = new AtomicBoolean();
        final ProjectorProcessor processor = new ProjectorProcessor(
                () -> new ProjectorProcessor.ShardProjection() {
                    @Override
                    public void project(final List<LogRecord> records) {
                        if (!isBack.get()) {
                            throw away();
                        }
                    }

                    @Override
                    public void close() {}
                },
                shardId -> new FakeLease(),
                new ProjectorProcessor.Pace(1, 4, 0),
                stop,
                status,
                metrics);
        processor.initialize(InitializationInput.builder().shardId("shard").build());
        final Thread kcl = new Thread(() -> process(processor, "1"));
        kcl.start();
        Await.until("waiting", Duration.ofSeconds(10), () -> status.trouble() != null);
        assertThat(status.trouble()).contains("waiting for the views", "shard", "away");

        isBack.set(true);

        Await.until("moving", Duration.ofSeconds(10), () -> status.trouble() == null);
        Await.until("done", Duration.ofSeconds(10), () -> !kcl.isAlive());
    }

    @Test
    void shouldSayHowFarItIsBehindAndThatItGrowsWhileNothingMoves() {
        final ProjectorProcessor processor = processor(0);
        assertThat(behindSeconds()).as("nothing was read").isNaN();

        process(processor, 7_000, "1");
        nowNs.addAndGet(Duration.ofHours(1).toNanos());
        assertThat(behindSeconds()).as("as it was read").isEqualTo(7.0);

        process(processor, 0, "2");
        assertThat(behindSeconds()).isZero();

        failures.add(contradiction());
        process(processor, 2_000, "3");
        nowNs.addAndGet(Duration.ofHours(1).toNanos());
        process(processor, 0, "4");
        assertThat(behindSeconds()).as("what is left alone grows old").isEqualTo(3_602.0);

        processor.leaseLost(LeaseLostInput.builder().build());
        assertThat(behindSeconds()).as("another worker's matter now").isNaN();
    }

    @Test
    void shouldSayHowLongTheStreamKeepsARecord() {
        assertThat(registry.get("ringledger.projector.retention").gauge().value())
                .isNaN();
        status.kept(Duration.ofHours(24));
        assertThat(registry.get("ringledger.projector.retention").gauge().value())
                .isEqualTo(86_400);
    }

    private double behindSeconds() {
        return registry.get("ringledger.projector.behind").gauge().value();
    }

    /** Held as told. */
    private final class FakeLease implements ShardLease {
        @Override
        public boolean isHeld() {
            return isLeaseHeld.get();
        }

        @Override
        public void giveUp() {
            givenUp.incrementAndGet();
        }
    }

    /** Fails as told, then takes everything. */
    private final class FakeProjection implements ProjectorProcessor.ShardProjection {
        @Override
        public void project(final List<LogRecord> records) {
            final Throwable failure = failures.poll();
            if (failure instanceof final RuntimeException e) {
                throw e;
            }
            if (failure instanceof final Error e) {
                throw e;
            }
            records.forEach(record -> projected.add(record.sequenceNumber()));
        }

        @Override
        public void close() {
            closed.incrementAndGet();
        }
    }

    /** Takes checkpoints, or fails as told. */
    private static final class Checkpoints implements InvocationHandler {
        private final List<String> written = new ArrayList<>();
        private final Deque<Exception> failures = new ArrayDeque<>();

        /** Of the interface's twelve methods the processor may use two. */
        RecordProcessorCheckpointer checkpointer() {
            return (RecordProcessorCheckpointer) Proxy.newProxyInstance(
                    getClass().getClassLoader(),
                    new Class<?>[] {RecordProcessorCheckpointer.class},
                    this);
        }

        @Override
        public @Nullable Object invoke(
                final Object proxy, final Method method, final Object @Nullable [] arguments)
                throws Exception {
            assertThat(method.getName()).isEqualTo("checkpoint");
            final Exception failure = failures.poll();
            if (failure != null) {
                throw failure;
            }
            if (arguments == null) {
                written.add("SHARD_END");
            } else {
                assertThat(arguments).hasSize(1);
                written.add((String) arguments[0]);
            }
            return null;
        }
    }
}
