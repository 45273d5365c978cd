package io.ringledger.readmodel;

import org.jspecify.annotations.Nullable;

/**
 * A place in the log as clients write it: {@code <partition>-<sequence>}, both decimal without
 * leading zeros. Every view is the fold of its partition's log up to one position.
 *
 * @param partition from 0
 * @param sequence of an event in its partition, from 1; 0 is before the first
 */
record LogPosition(int partition, long sequence) {
    /** The largest number of partitions that the schema can hold. */
    static final int MAX_PARTITIONS = 32_767;

    private static final int MAX_PARTITION_DIGITS = 5;
    private static final int MAX_SEQUENCE_DIGITS = 19;

    /** The position that the text names, or null if it names none. */
    static @Nullable LogPosition parse(final String text) {
        final int dash = text.indexOf('-');
        if (dash < 0) {
            return null;
        }
        final long partition = parseDecimal(text, 0, dash, MAX_PARTITION_DIGITS);
        final long sequence = parseDecimal(text, dash + 1, text.length(), MAX_SEQUENCE_DIGITS);
        if (partition < 0 || partition >= MAX_PARTITIONS || sequence < 0) {
            return null;
        }
        return new LogPosition((int) partition, sequence);
    }

    /**
     * The number that the digits from {@code start} to {@code end} (exclusive) write, or -1: no
     * digits, more than {@code maxDigits} (at most 19), another character, a leading zero, or more
     * than a long holds.
     */
    static long parseDecimal(
            final String text, final int start, final int end, final int maxDigits) {
        final int digits = end - start;
        if (digits < 1 || digits > maxDigits || (digits > 1 && text.charAt(start) == '0')) {
            return -1;
        }
        long value = 0;
        for (int i = start; i < end; i++) {
            final char c = text.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            // 19 digits overflow at most once, into the negative or below what was there.
            final long next = value * 10 + (c - '0');
            if (next < value || value > Long.MAX_VALUE / 10) {
                return -1;
            }
            value = next;
        }
        return value;
    }

    /** The text that clients see. */
    static String format(final int partition, final long sequence) {
        return partition + "-" + sequence;
    }

    @Override
    public String toString() {
        return format(partition, sequence);
    }
}
