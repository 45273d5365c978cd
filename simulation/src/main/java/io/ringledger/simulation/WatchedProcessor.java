package io.ringledger.simulation;

import software.amazon.kinesis.lifecycle.events.InitializationInput;
import software.amazon.kinesis.lifecycle.events.LeaseLostInput;
import software.amazon.kinesis.lifecycle.events.ProcessRecordsInput;
import software.amazon.kinesis.lifecycle.events.ShardEndedInput;
import software.amazon.kinesis.lifecycle.events.ShutdownRequestedInput;
import software.amazon.kinesis.processor.ShardRecordProcessor;

/** A processor under test; after each call something is checked. */
final class WatchedProcessor implements ShardRecordProcessor {
    private final ShardRecordProcessor processor;
    private final Runnable check;

    WatchedProcessor(final ShardRecordProcessor processor, final Runnable check) {
        this.processor = processor;
        this.check = check;
    }

    @Override
    public void initialize(final InitializationInput input) {
        processor.initialize(input);
        check.run();
    }

    @Override
    public void processRecords(final ProcessRecordsInput input) {
        processor.processRecords(input);
        check.run();
    }

    @Override
    public void leaseLost(final LeaseLostInput input) {
        processor.leaseLost(input);
        check.run();
    }

    @Override
    public void shardEnded(final ShardEndedInput input) {
        processor.shardEnded(input);
        check.run();
    }

    @Override
    public void shutdownRequested(final ShutdownRequestedInput input) {
        processor.shutdownRequested(input);
        check.run();
    }
}
