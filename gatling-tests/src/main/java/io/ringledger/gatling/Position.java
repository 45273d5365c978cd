package io.ringledger.gatling;

/**
 * A place in the log.
 *
 * @param partition of the account
 * @param sequence within the partition
 */
record Position(int partition, long sequence) {
    static Position parse(final String text) {
        final int dash = text.indexOf('-');
        if (dash < 1) {
            throw new IllegalArgumentException("not a position: " + text);
        }
        return new Position(
                Integer.parseInt(text, 0, dash, 10),
                Long.parseLong(text, dash + 1, text.length(), 10));
    }

    /** Whether a view at this position shows what is at the other one. */
    boolean shows(final Position other) {
        return partition == other.partition && sequence >= other.sequence;
    }

    @Override
    public String toString() {
        return partition + "-" + sequence;
    }
}
