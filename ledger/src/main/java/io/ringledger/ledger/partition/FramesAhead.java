package io.ringledger.ledger.partition;

import io.ringledger.model.frame.EpochMarker;
import io.ringledger.model.frame.FrameReader;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Opens the frames of a log, each while the one before it is folded: checksum, hash and unpacking
 * are a third of a replay and need nothing of the state. What it finds wrong is thrown where the
 * frame is asked for, as if it had been opened there. Frames that are small are opened by whoever
 * asks: handing them over would cost more than it saves.
 *
 * <p>Used by one thread; holds native memory: close it.
 */
final class FramesAhead implements AutoCloseable {
    private static final int LARGE_BYTES = 16 * 1024;

    private final int partition;
    private final FrameReader[] readers = {new FrameReader(), new FrameReader()};
    private int turn;
    private byte @Nullable [] begun;
    private @Nullable FutureTask<Boolean> beginning;

    FramesAhead(final int partition) {
        this.partition = partition;
    }

    /**
     * A reader that has this record open, until the next call.
     *
     * @param following the record that will be asked for next, if there is one
     */
    FrameReader open(final byte[] record, final byte @Nullable [] following) {
        final FrameReader reader = readers[turn];
        final boolean isBegun = begun == record;
        await(isBegun);
        if (!isBegun) {
            reader.open(record);
        }
        turn ^= 1;
        if (following != null
                && following.length >= LARGE_BYTES
                && !EpochMarker.isMarker(following)) {
            begin(readers[turn], following);
        }
        return reader;
    }

    private void begin(final FrameReader reader, final byte[] record) {
        final FutureTask<Boolean> task = new FutureTask<>(() -> prepare(reader, record), true);
        begun = record;
        beginning = task;
        Thread.startVirtualThread(task);
    }

    private void prepare(final FrameReader reader, final byte[] record) {
        if (reader.open(record).partition() == partition) {
            reader.prepare();
        }
    }

    /** Waits until the other thread has done with the reader; its failure counts if it is asked for. */
    private void await(final boolean isAskedFor) {
        final FutureTask<Boolean> awaited = beginning;
        if (awaited == null) {
            return;
        }
        beginning = null;
        begun = null;
        try {
            awaited.get();
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted: partition=" + partition, e);
        } catch (final ExecutionException e) {
            if (isAskedFor) {
                throw unwrapped(e);
            }
        }
    }

    private static RuntimeException unwrapped(final ExecutionException e) {
        if (e.getCause() instanceof final Error error) {
            throw error;
        }
        return e.getCause() instanceof final RuntimeException cause
                ? cause
                : new IllegalStateException(e);
    }

    @Override
    public void close() {
        await(false);
        for (final FrameReader reader : readers) {
            reader.close();
        }
    }
}
