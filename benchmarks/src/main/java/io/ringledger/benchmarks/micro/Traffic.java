package io.ringledger.benchmarks.micro;

import io.ringledger.model.AccountModel;
import io.ringledger.model.Command;
import io.ringledger.model.CurrencyCode;
import io.ringledger.model.ModelContext;
import io.ringledger.model.Outcome;
import io.ringledger.model.ResultCode;
import io.ringledger.model.frame.EventBatch;
import io.ringledger.model.frame.FrameChain;
import io.ringledger.model.frame.FrameFormat;

import java.util.SplittableRandom;
import java.util.UUID;

/**
 * The commands that are measured: credits and withdrawals by halves on accounts drawn at random,
 * each with a random key of 128 bits as UUID text. Nothing is ever refused. The same seed gives the
 * same commands. Not thread-safe.
 */
final class Traffic {
    /** The time of the first command, in milliseconds since 1970 UTC. */
    static final long START_MS = 1_700_000_000_000L;

    private static final int EUR = CurrencyCode.pack("EUR");
    private static final long CREDIT_LIMIT = 100_000_000;
    private static final int MAX_AMOUNT = 10_000;

    private final SplittableRandom random = new SplittableRandom(42);
    private final int accounts;

    Traffic(final int accounts) {
        this.accounts = accounts;
    }

    /** Fills in the opening of one account. */
    static Command open(final int account, final Command command) {
        return command.openAccount(id(account), "open", EUR, CREDIT_LIMIT);
    }

    /** Fills in the next credit or withdrawal. */
    Command next(final Command command) {
        final String id = id(random.nextInt(accounts));
        final String key = new UUID(random.nextLong(), random.nextLong()).toString();
        final long amount = 1L + random.nextInt(MAX_AMOUNT);
        return random.nextBoolean()
                ? command.credit(id, key, amount, "")
                : command.withdraw(id, key, amount, "");
    }

    /** So many commands, made beforehand. */
    Command[] next(final int count) {
        final Command[] commands = new Command[count];
        for (int i = 0; i < count; i++) {
            commands[i] = next(new Command());
        }
        return commands;
    }

    /** A model in which all accounts are open. */
    AccountModel opened(final ModelContext context) {
        final AccountModel model = new AccountModel(context);
        final EventBatch batch = new EventBatch(1 << 20);
        final Command command = new Command();
        final Outcome outcome = new Outcome();
        for (int i = 0; i < accounts; i++) {
            if (!batch.hasRoomFor(START_MS)) {
                batch.clear();
            }
            model.submit(open(i, command), START_MS, batch, outcome);
            requireAccepted(outcome);
        }
        return model;
    }

    /** The place in a log whose one frame has brought the model to where it is. */
    static FrameChain chain(final AccountModel model) {
        return new FrameChain(0, 1, 1, model.lastSequence(), 1, FrameFormat.noHash());
    }

    /** A first decision that was not refused. */
    static void requireAccepted(final Outcome outcome) {
        if (outcome.code() != ResultCode.ACCEPTED || outcome.isReplayed()) {
            throw new IllegalStateException("not a first acceptance: code=" + outcome.code()
                    + ", isReplayed=" + outcome.isReplayed());
        }
    }

    private static String id(final int account) {
        return "account-" + account;
    }
}
