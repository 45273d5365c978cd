package io.ringledger.consumer;

import io.ringledger.model.AccountModel;
import io.ringledger.model.InvariantViolation;
import io.ringledger.model.ModelContext;
import io.ringledger.model.frame.EpochMarker;
import io.ringledger.model.frame.FrameChain;
import io.ringledger.model.frame.FrameException;
import io.ringledger.model.frame.FrameHeader;
import io.ringledger.model.frame.FrameReader;
import io.ringledger.model.snapshot.SnapshotHeader;
import io.ringledger.snapshots.SnapshotLoader;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The follower's logic (design D8): takes the records of one shard in their order, folds each
 * partition's through the same model as the writer, and says when a snapshot of a partition is due
 * and how far the shard is covered by snapshots that are stored. No I/O, clock or thread of its own:
 * who drives it resumes every partition of the shard ({@link #resume}), brings what lies between a
 * snapshot and the first record ({@link #catchUp}), stores what is due and says so ({@link #stored}).
 *
 * <p>Between two calls every model stands at the end of a frame. After a {@link
 * ContradictionException} the state is unusable and nothing may be stored. Not thread-safe; holds
 * native memory, so close it.
 */
public final class SnapshotFollower implements AutoCloseable {
    /** What became of a record. */
    public enum Followed {
        /** Its events are in the model. */
        ADDED,
        /** Its frame or marker was seen before. */
        DUPLICATE,
        /** Its owner had been replaced when it landed: dropped, it never happened. */
        FENCED,
        /** A new ownership begins: the fence is part of the next snapshot. */
        MARKER
    }

    /**
     * When a snapshot is due, and when a failed one is tried again.
     *
     * @param events after so many events
     * @param intervalMs after this time, if anything has changed; after ten times as long if nothing
     *     has but the shard has moved on, so that a snapshot never lies far behind the checkpoint
     * @param retryMs after a failure
     */
    public record Pace(long events, long intervalMs, long retryMs) {}

    private static final int IDLE_INTERVALS = 10;
    private static final int NO_PARTITION = -1;

    /** One partition: its state, and what of it is stored. */
    private static final class Followee {
        private final AccountModel model;
        private final FrameChain chain;
        private String shardId;
        private String recordName;
        private long events;
        private long storedAtMs;
        private long storedSequence;
        private long storedAtRecord;
        private long notBeforeMs = Long.MIN_VALUE;

        // The last record before the first that is in no stored snapshot; only if there is one.
        private boolean isDirty;
        private long cleanRecord;
        private String cleanName = "";

        Followee(
                final AccountModel model,
                final FrameChain chain,
                final String shardId,
                final String recordName,
                final long nowMs) {
            this.model = model;
            this.chain = chain;
            this.shardId = shardId;
            this.recordName = recordName;
            this.storedAtMs = nowMs;
            this.storedSequence = model.lastSequence();
        }
    }

    private final String shardId;
    private final int partitions;
    private final ModelContext context;
    private final Pace pace;
    private final FrameReader reader = new FrameReader();
    private final Map<Integer, Followee> followees = new TreeMap<>();
    private String lastName = "";
    private long records;

    /**
     * A follower that knows no partition yet.
     *
     * @param shardId the shard whose records come
     */
    public SnapshotFollower(
            final String shardId,
            final int partitions,
            final ModelContext context,
            final Pace pace) {
        this.shardId = shardId;
        this.partitions = partitions;
        this.context = context;
        this.pace = pace;
    }

    /** Goes on with a partition from a snapshot, or from nothing. */
    public void resume(
            final int partition, final SnapshotLoader.@Nullable Loaded loaded, final long nowMs) {
        final Followee followee = loaded == null
                ? new Followee(
                        new AccountModel(context),
                        new FrameChain(partition, partitions),
                        "",
                        "",
                        nowMs)
                : new Followee(
                        loaded.model(),
                        loaded.header().chain(),
                        loaded.header().shardId(),
                        loaded.header().recordSequenceNumber(),
                        nowMs);
        followees.put(partition, followee);
    }

    /**
     * Takes in a record that lies before the first one of {@link #follow} and after the partition's
     * snapshot. Records of other partitions are passed over.
     *
     * @throws ContradictionException if it is not a whole record of this ledger, or does not follow
     */
    public void catchUp(final int partition, final byte[] record) {
        final Followee followee = followee(partition);
        final Fold fold = fold(record, partition);
        if (fold != null && fold.isChange() && !followee.isDirty) {
            followee.isDirty = true;
            followee.cleanRecord = 0;
            followee.cleanName = "";
        }
    }

    /**
     * Takes in the next record of the shard.
     *
     * @throws ContradictionException if it does not follow
     */
    public Followed follow(final LogRecord record) {
        final Fold fold = fold(record.data(), NO_PARTITION);
        if (fold == null) {
            throw new IllegalStateException("a record of no partition");
        }
        final Followee followee = fold.followee;
        if (fold.isChange() && !followee.isDirty) {
            followee.isDirty = true;
            followee.cleanRecord = records;
            followee.cleanName = lastName;
        }
        records++;
        lastName = record.sequenceNumber();
        return fold.followed;
    }

    /** A partition whose snapshot is due, or -1. */
    public int due(final long nowMs) {
        for (final Map.Entry<Integer, Followee> entry : followees.entrySet()) {
            if (isDue(entry.getValue(), nowMs)) {
                return entry.getKey();
            }
        }
        return -1;
    }

    private boolean isDue(final Followee followee, final long nowMs) {
        if (nowMs < followee.notBeforeMs) {
            return false;
        }
        final long ageMs = nowMs - followee.storedAtMs;
        if (followee.isDirty) {
            return followee.events >= pace.events || ageMs >= pace.intervalMs;
        }
        return isBehind(followee) && ageMs >= IDLE_INTERVALS * pace.intervalMs;
    }

    /** The partitions whose snapshots do not reach to the last record: those to store at an end. */
    public List<Integer> behind() {
        final List<Integer> behind = new ArrayList<>();
        followees.forEach((partition, followee) -> {
            if (followee.isDirty || isBehind(followee)) {
                behind.add(partition);
            }
        });
        return behind;
    }

    private boolean isBehind(final Followee followee) {
        return records > followee.storedAtRecord;
    }

    /** The header of a snapshot of the partition as it is now, for {@link #model}. */
    public SnapshotHeader header(final int partition) {
        final Followee followee = followee(partition);
        if (!lastName.isEmpty()) {
            followee.shardId = shardId;
            followee.recordName = lastName;
        }
        return SnapshotHeader.of(
                followee.model, followee.chain, partitions, followee.shardId, followee.recordName);
    }

    /** The state of a partition; only to be read, and only until the next record. */
    public AccountModel model(final int partition) {
        return followee(partition).model;
    }

    /** The snapshot of the partition as it is now is stored. */
    public void stored(final int partition, final long nowMs) {
        final Followee followee = followee(partition);
        followee.isDirty = false;
        followee.events = 0;
        followee.storedAtMs = nowMs;
        followee.storedSequence = followee.model.lastSequence();
        followee.storedAtRecord = records;
        followee.notBeforeMs = Long.MIN_VALUE;
    }

    /** It could not be stored: the partition is due again after a while, nothing is lost. */
    public void failed(final int partition, final long nowMs) {
        followee(partition).notBeforeMs = nowMs + pace.retryMs;
    }

    /**
     * The last record up to which everything that changed a partition is in a stored snapshot, or
     * null if that is none of those taken in here.
     */
    public @Nullable String covered() {
        long record = records;
        String name = lastName;
        for (final Followee followee : followees.values()) {
            if (followee.isDirty && followee.cleanRecord < record) {
                record = followee.cleanRecord;
                name = followee.cleanName;
            }
        }
        return name.isEmpty() ? null : name;
    }

    /** The partitions that it was resumed with. */
    Set<Integer> partitions() {
        return Set.copyOf(followees.keySet());
    }

    /** Sequence of the last event of a partition that is in a stored snapshot; 0: none is. */
    long storedSequence(final int partition) {
        return followee(partition).storedSequence;
    }

    /** Number of the last frame of a partition. */
    public long frameNumber(final int partition) {
        return followee(partition).chain.frameNumber();
    }

    @Override
    public void close() {
        reader.close();
    }

    /** What became of a record of which partition. */
    private record Fold(Followee followee, Followed followed) {
        boolean isChange() {
            return followed == Followed.ADDED || followed == Followed.MARKER;
        }
    }

    /** Null if only one partition is wanted and this record is another's. */
    private @Nullable Fold fold(final byte[] record, final int wanted) {
        try {
            if (EpochMarker.isMarker(record)) {
                final EpochMarker marker = EpochMarker.read(record);
                if (wanted != NO_PARTITION && marker.partition() != wanted) {
                    return null;
                }
                final Followee followee = followeeOf(marker.partition(), marker.partitions());
                final boolean isNew = followee.chain.passMarker(marker);
                return new Fold(followee, isNew ? Followed.MARKER : Followed.DUPLICATE);
            }
            final FrameHeader header = reader.open(record);
            if (wanted != NO_PARTITION && header.partition() != wanted) {
                return null;
            }
            final Followee followee = followeeOf(header.partition(), header.partitions());
            return new Fold(followee, fold(followee, header));
        } catch (final FrameException e) {
            throw ContradictionException.of(e);
        } catch (final InvariantViolation e) {
            throw new ContradictionException(
                    HaltReason.IMPOSSIBLE_EVENT, String.valueOf(e.getMessage()), e);
        }
    }

    private Followed fold(final Followee followee, final FrameHeader header) {
        return switch (followee.chain.judge(reader, header)) {
            case SEEN -> Followed.DUPLICATE;
            case FENCED -> Followed.FENCED;
            case NEXT -> {
                reader.readEvents(followee.model);
                followee.chain.advance(reader, header);
                followee.events += header.eventCount();
                yield Followed.ADDED;
            }
        };
    }

    private Followee followeeOf(final int partition, final int ofPartitions) {
        final Followee followee = followees.get(partition);
        if (followee == null || ofPartitions != partitions) {
            throw new ContradictionException(
                    HaltReason.WRONG_PARTITION,
                    "record of partition " + partition + " of " + ofPartitions + ", shard "
                            + shardId + " has " + followees.keySet() + " of " + partitions);
        }
        return followee;
    }

    private Followee followee(final int partition) {
        final Followee followee = followees.get(partition);
        if (followee == null) {
            throw new IllegalStateException("partition was not resumed: partition=" + partition);
        }
        return followee;
    }
}
