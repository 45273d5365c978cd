package io.ringledger.consumer;

import software.amazon.kinesis.retrieval.AggregatorUtil;
import software.amazon.kinesis.retrieval.KinesisClientRecord;

import java.util.List;

/**
 * Hands records on as they are. Frames are never aggregates of the KPL, and KCL's own routine would
 * quietly drop one that holds no records, or those of another shard's keys: whatever looks like one
 * must reach the projector, which stops at it.
 */
final class NoAggregation extends AggregatorUtil {
    @Override
    public List<KinesisClientRecord> deaggregate(final List<KinesisClientRecord> records) {
        return records;
    }

    @Override
    public List<KinesisClientRecord> deaggregate(
            final List<KinesisClientRecord> records,
            final String startingHashKey,
            final String endingHashKey) {
        return records;
    }
}
