package io.ringledger.verifier;

import io.ringledger.ledger.log.LogRecord;
import io.ringledger.model.AccountModel;
import io.ringledger.model.InvariantViolation;
import io.ringledger.model.frame.EpochMarker;
import io.ringledger.model.frame.FrameChain;
import io.ringledger.model.frame.FrameException;
import io.ringledger.model.frame.FrameHeader;
import io.ringledger.model.frame.FrameReader;

import org.jspecify.annotations.Nullable;

/**
 * Checks the log of one partition, record by record: that each is a whole frame or marker, that
 * frame numbers, sequences, hashes and epochs follow, that what landed twice is the same twice, that
 * what a replaced owner wrote late is dropped, and, with a model, that every event is one that the
 * model can apply. Throws a {@link Difference} at the first record that is not. Not thread-safe.
 */
final class PartitionCheck implements AutoCloseable {
    private final int partition;
    private final int partitions;
    private final @Nullable EntryFold fold;
    private final FrameReader reader = new FrameReader();
    private final FrameHashes hashes = new FrameHashes();
    private @Nullable FrameChain chain;
    private final Tally tally = new Tally();
    private String where = "";

    /** Checks a log from its beginning, or from where a snapshot stands. */
    PartitionCheck(
            final int partition,
            final int partitions,
            final FrameChain chain,
            final AccountModel model) {
        this.partition = partition;
        this.partitions = partitions;
        this.chain = chain;
        this.fold = new EntryFold(model);
    }

    /** Checks frames alone, from wherever the first one stands: there is no state to check. */
    PartitionCheck(final int partition, final int partitions) {
        this.partition = partition;
        this.partitions = partitions;
        this.fold = null;
    }

    /** Takes the next record; true if it moved the partition by a frame. */
    boolean record(final LogRecord record) {
        tally.records++;
        where = "partition " + partition + ", record " + tally.records + " ("
                + record.position().shardId() + " " + record.position().sequenceNumber() + ")";
        try {
            return EpochMarker.isMarker(record.data())
                    ? marker(EpochMarker.read(record.data()))
                    : frame(reader.open(record.data()));
        } catch (final FrameException e) {
            throw new Difference(where + ": " + e.reason() + ": " + e.getMessage() + hint(e), e);
        } catch (final InvariantViolation e) {
            throw new Difference(
                    where + ": frame " + chain().frameNumber() + " + 1, after sequence "
                            + model().lastSequence() + ": event cannot be: " + e.getMessage(),
                    e);
        }
    }

    private String hint(final FrameException e) {
        final boolean isTrimmed = e.reason() == FrameException.Reason.OUT_OF_ORDER
                && tally.frames == 0
                && chain != null
                && chain.frameNumber() == 0;
        return isTrimmed
                ? "; the log does not begin with frame 1: where earlier ones were trimmed, begin"
                        + " with --from-snapshots"
                : "";
    }

    private boolean marker(final EpochMarker marker) {
        requirePartitions(marker.partitions(), marker);
        if (marker.partition() != partition) {
            tally.others++;
            return false;
        }
        tally.markers++;
        if (chain != null) {
            final boolean _ = chain.passMarker(marker);
        }
        return false;
    }

    private boolean frame(final FrameHeader header) {
        requirePartitions(header.partitions(), header);
        if (header.partition() != partition) {
            tally.others++;
            return false;
        }
        FrameChain open = chain;
        if (open == null) {
            open = new FrameChain(
                    partition,
                    partitions,
                    header.frameNumber() - 1,
                    header.firstSequence() - 1,
                    header.epoch(),
                    reader.previousHash());
            chain = open;
        }
        switch (open.judge(reader, header)) {
            case SEEN -> seen(open, header);
            case FENCED -> tally.fenced++;
            case NEXT -> {
                if (fold == null) {
                    reader.readEvents(EventsOnly.INSTANCE);
                } else {
                    reader.readEvents(fold);
                }
                open.advance(reader, header);
                hashes.add(header.frameNumber(), open.hash());
                tally.frames++;
                tally.events += header.eventCount();
                return true;
            }
        }
        return false;
    }

    /** What an owner of the present epoch sends again is the same; a replaced one's never happened. */
    private void seen(final FrameChain open, final FrameHeader header) {
        if (!hashes.isOther(header.frameNumber(), reader.hash())) {
            tally.duplicates++;
        } else if (header.epoch() < open.epoch()) {
            tally.fenced++;
        } else {
            throw new Difference(where + ": frame " + header.frameNumber()
                    + " is in the log twice, with other bytes the second time: " + header);
        }
    }

    private void requirePartitions(final int found, final Record record) {
        if (found != partitions) {
            throw new Difference(where + ": record of a ledger of " + found
                    + " partitions, expected " + partitions + ": " + record);
        }
    }

    /** The log is read: the sums of the whole state hold. */
    void end() {
        try {
            if (fold != null) {
                fold.model().verify();
            }
        } catch (final InvariantViolation e) {
            throw new Difference(
                    "partition " + partition + ", after frame " + chain().frameNumber()
                            + ", sequence " + model().lastSequence() + ": " + e.getMessage(),
                    e);
        }
    }

    /** Where the check stands; frame 0 before the first. */
    FrameChain chain() {
        return chain == null ? new FrameChain(partition, partitions) : chain;
    }

    /** The state and the entries so far. */
    EntryFold fold() {
        if (fold == null) {
            throw new IllegalStateException("only frames are checked");
        }
        return fold;
    }

    boolean hasModel() {
        return fold != null;
    }

    private AccountModel model() {
        return fold().model();
    }

    Tally tally() {
        return tally;
    }

    @Override
    public void close() {
        reader.close();
    }
}
