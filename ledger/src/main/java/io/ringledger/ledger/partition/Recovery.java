package io.ringledger.ledger.partition;

import io.ringledger.ledger.log.PartitionLog;
import io.ringledger.model.AccountModel;
import io.ringledger.model.ModelContext;
import io.ringledger.model.frame.FrameChain;
import io.ringledger.model.frame.FrameHeader;
import io.ringledger.model.frame.FrameReader;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.concurrent.TimeUnit;

/**
 * Rebuilds a partition by reading its log from the beginning. Every frame is checked for its
 * checksum, its place in the chain and its sums; a contradiction ends the start, nothing is
 * skipped. Used once; not thread-safe.
 */
final class Recovery {
    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);
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

    /** Reads the whole log of a partition; blocks. */
    static RecoveredPartition recover(
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
        return new RecoveredPartition(
                recovery.model, recovery.chain, recovery.lastLogSequence, recovery.duplicates);
    }

    private void onRecord(
            final FrameReader reader, final byte[] record, final String sequenceNumber) {
        final FrameHeader header = reader.open(record);
        if (header.partitions() == partitions && header.partition() != partition) {
            return;
        }
        lastLogSequence = sequenceNumber;
        if (chain.judge(reader, header) == FrameChain.Verdict.SEEN) {
            duplicates++;
            return;
        }
        reader.readEvents(model);
        chain.advance(reader, header);
        reportProgress();
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
