package io.ringledger.consumer;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import software.amazon.kinesis.exceptions.InvalidStateException;
import software.amazon.kinesis.exceptions.KinesisClientLibDependencyException;
import software.amazon.kinesis.exceptions.ShutdownException;
import software.amazon.kinesis.exceptions.ThrottlingException;

/** Writes checkpoints of KCL, whose failures are no reason to end. Stateless. */
final class CheckpointWriter {
    private static final Logger LOG = LoggerFactory.getLogger(CheckpointWriter.class);

    /** What became of a checkpoint. */
    enum Result {
        /** It stands in the lease table. */
        WRITTEN,
        /** The lease is lost: it is another worker's matter now. */
        LOST,
        /** It is worth another try. */
        FAILED
    }

    /** A call that writes a checkpoint. */
    @FunctionalInterface
    interface Call {
        void write() throws InvalidStateException, ShutdownException;
    }

    private CheckpointWriter() {}

    static Result write(final String shardId, final Call checkpoint) {
        try {
            checkpoint.write();
            return Result.WRITTEN;
        } catch (final ShutdownException e) {
            LOG.info("shard {}: no checkpoint, the lease is lost", shardId);
            return Result.LOST;
        } catch (final ThrottlingException | KinesisClientLibDependencyException e) {
            LOG.warn("shard {}: no checkpoint: {}", shardId, e.toString());
            return Result.FAILED;
        } catch (final InvalidStateException e) {
            LOG.warn("shard {}: no checkpoint, the lease table is not right", shardId, e);
            return Result.FAILED;
        }
    }
}
