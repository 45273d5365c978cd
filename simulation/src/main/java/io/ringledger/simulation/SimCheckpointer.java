package io.ringledger.simulation;

import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.kinesis.exceptions.InvalidStateException;
import software.amazon.kinesis.exceptions.ShutdownException;
import software.amazon.kinesis.processor.Checkpointer;
import software.amazon.kinesis.processor.PreparedCheckpointer;
import software.amazon.kinesis.processor.RecordProcessorCheckpointer;

/** What KCL hands to a processor to write checkpoints with; only what is used works. */
final class SimCheckpointer implements RecordProcessorCheckpointer {
    /** The checkpoint is named by its sequence number. */
    static final int BY_NUMBER = -1;

    /** The checkpoint of the end of a shard. */
    static final int END = -2;

    /** Writes a checkpoint. */
    @FunctionalInterface
    interface Sink {
        void write(String sequenceNumber, int index)
                throws InvalidStateException, ShutdownException;
    }

    private final Sink sink;
    private final int implicit;

    /**
     * @param implicit what a checkpoint without arguments stands for: an index, or the end
     */
    SimCheckpointer(final Sink sink, final int implicit) {
        this.sink = sink;
        this.implicit = implicit;
    }

    @Override
    public void checkpoint() throws InvalidStateException, ShutdownException {
        sink.write("", implicit);
    }

    @Override
    public void checkpoint(final String sequenceNumber)
            throws InvalidStateException, ShutdownException {
        sink.write(sequenceNumber, BY_NUMBER);
    }

    @Override
    public void checkpoint(final Record record) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void checkpoint(final String sequenceNumber, final long subSequenceNumber) {
        throw new UnsupportedOperationException();
    }

    @Override
    public PreparedCheckpointer prepareCheckpoint() {
        throw new UnsupportedOperationException();
    }

    @Override
    public PreparedCheckpointer prepareCheckpoint(final byte[] state) {
        throw new UnsupportedOperationException();
    }

    @Override
    public PreparedCheckpointer prepareCheckpoint(final Record record) {
        throw new UnsupportedOperationException();
    }

    @Override
    public PreparedCheckpointer prepareCheckpoint(final Record record, final byte[] state) {
        throw new UnsupportedOperationException();
    }

    @Override
    public PreparedCheckpointer prepareCheckpoint(final String sequenceNumber) {
        throw new UnsupportedOperationException();
    }

    @Override
    public PreparedCheckpointer prepareCheckpoint(final String sequenceNumber, final byte[] state) {
        throw new UnsupportedOperationException();
    }

    @Override
    public PreparedCheckpointer prepareCheckpoint(
            final String sequenceNumber, final long subSequenceNumber) {
        throw new UnsupportedOperationException();
    }

    @Override
    public PreparedCheckpointer prepareCheckpoint(
            final String sequenceNumber, final long subSequenceNumber, final byte[] state) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Checkpointer checkpointer() {
        throw new UnsupportedOperationException();
    }
}
