package io.ringledger.torture;

import io.ringledger.model.AccountModel;
import io.ringledger.model.Command;
import io.ringledger.model.ModelContext;
import io.ringledger.model.Outcome;
import io.ringledger.model.ResultCode;
import io.ringledger.model.frame.EpochMarker;
import io.ringledger.model.frame.EventBatch;
import io.ringledger.model.frame.FrameEncoder;
import io.ringledger.model.frame.FrameReader;

import java.util.ArrayList;
import java.util.List;

/** Writes the records of a partition as its owner would. Not thread-safe. */
final class WrittenLog implements AutoCloseable {
    private static final int EUR = 'E' | 'U' << 8 | 'R' << 16;
    private static final int CAPACITY = 64 * 1024;

    private final AccountModel model;
    private final FrameEncoder encoder = new FrameEncoder(0, 1);
    private final FrameReader reader = new FrameReader();
    private final EventBatch batch = new EventBatch(CAPACITY);
    private byte[] hash = new byte[32];
    private long frameNumber;

    /** An owner whose keys expire after a while. */
    WrittenLog(final long windowMs) {
        model = new AccountModel(new ModelContext(windowMs, 16, 1_000, 16, 1_000, 1, 2));
    }

    WrittenLog() {
        this(ModelContext.DEFAULT_IDEMPOTENCY_WINDOW_MS);
    }

    /** What the owner would answer; the frame's record is added. */
    List<Answer> frame(
            final long epoch, final long timeMs, final List<byte[]> records, final Ask... asks) {
        final List<Answer> answers = new ArrayList<>();
        batch.clear();
        for (final Ask ask : asks) {
            final Outcome outcome = new Outcome();
            model.submit(command(ask), timeMs, batch, outcome);
            answers.add(answer(outcome));
        }
        frameNumber++;
        final byte[] record = encoder.encode(batch, epoch, frameNumber, hash);
        reader.open(record);
        hash = reader.hash();
        records.add(record);
        return answers;
    }

    static byte[] marker(final long epoch) {
        return new EpochMarker(1, 0, epoch, epoch, epoch).toRecord();
    }

    private static Command command(final Ask ask) {
        final Command command = new Command();
        return switch (ask.op()) {
            case OPEN -> command.openAccount(ask.accountId(), ask.key(), EUR, ask.amount());
            case CREDIT -> command.credit(ask.accountId(), ask.key(), ask.amount(), "");
            case WITHDRAW -> command.withdraw(ask.accountId(), ask.key(), ask.amount(), "");
            case LIMIT -> command.setCreditLimit(ask.accountId(), ask.key(), ask.amount());
        };
    }

    private static Answer answer(final Outcome outcome) {
        final boolean isAccepted = outcome.code() == ResultCode.ACCEPTED;
        return new Answer(
                Answer.Kind.DECIDED,
                isAccepted ? 201 : 422,
                0,
                outcome.sequence(),
                isAccepted ? outcome.balance() : 0,
                isAccepted ? outcome.creditLimit() : 0,
                outcome.isReplayed(),
                isAccepted ? "" : outcome.code().wireName());
    }

    @Override
    public void close() {
        reader.close();
        encoder.close();
    }
}
