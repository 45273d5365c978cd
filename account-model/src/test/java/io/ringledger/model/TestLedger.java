package io.ringledger.model;

import io.ringledger.model.frame.EventBatch;
import io.ringledger.model.frame.EventHandler;
import io.ringledger.model.frame.FrameChain;
import io.ringledger.model.frame.FrameEncoder;
import io.ringledger.model.frame.FrameFormat;
import io.ringledger.model.frame.FrameHeader;
import io.ringledger.model.frame.FrameReader;

import java.util.ArrayList;
import java.util.List;

/** A model that writes its log, as the writer does, without ring and stream. */
public final class TestLedger implements AutoCloseable {
    public static final int PARTITION = 1;
    public static final int PARTITIONS = 4;
    public static final long EPOCH = 7;

    private static final int BATCH_BYTES = 1 << 20;

    private final AccountModel model;
    private final EventBatch batch = new EventBatch(BATCH_BYTES);
    private final FrameEncoder encoder = new FrameEncoder(PARTITION, PARTITIONS);
    private final List<byte[]> records = new ArrayList<>();
    private final Command command = new Command();
    private byte[] previousHash = FrameFormat.noHash();

    public TestLedger(final ModelContext context) {
        model = new AccountModel(context);
    }

    /** A context with this window and hash seed. */
    static ModelContext context(final long windowMs, final long hashSeed) {
        return new ModelContext(
                windowMs, 16, Integer.MAX_VALUE, 16, Integer.MAX_VALUE, hashSeed, ~hashSeed);
    }

    public AccountModel model() {
        return model;
    }

    /** The batch that grows. */
    public EventBatch batch() {
        return batch;
    }

    /** The frames so far, without the one that grows. */
    public List<byte[]> records() {
        return records;
    }

    Outcome submit(final Ask ask, final long clockMs) {
        return submit(ask.into(command), clockMs);
    }

    public Outcome submit(final Command asked, final long clockMs) {
        if (!batch.hasRoomFor(model.ledgerTimeMs(clockMs))) {
            flush();
        }
        final Outcome outcome = new Outcome();
        model.submit(asked, clockMs, batch, outcome);
        return outcome;
    }

    /** Ends the frame, if there is something in it. */
    public void flush() {
        if (batch.eventCount() == 0) {
            return;
        }
        final byte[] record = encoder.encode(batch, EPOCH, records.size() + 1, previousHash);
        previousHash = FrameFormat.hashOf(record);
        records.add(record);
        batch.clear();
    }

    /** Reads a log as every reader must: each frame is judged, then handed over. */
    public static void read(final List<byte[]> records, final EventHandler handler) {
        final FrameChain chain = new FrameChain(PARTITION, PARTITIONS);
        try (FrameReader reader = new FrameReader()) {
            for (final byte[] record : records) {
                final FrameHeader header = reader.open(record);
                if (chain.judge(reader, header) == FrameChain.Verdict.NEXT) {
                    reader.readEvents(handler);
                    chain.advance(reader, header);
                }
            }
        }
    }

    /** A new model that has replayed a log. */
    public static AccountModel replay(final List<byte[]> records, final ModelContext context) {
        final AccountModel replayed = new AccountModel(context);
        read(records, replayed);
        return replayed;
    }

    @Override
    public void close() {
        encoder.close();
    }
}
