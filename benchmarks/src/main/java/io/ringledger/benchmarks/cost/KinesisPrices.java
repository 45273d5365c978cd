package io.ringledger.benchmarks.cost;

/**
 * List prices of Kinesis Data Streams in us-east-1, in dollars, and what follows from them. The only place
 * where prices stand; docs/benchmarks.md names the source of each. Stateless.
 */
final class KinesisPrices {
    static final double SHARD_HOUR = 0.015;
    static final double MILLION_PUT_UNITS = 0.014;
    static final double ON_DEMAND_GIB_IN = 0.08;

    private static final double PUT_UNIT_BYTES = 25 * 1_024;
    private static final double SHARD_BYTES_A_SECOND = 1_000_000;
    private static final double SHARD_RECORDS_A_SECOND = 1_000;
    private static final double ON_DEMAND_STEP_BYTES = 1_024;
    private static final double GIB = 1 << 30;
    private static final double MILLION = 1_000_000;
    private static final double SECONDS_AN_HOUR = 3_600;

    private KinesisPrices() {}

    /**
     * Dollars to put a million events into shards that are always full, without reading them (free) and
     * without keeping them beyond a day.
     *
     * @param recordBytes of one record
     * @param eventsARecord in it
     */
    static double provisioned(final double recordBytes, final double eventsARecord) {
        final double records = MILLION / eventsARecord;
        final double shardSeconds = Math.max(
                records * recordBytes / SHARD_BYTES_A_SECOND, records / SHARD_RECORDS_A_SECOND);
        return shardSeconds / SECONDS_AN_HOUR * SHARD_HOUR
                + records * Math.ceil(recordBytes / PUT_UNIT_BYTES) * MILLION_PUT_UNITS / MILLION;
    }

    /** The same with a stream on demand, without its price by the hour. */
    static double onDemand(final double recordBytes, final double eventsARecord) {
        final double billedBytes =
                Math.ceil(recordBytes / ON_DEMAND_STEP_BYTES) * ON_DEMAND_STEP_BYTES;
        return MILLION / eventsARecord * billedBytes / GIB * ON_DEMAND_GIB_IN;
    }
}
