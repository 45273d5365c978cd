package io.ringledger.consumer;

/**
 * The port to the views: loads where a partition stands and moves it by compare-and-set. Used by one
 * thread; calls block. Adapters: Postgres ({@link PgViewStore}) and, in the simulation, memory.
 */
public interface ViewStore {
    /**
     * Where the views of a partition stand now.
     *
     * @throws ViewUnavailableException if the views cannot be reached
     * @throws ContradictionException if the views have no such partition
     */
    PartitionView load(int partition);

    /**
     * Moves entries, accounts and progress together, if the views still stand where the batch began.
     *
     * @return whether they did; if not, nothing has changed
     * @throws ViewUnavailableException if the outcome is unknown
     * @throws ContradictionException if the views disagree with the batch; nothing has changed
     */
    boolean commit(ViewBatch batch);
}
