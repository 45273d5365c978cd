package io.ringledger.model.snapshot;

import io.ringledger.model.AccountModel;
import io.ringledger.model.Command;
import io.ringledger.model.CurrencyCode;
import io.ringledger.model.ModelContext;
import io.ringledger.model.Outcome;
import io.ringledger.model.frame.EventBatch;
import io.ringledger.model.frame.FrameChain;
import io.ringledger.model.frame.FrameFormat;

import java.util.Random;

/**
 * Measures how fast a snapshot of many accounts and keys is written and loaded, in memory. A
 * program, not a test: accounts and further commands are its arguments.
 */
public final class SnapshotSpeed {
    private SnapshotSpeed() {}

    /** Prints a line a run. */
    public static void main(final String[] arguments) {
        final int accounts = Integer.parseInt(arguments[0]);
        final int commands = Integer.parseInt(arguments[1]);
        final ModelContext context = new ModelContext(
                ModelContext.DEFAULT_IDEMPOTENCY_WINDOW_MS,
                accounts,
                Integer.MAX_VALUE,
                accounts + commands,
                Integer.MAX_VALUE,
                1,
                2);
        final AccountModel model = made(accounts, commands, context);
        final FrameChain chain =
                new FrameChain(0, 1, 1, model.lastSequence(), 1, FrameFormat.noHash());
        for (int run = 0; run < 5; run++) {
            final long start = System.nanoTime();
            final SnapshotHeader header = SnapshotHeader.of(model, chain, 1, "shard", "1");
            final long hashed = System.nanoTime();
            final byte[] snapshot = Snapshots.write(header, model);
            final long written = System.nanoTime();
            Snapshots.read(snapshot, 0, 1, context);
            final long read = System.nanoTime();
            System.out.printf(
                    "accounts=%d keys=%d bytes=%d hash=%d ms, write=%d ms, load with checks=%d ms%n",
                    header.accounts(),
                    header.keys(),
                    snapshot.length,
                    (hashed - start) / 1_000_000,
                    (written - hashed) / 1_000_000,
                    (read - written) / 1_000_000);
        }
    }

    private static AccountModel made(
            final int accounts, final int commands, final ModelContext context) {
        final AccountModel model = new AccountModel(context);
        final EventBatch batch = new EventBatch(1 << 20);
        final Command command = new Command();
        final Outcome outcome = new Outcome();
        final Random random = new Random(1);
        final int eur = CurrencyCode.pack("EUR");
        for (int i = 0; i < accounts + commands; i++) {
            final String key = new java.util.UUID(random.nextLong(), random.nextLong()).toString();
            if (i < accounts) {
                command.openAccount("account-" + i, key, eur, 1000);
            } else {
                final String id = "account-" + random.nextInt(accounts);
                command.credit(id, key, 1 + random.nextInt(100_000), "");
            }
            if (!batch.hasRoomFor(1_700_000_000_000L + i / 1000)) {
                batch.clear();
            }
            model.submit(command, 1_700_000_000_000L + i / 1000, batch, outcome);
        }
        return model;
    }
}
