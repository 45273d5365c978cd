package io.ringledger.consumer;

/** Learns what a {@link Projection} did; for metrics. Called on the projection's own thread. */
public interface ProjectionListener {
    /** The views moved by a batch, in so many nanoseconds. */
    void committed(ViewBatch batch, long tookNs);

    /** Somebody else had moved the views of a partition: nothing was changed. */
    void missed(ViewBatch batch);

    /** A frame was seen before and dropped. */
    void duplicate(int partition);

    /** A frame that a replaced owner wrote was dropped. */
    void fenced(int partition);
}
