package io.ringledger.simulation;

import io.ringledger.ledger.log.LogPosition;
import io.ringledger.model.AccountModel;
import io.ringledger.model.ModelContext;
import io.ringledger.model.frame.EpochMarker;
import io.ringledger.model.frame.FrameChain;
import io.ringledger.model.frame.FrameHeader;
import io.ringledger.model.frame.FrameReader;
import io.ringledger.simulation.NaiveLedger.Broken;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What has happened in one partition: the frames that count, by the oracle's own rule. A marker
 * raises the fence; a frame counts if its epoch is the fence, its number the next, and it names the
 * hash of the one before. The readers under test go over the same records beside it and must come to
 * the same verdicts.
 */
final class CanonicalLog implements AutoCloseable {
    /** A frame that counts. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Frame(
            long number,
            long epoch,
            long lastSequence,
            byte[] record,
            byte[] hash,
            LogPosition position) {}

    private static final byte[] NO_HASH = new byte[32];

    private final int partition;
    private final Tally tally;
    private final ModelContext modelContext;
    private final NaiveLedger ledger;
    private final List<Frame> frames = new ArrayList<>();
    private final List<LogEvent> events = new ArrayList<>();
    private long fence;
    private byte @Nullable [] lastMarker;

    // The readers under test, over the same records.
    private final FrameReader reader = new FrameReader();
    private final FrameChain chain;
    private final AccountModel model;

    CanonicalLog(
            final int partition,
            final int partitions,
            final ModelContext modelContext,
            final Tally tally) {
        this.partition = partition;
        this.tally = tally;
        this.modelContext = modelContext;
        ledger = new NaiveLedger(modelContext.idempotencyWindowMs());
        chain = new FrameChain(partition, partitions);
        model = new AccountModel(modelContext);
    }

    /** Judges a record that is in the log from now on. */
    void onRecord(final byte[] bytes, final LogPosition position) {
        final RawRecord record = new RawRecord(bytes);
        if (record.partition() != partition) {
            throw new Broken(
                    "(g) one frame a number",
                    "record of another partition: " + record.partition() + ", expected="
                            + partition);
        }
        if (record.isMarker()) {
            onMarker(record, bytes);
        } else {
            onFrame(record, bytes, position);
        }
        if (chain.epoch() != fence
                || chain.frameNumber() != frames.size()
                || model.lastSequence() != events.size()) {
            throw new Broken(
                    "readers",
                    "the reader stands elsewhere: partition=" + partition
                            + ", fence=" + fence + ", its=" + chain.epoch() + ", frames="
                            + frames.size()
                            + ", its=" + chain.frameNumber() + ", events=" + events.size()
                            + ", its="
                            + model.lastSequence());
        }
    }

    private void onMarker(final RawRecord record, final byte[] bytes) {
        if (record.epoch() > fence) {
            fence = record.epoch();
            lastMarker = bytes;
            tally.count("ownerships announced in the log");
        } else if (record.epoch() == fence) {
            tally.count("markers twice in the log");
            if (!Arrays.equals(bytes, lastMarker)) {
                throw new Broken(
                        "(g) one owner an epoch",
                        "two owners announced the same epoch: " + "partition=" + partition
                                + ", epoch=" + fence);
            }
        } else {
            tally.count("markers of replaced owners in the log");
        }
        chain.passMarker(EpochMarker.read(bytes));
    }

    private void onFrame(final RawRecord record, final byte[] bytes, final LogPosition position) {
        final FrameChain.Verdict expected = judge(record, bytes);
        final FrameHeader header = reader.open(bytes);
        final FrameChain.Verdict verdict = chain.judge(reader, header);
        if (verdict != expected) {
            throw new Broken(
                    "readers",
                    "another verdict: " + verdict + ", expected=" + expected + ", " + header
                            + ", fence=" + fence);
        }
        if (expected == FrameChain.Verdict.NEXT) {
            takeIn(record, bytes, position);
            reader.readEvents(model);
            chain.advance(reader, header);
        } else {
            tally.count(
                    expected == FrameChain.Verdict.SEEN
                            ? "frames twice in the log"
                            : "frames of replaced owners in the log");
        }
    }

    private FrameChain.Verdict judge(final RawRecord record, final byte[] bytes) {
        final long number = record.frameNumber();
        if (number <= frames.size()) {
            final boolean isSame = Arrays.equals(frames.get((int) number - 1).record(), bytes);
            if (!isSame && record.epoch() >= fence) {
                throw new Broken(
                        "(g) one frame a number",
                        "two frames: partition=" + partition + ", number=" + number + ", epoch="
                                + record.epoch());
            }
            return FrameChain.Verdict.SEEN;
        }
        if (record.epoch() < fence) {
            return FrameChain.Verdict.FENCED;
        }
        if (record.epoch() > fence) {
            throw new Broken(
                    "(g) marker first",
                    "frame before the marker of its owner: partition=" + partition + ", epoch="
                            + record.epoch() + ", fence=" + fence);
        }
        final byte[] before = frames.isEmpty() ? NO_HASH : frames.getLast().hash();
        if (number != frames.size() + 1
                || record.firstSequence() != events.size() + 1
                || !Arrays.equals(record.previousHash(), before)) {
            throw new Broken(
                    "(g) one frame a number",
                    "frame does not follow: partition="
                            + partition + ", number=" + number + ", expected=" + (frames.size() + 1)
                            + ", firstSequence=" + record.firstSequence() + ", expected="
                            + (events.size() + 1));
        }
        return FrameChain.Verdict.NEXT;
    }

    private void takeIn(final RawRecord record, final byte[] bytes, final LogPosition position) {
        final ByteBuffer raw = record.events();
        for (int i = 0; i < record.eventCount(); i++) {
            final LogEvent event =
                    ledger.apply(events.size() + 1, RawRecord.readEvent(raw, record.baseTimeMs()));
            events.add(event);
            tally.count("recorded outcomes of code " + event.code());
        }
        if (raw.hasRemaining()) {
            throw new Broken(
                    "(d) whole events",
                    "events end elsewhere: partition=" + partition + ", number="
                            + record.frameNumber());
        }
        frames.add(new Frame(
                frames.size() + 1, record.epoch(), events.size(), bytes, sha256(bytes), position));
    }

    int partition() {
        return partition;
    }

    long fence() {
        return fence;
    }

    NaiveLedger ledger() {
        return ledger;
    }

    List<Frame> frames() {
        return frames;
    }

    List<LogEvent> events() {
        return events;
    }

    /** The event of a sequence; null if it has not happened. */
    @Nullable LogEvent event(final long sequence) {
        return sequence < 1 || sequence > events.size() ? null : events.get((int) sequence - 1);
    }

    /** Sequence of the last event of a frame; 0 before the first. */
    long sequenceAfter(final long frameNumber) {
        return frameNumber == 0 ? 0 : frames.get((int) frameNumber - 1).lastSequence();
    }

    byte[] hashAfter(final long frameNumber) {
        return frameNumber == 0 ? NO_HASH : frames.get((int) frameNumber - 1).hash();
    }

    /** The hash of the state that the production model makes of the frames up to one. */
    String stateHashAfter(final long frameNumber) {
        if (frameNumber == frames.size()) {
            return model.stateHash();
        }
        final AccountModel folded = new AccountModel(modelContext);
        for (int i = 0; i < frameNumber; i++) {
            reader.open(frames.get(i).record());
            reader.readEvents(folded);
        }
        return folded.stateHash();
    }

    /** Checks the whole state of the model that was folded beside. */
    void verify() {
        model.verify();
        if (model.accountCount() != ledger.accountCount()) {
            throw new Broken(
                    "(b) replay",
                    "accounts differ: " + model.accountCount() + ", expected="
                            + ledger.accountCount());
        }
    }

    @Override
    public void close() {
        reader.close();
    }

    private static byte[] sha256(final byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (final NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
