package io.ringledger.verifier;

import io.ringledger.ledger.log.LogPosition;
import io.ringledger.ledger.log.LogRecord;
import io.ringledger.model.AccountModel;
import io.ringledger.model.CurrencyCode;
import io.ringledger.model.ModelContext;
import io.ringledger.model.frame.FrameChain;
import io.ringledger.snapshots.SnapshotLoader;
import io.ringledger.snapshots.SnapshotStore;

import org.jspecify.annotations.Nullable;

import java.io.PrintStream;
import java.sql.SQLException;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Verifies a log partition by partition, and the views with it. One model is in memory at a time.
 * Throws a {@link Difference} at the first. Not thread-safe; calls block.
 */
final class Verification {
    private static final long PROGRESS_NS = TimeUnit.SECONDS.toNanos(2);

    /** What the accounts of one currency come to. */
    private static final class Sum {
        private long accounts;
        private long customers;
        private long world;
    }

    private final LogSource source;
    private final int partitions;
    private final ModelContext context;
    private final @Nullable SnapshotStore snapshots;
    private final @Nullable ViewCheck views;
    private final PrintStream progress;
    private final Tally tally = new Tally();
    private final Map<String, Sum> sums = new TreeMap<>();
    private long accounts;
    private long comparedEntries;
    private long saidAtNs = System.nanoTime();

    /**
     * @param context with the ledger's window
     * @param snapshots where to begin from, or null: from the beginning
     * @param views to compare with, or null
     * @param progress gets a line now and then
     */
    Verification(
            final LogSource source,
            final int partitions,
            final ModelContext context,
            final @Nullable SnapshotStore snapshots,
            final @Nullable ViewCheck views,
            final PrintStream progress) {
        this.source = source;
        this.partitions = partitions;
        this.context = context;
        this.snapshots = snapshots;
        this.views = views;
        this.progress = progress;
    }

    /** Verifies one partition. */
    void verify(final int partition) throws SQLException {
        final SnapshotLoader.Loaded loaded = load(partition);
        final AccountModel model = loaded == null ? new AccountModel(context) : loaded.model();
        final FrameChain chain = loaded == null
                ? new FrameChain(partition, partitions)
                : loaded.header().chain();
        final LogPosition from = loaded == null || loaded.header().shardId().isEmpty()
                ? null
                : new LogPosition(
                        loaded.header().shardId(), loaded.header().recordSequenceNumber());
        try (PartitionCheck check = new PartitionCheck(partition, partitions, chain, model)) {
            final Views compared = new Views(partition, check);
            compared.atFrame();
            source.read(partition, from, record -> {
                if (!record.position().equals(from) && check.record(record)) {
                    compared.atFrame();
                }
                say(partition, check.tally());
            });
            check.end();
            compared.end();
            sum(check);
        }
    }

    /** Verifies the frames of one partition from a record on, without their state. */
    void verifyFrames(final int partition, final LogPosition from) {
        try (PartitionCheck check = new PartitionCheck(partition, partitions)) {
            source.read(partition, from, record -> {
                check.record(record);
                say(partition, check.tally());
            });
            tally.add(check.tally());
        }
    }

    private SnapshotLoader.@Nullable Loaded load(final int partition) {
        if (snapshots == null) {
            return null;
        }
        final SnapshotLoader.Found found =
                new SnapshotLoader(snapshots).load(partition, partitions, context);
        found.refused()
                .forEach(refusal -> progress.println("partition " + partition + ": snapshot "
                        + refusal.name() + " refused, " + refusal.why() + ": "
                        + refusal.message()));
        final SnapshotLoader.Loaded loaded = found.loaded();
        progress.println("partition " + partition + ": from "
                + (loaded == null ? "the beginning, there is no valid snapshot" : loaded.name()));
        return loaded;
    }

    /** The views of one partition, compared once the log has come to their frame. */
    private final class Views {
        private final int partition;
        private final PartitionCheck check;
        private final long firstSequence;
        private final ViewCheck.@Nullable Progress shown;
        private boolean isCompared;

        Views(final int partition, final PartitionCheck check) throws SQLException {
            this.partition = partition;
            this.check = check;
            this.firstSequence = check.chain().sequence() + 1;
            this.shown = views == null ? null : views.progress(partition);
            if (shown != null && shown.frame() < check.chain().frameNumber()) {
                throw new Difference("views of partition " + partition + ": they are at frame "
                        + shown.frame() + ", behind the snapshot at frame "
                        + check.chain().frameNumber() + ": verify without --from-snapshots");
            }
        }

        void atFrame() {
            if (views == null
                    || shown == null
                    || isCompared
                    || shown.frame() != check.chain().frameNumber()) {
                return;
            }
            isCompared = true;
            try {
                views.compare(partition, shown, check, firstSequence);
            } catch (final SQLException e) {
                throw new IllegalStateException("views cannot be read: " + e.getMessage(), e);
            }
            comparedEntries += check.fold().entries();
        }

        void end() {
            if (shown == null) {
                return;
            }
            if (!isCompared) {
                throw new Difference("views of partition " + partition + ": they are at frame "
                        + shown.frame() + ", the log ends with frame "
                        + check.chain().frameNumber());
            }
            if (shown.epoch() > check.chain().epoch()) {
                throw new Difference(
                        "views of partition " + partition + ": their epoch is " + shown.epoch()
                                + ", the log has come to " + check.chain().epoch());
            }
        }
    }

    private void sum(final PartitionCheck check) {
        tally.add(check.tally());
        accounts += check.fold().model().accountCount();
        check.fold()
                .model()
                .forEachAccount((number, id, currency, isWorld, balance, held, limit) -> {
                    final Sum sum =
                            sums.computeIfAbsent(CurrencyCode.unpack(currency), c -> new Sum());
                    if (isWorld) {
                        sum.world = Math.addExact(sum.world, balance);
                    } else {
                        sum.accounts++;
                        sum.customers = Math.addExact(sum.customers, balance);
                    }
                });
    }

    private void say(final int partition, final Tally now) {
        if ((now.records & 0x3F) == 0 && System.nanoTime() - saidAtNs > PROGRESS_NS) {
            saidAtNs = System.nanoTime();
            progress.println("partition " + partition + ": " + now);
        }
    }

    /** What was found in order, in a few lines. */
    String summary() {
        final StringBuilder text = new StringBuilder();
        text.append(source).append(": no difference\n  ").append(tally).append('\n');
        text.append("  ").append(accounts).append(" accounts, system accounts included\n");
        sums.forEach((currency, sum) -> text.append("  ")
                .append(currency)
                .append(": ")
                .append(sum.accounts)
                .append(" accounts with ")
                .append(sum.customers)
                .append(", @world ")
                .append(sum.world)
                .append(", sum ")
                .append(sum.customers + sum.world)
                .append('\n'));
        if (views != null) {
            text.append("  views: equal to the log at their position, ")
                    .append(comparedEntries)
                    .append(" entries compared\n");
        }
        return text.toString();
    }

    /** Copies the records of a partition into an export, as they are. */
    static void export(
            final LogSource source, final int partition, final ExportFile.Writer writer) {
        source.read(partition, null, (final LogRecord record) -> {
            if (Records.isOf(record.data(), partition)) {
                writer.add(partition, record);
            }
        });
    }
}
