package io.ringledger.ledger.partition;

import static org.assertj.core.api.Assertions.assertThat;

import com.lmax.disruptor.AlertException;
import com.lmax.disruptor.BatchEventProcessor;
import com.lmax.disruptor.BatchEventProcessorBuilder;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.Sequence;
import com.lmax.disruptor.SequenceBarrier;
import com.lmax.disruptor.Sequencer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** A ring whose only wake-up is {@link WriterSleep#wakeUp}: nothing else ends a sleep here. */
@Timeout(60)
final class WriterSleepTest {
    private static final int RING_SIZE = 64;
    private static final int PRODUCERS = 3;
    private static final int BURSTS = 20_000;
    private static final int BURST = 3;

    private final WriterSleep sleep = new WriterSleep();
    private final RingBuffer<AtomicLong> ring =
            RingBuffer.createMultiProducer(AtomicLong::new, RING_SIZE, sleep);
    private final AtomicLong sum = new AtomicLong();
    private final BatchEventProcessor<AtomicLong> processor = new BatchEventProcessorBuilder()
            .build(
                    ring,
                    ring.newBarrier(),
                    (slot, sequence, endOfBatch) -> sum.addAndGet(slot.get()));
    private final Thread writer = Thread.ofPlatform().name("writer").daemon().unstarted(processor);

    @BeforeEach
    void start() {
        ring.addGatingSequences(processor.getSequence());
        writer.start();
    }

    @AfterEach
    void end() throws InterruptedException {
        processor.halt();
        LockSupport.unpark(writer);
        writer.join();
    }

    @Test
    void shouldSleepUntilItIsWoken() throws InterruptedException {
        awaitSleep();
        publish(5);
        publish(7);
        assertThat(writer.getState()).isEqualTo(Thread.State.WAITING);
        assertThat(sum).hasValue(0);

        sleep.wakeUp();
        Replies.awaitThat("both are taken", () -> sum.get() == 12);
    }

    /** The command comes, and its wake-up with it, just after the writer has looked for it. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void shouldNotSleepOverACommandThatComesAfterALook(final int look) throws InterruptedException {
        final WriterSleep other = new WriterSleep();
        final Sequence published = new Sequence() {
            private int looks;

            @Override
            public long get() {
                final long seen = super.get();
                if (++looks == look) {
                    set(0);
                    other.wakeUp();
                }
                return seen;
            }
        };
        final AtomicLong available = new AtomicLong(Sequencer.INITIAL_CURSOR_VALUE);
        final SequenceBarrier barrier = ring.newBarrier();
        final Thread waiting = Thread.ofPlatform().daemon().start(() -> {
            try {
                available.set(other.waitFor(0, published, published, barrier));
            } catch (final AlertException e) {
                throw new IllegalStateException(e);
            }
        });
        Replies.awaitThat("it has seen the command", () -> available.get() == 0);
        waiting.join();
    }

    @Test
    void shouldNotLoseAWakeUpWhoeverComesFirst() throws InterruptedException {
        final Thread[] producers = new Thread[PRODUCERS];
        for (int i = 0; i < PRODUCERS; i++) {
            producers[i] = Thread.ofPlatform().name("producer-" + i).start(this::publishBursts);
        }
        for (final Thread producer : producers) {
            producer.join();
        }
        final long all = (long) PRODUCERS * BURSTS * BURST;
        // Nobody wakes it any more: what it has not taken now, it never would.
        Replies.awaitThat("all are taken", () -> sum.get() == all);
    }

    /** Each waits for its own last one, so that the writer falls asleep again and again. */
    private void publishBursts() {
        for (int i = 0; i < BURSTS; i++) {
            long last = 0;
            for (int j = 0; j < BURST; j++) {
                last = publish(1);
            }
            sleep.wakeUp();
            while (processor.getSequence().get() < last) {
                LockSupport.parkNanos(1_000);
            }
        }
    }

    private long publish(final long value) {
        final long sequence = ring.next();
        ring.get(sequence).set(value);
        ring.publish(sequence);
        return sequence;
    }

    private void awaitSleep() throws InterruptedException {
        Replies.awaitThat("it sleeps", () -> writer.getState() == Thread.State.WAITING);
    }
}
