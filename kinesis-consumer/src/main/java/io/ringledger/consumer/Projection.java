package io.ringledger.consumer;

import io.ringledger.kit.Failpoint;
import io.ringledger.kit.Failpoints;

import java.util.List;

/**
 * Brings the records of a shard into the views: folds them with a {@link FrameProjector} and commits
 * the batches to a {@link ViewStore}. All the state that matters is in the views: whatever goes wrong,
 * it forgets what it holds, loads where the views stand and goes over the same records again, dropping
 * what is in them already. Not thread-safe; blocks as its store does.
 */
public final class Projection implements AutoCloseable {
    private final FrameProjector projector;
    private final ViewStore store;
    private final int maxEventsPerBatch;
    private final ProjectionListener listener;

    /** At most what was asked for; fewer after a batch that could not be committed. */
    private int eventsPerBatch;

    /**
     * @param maxEventsPerBatch a batch is committed once it holds this many events; the frame that
     *     passes it is still in. After a batch that could not be committed in time the next ones are
     *     smaller, until batches succeed
     */
    public Projection(
            final int partitions,
            final ViewStore store,
            final int maxEventsPerBatch,
            final ProjectionListener listener) {
        this.projector = new FrameProjector(partitions);
        this.store = store;
        this.maxEventsPerBatch = maxEventsPerBatch;
        eventsPerBatch = maxEventsPerBatch;
        this.listener = listener;
    }

    /**
     * Returns once the views hold all of the records. May be called again with the same records, or
     * with some that it had before.
     *
     * @throws ViewUnavailableException if the views could not be reached: call again
     * @throws HaltException at a record that contradicts those before it; the views hold everything
     *     up to it
     */
    public void project(final List<LogRecord> records) {
        List<LogRecord> good = records;
        HaltException halt = null;
        while (true) {
            try {
                if (attempt(good)) {
                    break;
                }
                projector.forget();
            } catch (final HaltException e) {
                // The frames before it may stand in batches that are not committed yet.
                projector.forget();
                good = good.subList(0, e.index());
                halt = e;
            } catch (final RuntimeException e) {
                projector.forget();
                // It may be too much for the time that a statement has: half of it is tried next.
                eventsPerBatch = Math.max(1, eventsPerBatch / 2);
                throw e;
            }
        }
        if (halt != null) {
            throw halt;
        }
    }

    /** Whether every compare-and-set hit. */
    private boolean attempt(final List<LogRecord> records) {
        for (int i = 0; i < records.size(); i++) {
            final int partition = fold(records.get(i), i);
            final boolean isFull = projector.batch(partition).events() >= eventsPerBatch;
            if (isFull && !commit(partition, records, i)) {
                return false;
            }
        }
        for (final int partition : projector.pending()) {
            if (!commit(partition, records, records.size() - 1)) {
                return false;
            }
        }
        return true;
    }

    private int fold(final LogRecord record, final int index) {
        try {
            final int partition = projector.open(record.data());
            if (!projector.isKnown(partition)) {
                projector.resume(store.load(partition));
            }
            switch (projector.fold()) {
                case DUPLICATE -> listener.duplicate(partition);
                case FENCED -> listener.fenced(partition);
                case ADDED, MARKER -> {}
            }
            return partition;
        } catch (final ContradictionException e) {
            throw new HaltException(index, record.sequenceNumber(), projector.where(), e);
        }
    }

    private boolean commit(
            final int partition, final List<LogRecord> records, final int lastIndex) {
        final ViewBatch batch = projector.batch(partition);
        final long startNs = System.nanoTime();
        final boolean isHit;
        try {
            Failpoints.before(Failpoint.PROJECTION_COMMITTED);
            isHit = store.commit(batch);
            Failpoints.after(Failpoint.PROJECTION_COMMITTED);
        } catch (final ContradictionException e) {
            // Which of the batch's records it is, only the values in the message can tell.
            throw new HaltException(
                    0,
                    records.get(0).sequenceNumber() + " to "
                            + records.get(lastIndex).sequenceNumber(),
                    ", partition " + partition,
                    e);
        }
        if (!isHit) {
            listener.missed(batch);
            return false;
        }
        projector.committed(partition);
        eventsPerBatch = (int) Math.min(maxEventsPerBatch, 2L * eventsPerBatch);
        listener.committed(batch, System.nanoTime() - startNs);
        return true;
    }

    @Override
    public void close() {
        projector.close();
    }
}
