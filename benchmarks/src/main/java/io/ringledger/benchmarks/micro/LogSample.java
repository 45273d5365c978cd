package io.ringledger.benchmarks.micro;

import io.ringledger.model.AccountModel;
import io.ringledger.model.Command;
import io.ringledger.model.ModelContext;
import io.ringledger.model.Outcome;
import io.ringledger.model.frame.EventBatch;
import io.ringledger.model.frame.FrameChain;
import io.ringledger.model.frame.FrameEncoder;
import io.ringledger.model.frame.FrameReader;

import java.util.ArrayList;
import java.util.List;

/**
 * The log of one partition as its writer makes it under load: openings, then {@link Traffic}, in
 * frames as large as the defaults allow. Also the bytes of the events as they were before they were
 * packed. Not thread-safe.
 */
final class LogSample {
    private static final int FRAME_EVENT_BYTES = 256 * 1024;

    /** As many events a millisecond as a fast partition writes. */
    private static final int EVENTS_PER_MS = 100;

    private final List<byte[]> records = new ArrayList<>();
    private final List<byte[]> eventBytes = new ArrayList<>();
    private final FrameChain chain = new FrameChain(0, 1);
    private final AccountModel model;
    private final int events;

    private LogSample(final AccountModel model, final int events) {
        this.model = model;
        this.events = events;
    }

    /** A log of so many events, the openings among them. */
    static LogSample of(final ModelContext context, final int accounts, final int events) {
        final LogSample sample = new LogSample(new AccountModel(context), events);
        sample.write(accounts);
        return sample;
    }

    /** A context with room for all accounts and keys of such a log. */
    static ModelContext context(final int accounts, final int events) {
        return new ModelContext(
                ModelContext.DEFAULT_IDEMPOTENCY_WINDOW_MS,
                accounts,
                Integer.MAX_VALUE,
                events,
                Integer.MAX_VALUE,
                1,
                2);
    }

    /** The frames. */
    List<byte[]> records() {
        return records;
    }

    /** The events of each frame, one after another and not packed. */
    List<byte[]> eventBytes() {
        return eventBytes;
    }

    /** The model after the last event. */
    AccountModel model() {
        return model;
    }

    /** Where the log ends. */
    FrameChain chain() {
        return chain;
    }

    private void write(final int accounts) {
        final Traffic traffic = new Traffic(accounts);
        final EventBatch batch = new EventBatch(FRAME_EVENT_BYTES);
        final Command command = new Command();
        final Outcome outcome = new Outcome();
        try (FrameEncoder encoder = new FrameEncoder(0, 1);
                FrameReader reader = new FrameReader()) {
            for (int i = 0; i < events; i++) {
                final long nowMs = Traffic.START_MS + i / EVENTS_PER_MS;
                if (i < accounts) {
                    Traffic.open(i, command);
                } else {
                    traffic.next(command);
                }
                if (!batch.hasRoomFor(nowMs)) {
                    endFrame(batch, encoder, reader);
                }
                model.submit(command, nowMs, batch, outcome);
                Traffic.requireAccepted(outcome);
            }
            endFrame(batch, encoder, reader);
        }
    }

    private void endFrame(
            final EventBatch batch, final FrameEncoder encoder, final FrameReader reader) {
        final byte[] record = encoder.encode(batch, 1, chain.frameNumber() + 1, chain.hash());
        chain.advance(reader, reader.open(record));
        records.add(record);
        final byte[] bytes = new byte[batch.length()];
        batch.buffer().getBytes(0, bytes);
        eventBytes.add(bytes);
        batch.clear();
    }
}
