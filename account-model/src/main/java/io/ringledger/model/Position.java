package io.ringledger.model;

/**
 * A place in the log: {@code <partition>-<sequence>}, for example {@code 3-184467}. The position
 * of a transaction is its id.
 *
 * @param partition the partition, from 0
 * @param sequence the number of the event in its partition, from 1 without gaps; 0 is before the
 *     first event
 */
public record Position(int partition, long sequence) {
    /** Refuses negative parts. */
    public Position {
        if (partition < 0 || sequence < 0) {
            throw new IllegalArgumentException(
                    "invalid position: partition=" + partition + ", sequence=" + sequence);
        }
    }

    /** The text that clients see. */
    public static String format(final int partition, final long sequence) {
        return partition + "-" + sequence;
    }

    @Override
    public String toString() {
        return format(partition, sequence);
    }
}
