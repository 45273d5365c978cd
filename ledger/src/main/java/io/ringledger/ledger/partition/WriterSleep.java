package io.ringledger.ledger.partition;

import com.lmax.disruptor.AlertException;
import com.lmax.disruptor.Sequence;
import com.lmax.disruptor.SequenceBarrier;
import com.lmax.disruptor.WaitStrategy;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * Where the writer thread sleeps when the ring is empty: until it is woken, not until something is
 * published. The Disruptor's own strategies wake their consumer for every slot that is published,
 * which takes the processor from the very event loop that publishes; here an event loop publishes
 * all that it has read, and then wakes the writer once.
 *
 * <p>Nothing is lost: a producer claims its slot before it looks whether the writer sleeps, and the
 * writer says that it sleeps before it looks at the claimed slots. A full fence stands between, on the
 * producer's side that of the claim, so one of them sees the other. {@link #waitFor} is the writer thread's, {@link #wakeUp} any
 * thread's.
 */
final class WriterSleep implements WaitStrategy {
    /** The writer's thread while it sleeps, or is about to. */
    private final AtomicReference<@Nullable Thread> sleeper = new AtomicReference<>();

    @Override
    public long waitFor(
            final long sequence,
            final Sequence cursor,
            final Sequence dependentSequence,
            final SequenceBarrier barrier)
            throws AlertException {
        long available = dependentSequence.get();
        while (available < sequence) {
            barrier.checkAlert();
            sleeper.set(Thread.currentThread());
            // Sequence.get is a plain load with an acquire fence after it: it could go ahead.
            VarHandle.fullFence();
            available = dependentSequence.get();
            if (available < sequence && !barrier.isAlerted()) {
                LockSupport.park(this);
            }
            sleeper.set(null);
            available = dependentSequence.get();
        }
        return available;
    }

    /** Called by the ring for every slot that is published, and when the writer is to end. */
    @Override
    public void signalAllWhenBlocking() {
        // Deliberately nothing: whoever publishes calls wakeUp when it is through.
    }

    /** Wakes the writer if it sleeps. */
    void wakeUp() {
        final Thread thread = sleeper.get();
        // The writer may have woken and gone to sleep again meanwhile; then it wakes once too
        // often.
        if (thread != null && sleeper.compareAndSet(thread, null)) {
            LockSupport.unpark(thread);
        }
    }
}
