package io.ringledger.consumer;

import io.ringledger.kit.trace.TraceParent;
import io.ringledger.model.event.AccountOpenedDecoder;
import io.ringledger.model.event.CommandRefusedDecoder;
import io.ringledger.model.event.CreditLimitChangedDecoder;
import io.ringledger.model.event.Flag;
import io.ringledger.model.event.TransactionPostedDecoder;
import io.ringledger.model.event.TransactionType;
import io.ringledger.model.frame.EpochMarker;
import io.ringledger.model.frame.EventHandler;
import io.ringledger.model.frame.FrameChain;
import io.ringledger.model.frame.FrameException;
import io.ringledger.model.frame.FrameHeader;
import io.ringledger.model.frame.FrameReader;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The projector's logic: takes records in the order of their shard, proves each frame against the one
 * before it, and folds the events into a batch per partition. No I/O, clock or thread of its own: who
 * drives it loads where a partition stands ({@link #resume}), commits the batches, and says so
 * ({@link #committed}) or makes it forget ({@link #forget}).
 *
 * <p>A shard may carry several partitions; each is on its own. A frame whose number was seen is
 * dropped, and one whose owner had been replaced when it landed. The epoch of a marker goes into the
 * views before anything is read after it for good: otherwise whoever goes on from there would take
 * such a frame for the next one. Whatever else does not follow is a {@link ContradictionException}: it is never skipped.
 * After one the batches are unusable and only {@link #forget} is allowed. Not thread-safe; holds
 * native memory, so close it.
 */
public final class FrameProjector implements AutoCloseable {
    /** What became of a record. */
    public enum Folded {
        /** It is in the batch of its partition. */
        ADDED,
        /** Its frame or marker was seen before. */
        DUPLICATE,
        /** Its owner had been replaced when it landed: dropped, it never happened. */
        FENCED,
        /** A new ownership begins; the batch, maybe without frames, carries its epoch. */
        MARKER
    }

    /** Where one partition stands, the open batch included. */
    private static final class Partition {
        private final FrameChain chain;
        private ViewBatch batch;

        Partition(final FrameChain chain, final ViewBatch batch) {
            this.chain = chain;
            this.batch = batch;
        }
    }

    private final int partitions;
    private final FrameReader reader = new FrameReader();
    private final Folding folding = new Folding();
    private final Map<Integer, Partition> known = new TreeMap<>();
    private @Nullable FrameHeader header;

    /** The same, and after it was folded or refused too. */
    private @Nullable FrameHeader lastOpened;

    private @Nullable EpochMarker marker;

    /** A projector of a ledger of so many partitions; it knows none of them yet. */
    public FrameProjector(final int partitions) {
        this.partitions = partitions;
    }

    /**
     * Takes in a record, for {@link #fold}.
     *
     * @return the partition that it belongs to, which must be resumed first if it is not known
     * @throws ContradictionException if it is not a whole frame of this ledger
     */
    public int open(final byte[] record) {
        header = null;
        lastOpened = null;
        marker = null;
        try {
            if (EpochMarker.isMarker(record)) {
                final EpochMarker opened = EpochMarker.read(record);
                requirePartitions(opened.partitions(), opened);
                marker = opened;
                return opened.partition();
            }
            final FrameHeader opened = reader.open(record);
            requirePartitions(opened.partitions(), opened);
            header = opened;
            lastOpened = opened;
            return opened.partition();
        } catch (final FrameException e) {
            throw ContradictionException.of(e);
        }
    }

    /** Where the record is that was opened last, for messages; empty if it could not be opened. */
    public String where() {
        final FrameHeader opened = lastOpened;
        return opened == null
                ? ""
                : ", partition " + opened.partition() + ", frame " + opened.frameNumber();
    }

    private void requirePartitions(final int found, final Record opened) {
        if (found != partitions) {
            throw new ContradictionException(
                    HaltReason.WRONG_PARTITION,
                    "record of a ledger of another number of partitions: " + opened
                            + ", partitions=" + partitions);
        }
    }

    /** Whether the partition was resumed and not forgotten since. */
    public boolean isKnown(final int partition) {
        return known.containsKey(partition);
    }

    /** Goes on with a partition from where its views stand. */
    public void resume(final PartitionView view) {
        final Progress progress = view.progress();
        known.put(
                progress.partition(),
                new Partition(
                        new FrameChain(
                                progress.partition(),
                                partitions,
                                progress.frame(),
                                progress.sequence(),
                                progress.epoch(),
                                progress.frameHash()),
                        new ViewBatch(view)));
    }

    /**
     * Adds the open record to the batch of its partition, unless it is to be dropped.
     *
     * @throws ContradictionException if it does not follow
     */
    public Folded fold() {
        final EpochMarker openMarker = marker;
        if (openMarker != null) {
            marker = null;
            return fold(openMarker);
        }
        final FrameHeader opened = header;
        if (opened == null) {
            throw new IllegalStateException("no record is open");
        }
        header = null;
        return fold(opened);
    }

    private Folded fold(final EpochMarker opened) {
        final Partition partition = partition(opened.partition());
        if (!partition.chain.passMarker(opened)) {
            return Folded.DUPLICATE;
        }
        partition.batch.raiseEpoch(opened.epoch());
        return Folded.MARKER;
    }

    private Folded fold(final FrameHeader opened) {
        final Partition partition = partition(opened.partition());
        try {
            final FrameChain.Verdict verdict = partition.chain.judge(reader, opened);
            if (verdict != FrameChain.Verdict.NEXT) {
                return verdict == FrameChain.Verdict.SEEN ? Folded.DUPLICATE : Folded.FENCED;
            }
            folding.batch = partition.batch;
            folding.frame = opened.frameNumber();
            reader.readEvents(folding);
            partition.chain.advance(reader, opened);
        } catch (final FrameException e) {
            throw ContradictionException.of(e);
        } catch (final ArithmeticException e) {
            throw new ContradictionException(
                    HaltReason.IMPOSSIBLE_EVENT, "a sum overflows: " + opened, e);
        }
        partition.batch.endOfFrame(
                new Progress(
                        opened.partition(),
                        opened.frameNumber(),
                        opened.lastSequence(),
                        opened.epoch(),
                        folding.timeMs,
                        partition.chain.hash()),
                opened.baseTimeMs());
        return Folded.ADDED;
    }

    /** The open batch of a partition; it may be empty. */
    public ViewBatch batch(final int partition) {
        return partition(partition).batch;
    }

    /** The partitions whose batch moves the views, if only their epoch, in order. */
    public List<Integer> pending() {
        return known.entrySet().stream()
                .filter(e -> e.getValue().batch.isMoving())
                .map(Map.Entry::getKey)
                .toList();
    }

    /** The views have taken in the batch of this partition: goes on with an empty one. */
    public void committed(final int partition) {
        final Partition committed = partition(partition);
        committed.batch = new ViewBatch(committed.batch.toView());
    }

    /** Forgets all partitions and their batches: each must be resumed from its views. */
    public void forget() {
        known.clear();
        header = null;
        marker = null;
    }

    private Partition partition(final int partition) {
        final Partition found = known.get(partition);
        if (found == null) {
            throw new IllegalStateException("partition was not resumed: partition=" + partition);
        }
        return found;
    }

    @Override
    public void close() {
        reader.close();
    }

    /** Turns events into what they change in the views. */
    private static final class Folding implements EventHandler {
        private @Nullable ViewBatch batch;
        private long frame;
        private long timeMs;
        private byte[] text = new byte[1024];

        private ViewBatch batch() {
            final ViewBatch open = batch;
            if (open == null) {
                throw new IllegalStateException("no batch is open");
            }
            return open;
        }

        @Override
        public void onFrameEnd() {}

        @Override
        public void onAccountOpened(
                final long sequence, final long timeMs, final AccountOpenedDecoder event) {
            this.timeMs = timeMs;
            if (event.spanId() != 0) {
                traced(sequence, event.traceIdHigh(), event.traceIdLow(), event.spanId());
            }
            final String currency = event.currency();
            if (event.worldOpened() == Flag.YES) {
                batch().systemAccountOpened(sequence, timeMs, event.worldAccountNumber(), currency);
            }
            event.skipIdempotencyKey();
            final int length = event.accountIdLength();
            final String accountId = text(event.getAccountId(room(length), 0, length));
            batch().opened(
                            sequence,
                            timeMs,
                            event.accountNumber(),
                            accountId,
                            currency,
                            event.creditLimit());
        }

        @Override
        public void onTransactionPosted(
                final long sequence, final long timeMs, final TransactionPostedDecoder event) {
            this.timeMs = timeMs;
            if (event.spanId() != 0) {
                traced(sequence, event.traceIdHigh(), event.traceIdLow(), event.spanId());
            }
            final TransactionType type = event.transactionType();
            if (type == TransactionType.NULL_VAL || event.amount() <= 0) {
                throw new ContradictionException(
                        HaltReason.IMPOSSIBLE_EVENT,
                        "no such transaction: sequence=" + sequence + ", type="
                                + event.transactionTypeRaw() + ", amount=" + event.amount());
            }
            final long amount = type == TransactionType.CREDIT ? event.amount() : -event.amount();
            event.skipIdempotencyKey();
            final int length = event.referenceLength();
            final String reference =
                    length == 0 ? null : text(event.getReference(room(length), 0, length));
            batch().posted(
                            sequence,
                            timeMs,
                            event.accountNumber(),
                            event.contraAccountNumber(),
                            type.value(),
                            amount,
                            event.balance(),
                            reference);
        }

        @Override
        public void onCreditLimitChanged(
                final long sequence, final long timeMs, final CreditLimitChangedDecoder event) {
            this.timeMs = timeMs;
            if (event.spanId() != 0) {
                traced(sequence, event.traceIdHigh(), event.traceIdLow(), event.spanId());
            }
            batch().creditLimitChanged(
                            sequence, timeMs, event.accountNumber(), event.creditLimit());
        }

        @Override
        public void onCommandRefused(
                final long sequence, final long timeMs, final CommandRefusedDecoder event) {
            this.timeMs = timeMs;
            if (event.spanId() != 0) {
                traced(sequence, event.traceIdHigh(), event.traceIdLow(), event.spanId());
            }
            batch().refused();
        }

        /** A trace of zeros is none: it says nothing about the event, which counts all the same. */
        private void traced(
                final long sequence, final long high, final long low, final long spanId) {
            if ((high | low) != 0) {
                batch().traced(new TraceParent(high, low, spanId, true), frame, sequence);
            }
        }

        private byte[] room(final int length) {
            if (text.length < length) {
                text = new byte[length];
            }
            return text;
        }

        private String text(final int length) {
            return new String(text, 0, length, StandardCharsets.UTF_8);
        }
    }
}
