package io.ringledger.ledger.partition;

import io.ringledger.ledger.log.PartitionLog;
import io.ringledger.ledger.ownership.Ownership;
import io.ringledger.model.AccountModel;
import io.ringledger.model.ModelContext;
import io.ringledger.model.frame.FrameChain;
import io.ringledger.model.frame.FrameException;
import io.ringledger.model.frame.FrameHeader;
import io.ringledger.model.frame.FrameReader;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * Rebuilds a partition by reading its log from the beginning. Every frame is checked for its
 * checksum, its place in the chain and its sums; a contradiction ends the start, nothing is
 * skipped. Used once; not thread-safe.
 */
final class Recovery {
    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);
    private static final int MAX_READS = 20;
    private static final long READ_AGAIN_MS = 500;
    private static final long PROGRESS_INTERVAL_NS = TimeUnit.SECONDS.toNanos(2);

    private final int partition;
    private final int partitions;
    private final AccountModel model;
    private final FrameChain chain;
    private @Nullable String lastLogSequence;
    private long duplicates;
    private long lastProgressNs = System.nanoTime();

    private Recovery(final int partition, final int partitions, final ModelContext context) {
        this.partition = partition;
        this.partitions = partitions;
        model = new AccountModel(context);
        chain = new FrameChain(partition, partitions);
    }

    /**
     * Reads the whole log of a partition; blocks.
     *
     * @throws IllegalStateException if the log ends before what the last owner saw of it, or is of a
     *     later epoch than this owner's
     */
    static RecoveredPartition recover(
            final PartitionLog log,
            final int partition,
            final int partitions,
            final ModelContext context,
            final Ownership ownership)
            throws InterruptedException {
        final long required = ownership.requiredSequence(partition);
        Recovery recovery = read(log, partition, partitions, context);
        // A shard may show its newest records a moment after it has acknowledged them.
        for (int reads = 1; recovery.chain.sequence() < required; reads++) {
            if (reads == MAX_READS) {
                throw new IllegalStateException("the log of partition " + partition + " ends at "
                        + recovery.chain.sequence() + ", but its last owner had brought it to "
                        + required + ": it has been cut (is the stream's retention too short?), or"
                        + " this is another stream; restore the stream, nothing was written");
            }
            LOG.warn(
                    "partition {} ends at {}, expected {}: reading again",
                    partition,
                    recovery.chain.sequence(),
                    required);
            TimeUnit.MILLISECONDS.sleep(READ_AGAIN_MS);
            recovery = read(log, partition, partitions, context);
        }
        if (recovery.chain.epoch() >= ownership.epoch()) {
            throw new IllegalStateException("the log of partition " + partition + " has epoch "
                    + recovery.chain.epoch() + ", this owner's is " + ownership.epoch()
                    + ": the ledger table is not the one that belongs to this stream; set"
                    + " RINGLEDGER_LEDGER_TABLE to the right name, nothing was written");
        }
        return new RecoveredPartition(
                recovery.model, recovery.chain, recovery.lastLogSequence, recovery.duplicates);
    }

    private static Recovery read(
            final PartitionLog log,
            final int partition,
            final int partitions,
            final ModelContext context)
            throws InterruptedException {
        final Recovery recovery = new Recovery(partition, partitions, context);
        final long startNs = System.nanoTime();
        try (FrameReader reader = new FrameReader()) {
            log.readAll(
                    (record, sequenceNumber) -> recovery.onRecord(reader, record, sequenceNumber));
        }
        recovery.model.verify();
        LOG.info(
                "recovered partition {}: {} frames, {} events, {} accounts, {} duplicates in {} ms",
                partition,
                recovery.chain.frameNumber(),
                recovery.model.lastSequence(),
                recovery.model.accountCount(),
                recovery.duplicates,
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs));
        return recovery;
    }

    private void onRecord(
            final FrameReader reader, final byte[] record, final String sequenceNumber) {
        final FrameHeader header = reader.open(record);
        if (header.partitions() == partitions && header.partition() != partition) {
            return;
        }
        lastLogSequence = sequenceNumber;
        if (chain.judge(reader, header) == FrameChain.Verdict.SEEN) {
            requireSameFrame(reader, header);
            duplicates++;
            return;
        }
        reader.readEvents(model);
        chain.advance(reader, header);
        reportProgress();
    }

    /** A retried append lands twice with the same bytes; other bytes are another owner's frame. */
    private void requireSameFrame(final FrameReader reader, final FrameHeader header) {
        final boolean isLast = header.frameNumber() == chain.frameNumber();
        if (header.epoch() > chain.epoch()
                || (isLast && !Arrays.equals(reader.hash(), chain.hash()))) {
            throw new FrameException(
                    FrameException.Reason.OUT_OF_ORDER,
                    "two owners wrote this frame, and one of them may have answered for it: "
                            + header);
        }
    }

    private void reportProgress() {
        final long nowNs = System.nanoTime();
        if (nowNs - lastProgressNs > PROGRESS_INTERVAL_NS) {
            lastProgressNs = nowNs;
            LOG.info(
                    "recovering partition {}: frame {}, event {}",
                    partition,
                    chain.frameNumber(),
                    model.lastSequence());
        }
    }
}
