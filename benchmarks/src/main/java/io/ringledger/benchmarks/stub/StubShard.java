package io.ringledger.benchmarks.stub;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/** One shard and its records. Thread-safe: an event loop adds, whoever checks a run reads. */
final class StubShard {
    /** As long as those of Kinesis, so that requests and answers have their true sizes. */
    private static final String SEQUENCE_PREFIX = "4966454544683613";

    private static final int SEQUENCE_DIGITS = 40;

    /** A record as it was put; nobody changes its bytes. */
    static final class Stored {
        private final String partitionKey;
        private final byte[] data;
        private final long arrivedMs;

        Stored(final String partitionKey, final byte[] data, final long arrivedMs) {
            this.partitionKey = partitionKey;
            this.data = data;
            this.arrivedMs = arrivedMs;
        }

        String partitionKey() {
            return partitionKey;
        }

        byte[] data() {
            return data;
        }

        long arrivedMs() {
            return arrivedMs;
        }
    }

    private final String id;
    private final BigInteger firstHashKey;
    private final BigInteger lastHashKey;
    private final ShardLimit limit;

    // Guarded by this.
    private final List<Stored> records = new ArrayList<>();

    StubShard(
            final int number,
            final BigInteger firstHashKey,
            final BigInteger lastHashKey,
            final ShardLimit limit) {
        id = String.format("shardId-%012d", number);
        this.firstHashKey = firstHashKey;
        this.lastHashKey = lastHashKey;
        this.limit = limit;
    }

    String id() {
        return id;
    }

    BigInteger firstHashKey() {
        return firstHashKey;
    }

    BigInteger lastHashKey() {
        return lastHashKey;
    }

    boolean covers(final BigInteger hashKey) {
        return firstHashKey.compareTo(hashKey) <= 0 && hashKey.compareTo(lastHashKey) <= 0;
    }

    /** Only asked by the one event loop. */
    ShardLimit limit() {
        return limit;
    }

    /** Keeps a record; its sequence number. */
    synchronized String add(final Stored record) {
        records.add(record);
        return sequenceNumber(records.size() - 1);
    }

    synchronized int count() {
        return records.size();
    }

    /** At most so many records from an index on. */
    synchronized List<Stored> read(final int from, final int limitRecords) {
        final int start = Math.min(from, records.size());
        final int count = Math.min(records.size() - start, limitRecords);
        return List.copyOf(records.subList(start, start + count));
    }

    static String sequenceNumber(final int index) {
        return SEQUENCE_PREFIX + String.format("%0" + SEQUENCE_DIGITS + "d", index + 1);
    }

    /** The index of the record of that name; an exception if it is none. */
    static int indexOf(final String sequenceNumber) {
        if (!sequenceNumber.startsWith(SEQUENCE_PREFIX)) {
            throw new IllegalArgumentException("no sequence number: " + sequenceNumber);
        }
        return Math.toIntExact(Long.parseLong(sequenceNumber.substring(SEQUENCE_PREFIX.length())))
                - 1;
    }
}
