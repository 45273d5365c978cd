package io.ringledger.ledger.ownership;

/**
 * Who owns a partition, as the lease table has it.
 *
 * @param partition which one
 * @param owner the process, by its unique id; empty: nobody, the last one gave it back
 * @param epoch of the last ownership; only grows
 * @param heartbeat moves while the owner is alive
 * @param sequence how far the log had come when the owner last said so
 */
public record Lease(int partition, String owner, long epoch, long heartbeat, long sequence) {
    /** Nobody's: the last owner gave it back. */
    public static final String NOBODY = "";

    /** Refuses what cannot be. */
    public Lease {
        if (partition < 0 || epoch < 0 || heartbeat < 0 || sequence < 0) {
            throw new IllegalArgumentException("not a lease: partition=" + partition + ", epoch="
                    + epoch + ", heartbeat=" + heartbeat + ", sequence=" + sequence);
        }
    }

    /** What stands for a partition that nobody has owned yet. */
    public static Lease free(final int partition) {
        return new Lease(partition, NOBODY, 0, 0, 0);
    }

    /** True if nobody owns it. */
    public boolean isFree() {
        return owner.equals(NOBODY);
    }
}
