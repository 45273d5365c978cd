package io.ringledger.ledger.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringledger.ledger.log.LogException;
import io.ringledger.ledger.log.LogPage;
import io.ringledger.ledger.log.LogPosition;
import io.ringledger.ledger.log.LogReader;
import io.ringledger.ledger.log.LogRecord;
import io.ringledger.ledger.log.PartitionLog;
import io.ringledger.ledger.ownership.Ownership;
import io.ringledger.model.AccountModel;
import io.ringledger.model.Command;
import io.ringledger.model.CurrencyCode;
import io.ringledger.model.ModelContext;
import io.ringledger.model.Outcome;
import io.ringledger.model.frame.EpochMarker;
import io.ringledger.model.frame.EventBatch;
import io.ringledger.model.frame.FrameChain;
import io.ringledger.model.frame.FrameEncoder;
import io.ringledger.model.frame.FrameException;
import io.ringledger.model.frame.FrameFormat;
import io.ringledger.model.frame.FrameReader;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/** Recovery with snapshots, over logs that are whole, cut, foreign or not there. */
@Timeout(60)
final class PartitionRecoveryTest {
    private static final int EUR = CurrencyCode.pack("EUR");
    private static final PartitionContext CONTEXT =
            new PartitionContext(1, 1024, 4, 256 * 1024, 1024, 50, ModelContext.small(7));

    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();
    private final List<byte[]> frames = frames("alice", 10);
    private final FakeLog log = new FakeLog();
    private long required;
    private boolean isOwner = true;

    @AfterEach
    void stop() {
        executor.shutdownNow();
    }

    @Test
    void shouldGoOnFromASnapshotAndReadOnlyTheTail() {
        frames.forEach(log::add);
        final RecoveredPartition whole = recover(log, SnapshotSource.NONE);
        for (int frame = 1; frame <= 10; frame++) {
            final RecoveredPartition recovered = recover(log, snapshots(frame));
            assertThat(recovered.fromSequence()).isEqualTo(frame);
            assertThat(recovered.chain().frameNumber()).isEqualTo(10);
            assertThat(recovered.chain().hash()).isEqualTo(whole.chain().hash());
            assertThat(recovered.model().stateHash()).isEqualTo(whole.model().stateHash());
        }
    }

    /** The last record that a follower read may be anything: a marker, or a frame of a zombie. */
    @Test
    void shouldUseASnapshotThatEndsAtAnyRecord() {
        frames.subList(0, 6).forEach(log::add);
        log.add(marker(3).toRecord());
        log.add(frames.get(6));
        final SnapshotSource.Snapshot before = snapshot(6);
        for (final String last : List.of("7", "8")) {
            final FrameChain chain = snapshot(6).chain();
            chain.passMarker(marker(3));
            final SnapshotSource.Snapshot snapshot = new SnapshotSource.Snapshot(
                    snapshot(6).model(), chain, new LogPosition("shard", last));
            final RecoveredPartition recovered = recover(
                    log,
                    (partition, below) -> CompletableFuture.completedFuture(Optional.of(snapshot)));
            assertThat(recovered.fromSequence()).isEqualTo(6);
            assertThat(recovered.model().stateHash()).isEqualTo(before.model().stateHash());
        }
    }

    @Test
    void shouldStopAtItsOwnMarkerWhateverComesBehindIt() {
        frames.subList(0, 6).forEach(log::add);
        final EpochMarker own = marker(5);
        log.add(own.toRecord());
        frames.subList(6, 10).forEach(log::add);
        final RecoveredPartition recovered = recover(log, SnapshotSource.NONE, new Owner(own));
        assertThat(recovered.chain().frameNumber()).isEqualTo(6);
        assertThat(recovered.chain().epoch()).isEqualTo(5);
    }

    @Test
    void shouldDropWhatAReplacedOwnerWroteBehindItsSuccessorsMarker() {
        frames.subList(0, 6).forEach(log::add);
        log.add(marker(3).toRecord());
        frames.subList(6, 10).forEach(log::add);
        log.add(marker(2).toRecord());
        final RecoveredPartition recovered =
                recover(log, SnapshotSource.NONE, new Owner(marker(4)));
        assertThat(recovered.chain().frameNumber()).isEqualTo(6);
        assertThat(recovered.dropped()).isEqualTo(4);
    }

    @Test
    void shouldUseASnapshotWhoseLastFrameIsTheOldestThatIsLeftOrJustGone() {
        // Trimmed up to frame 4 and frame 5: the chain of hashes still proves the snapshot.
        for (final int trimmed : List.of(4, 5)) {
            final TrimmedLog cut = new TrimmedLog(frames, trimmed);
            assertThat(recover(cut, snapshots(5)).chain().frameNumber()).isEqualTo(10);
        }
    }

    @Test
    void shouldRefuseALogThatIsTrimmedPastTheNewestSnapshot() {
        assertThatThrownBy(() -> recover(new TrimmedLog(frames, 6), snapshots(5)))
                .isInstanceOf(RecoveryException.class)
                .hasMessageContaining("begins with frame 7")
                .hasMessageContaining("trimmed past the newest usable snapshot");
    }

    @Test
    void shouldUseASnapshotOfALogThatIsQuietForLongerThanItsRetention() {
        required = 10;
        final RecoveredPartition recovered = recover(new TrimmedLog(frames, 10), snapshots(10));
        assertThat(recovered.model().lastSequence()).isEqualTo(10);
        assertThat(recovered.chain().frameNumber()).isEqualTo(10);
    }

    @Test
    void shouldRefuseAStreamThatHasLostWhatASnapshotHas() {
        frames.subList(0, 6).forEach(log::add);
        // The last owner may have died before it could say that it had come to 9.
        required = 6;
        assertThatThrownBy(() -> recover(log, snapshots(9, 4)))
                .isInstanceOf(RecoveryException.class)
                .hasMessageContaining("goes up to 9, but the log ends at 6")
                .hasMessageContaining("RINGLEDGER_SNAPSHOT_STORE");
    }

    @Test
    void shouldRefuseAnEmptyStreamThatSomebodyMadeAnew() {
        required = 9;
        assertThatThrownBy(() -> recover(new FakeLog(), SnapshotSource.NONE))
                .isInstanceOf(RecoveryException.class)
                .hasMessageContaining("ends at 0")
                .hasMessageContaining("another stream");
        // The lease table is new too; the snapshots still know better.
        required = 0;
        assertThatThrownBy(() -> recover(new FakeLog(), snapshots(4)))
                .isInstanceOf(RecoveryException.class)
                .hasMessageContaining("goes up to 4, but the log ends at 0");
    }

    @Test
    void shouldRefuseASnapshotOfAnotherHistory() {
        frames("bob", 10).forEach(log::add);
        final RecoveredPartition recovered = recover(log, snapshots(8, 3));
        assertThat(recovered.fromSequence()).isZero();
        assertThat(recovered.chain().frameNumber()).isEqualTo(10);
    }

    @Test
    void shouldRefuseAStreamThatHoldsSomethingElse() {
        log.add("{\"order\":1}".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        assertFails(FrameException.Reason.FOREIGN);
    }

    @Test
    void shouldRefuseARecordOfAVersionFromTheFuture() {
        final byte[] later = frames.getFirst().clone();
        later[4] = 2;
        log.add(later);
        assertFails(FrameException.Reason.UNKNOWN_VERSION);
        final FakeLog markers = new FakeLog();
        final byte[] marker = marker(3).toRecord();
        marker[4] = 2;
        markers.add(marker);
        assertThatThrownBy(() -> recover(markers, SnapshotSource.NONE))
                .isInstanceOf(RecoveryException.class)
                .hasMessageContaining("unknown format")
                .hasMessageContaining("start that version");
    }

    @Test
    void shouldRefuseALedgerOfAnotherNumberOfPartitions() {
        try (FrameEncoder encoder = new FrameEncoder(0, 2)) {
            final EventBatch batch = new EventBatch(1 << 16);
            new AccountModel(ModelContext.small(1))
                    .submit(new Command().openAccount("a", "k", EUR, 0), 0, batch, new Outcome());
            log.add(encoder.encode(batch, 1, 1, FrameFormat.noHash()));
        }
        assertThatThrownBy(() -> recover(log, SnapshotSource.NONE))
                .isInstanceOf(RecoveryException.class)
                .hasMessageContaining("partitions=2")
                .hasMessageContaining("RINGLEDGER_PARTITIONS");
        // Not even a marker: it may be another ledger's log.
        assertThat(log.records()).hasSize(1);
    }

    @Test
    void shouldTryAgainWhileTheLogOrTheSnapshotsCannotBeReached() {
        frames.forEach(log::add);
        required = 10;
        final FlakyLog flaky = new FlakyLog(log, 4);
        final SnapshotSource good = snapshots(5);
        final int[] failures = {0};
        final SnapshotSource unreachable = (partition, below) -> failures[0]++ < 3
                ? CompletableFuture.failedFuture(new IllegalStateException("store is away"))
                : good.newest(partition, below);
        final RecoveredPartition recovered = recover(flaky, unreachable);
        assertThat(recovered.fromSequence()).isEqualTo(5);
        assertThat(recovered.chain().frameNumber()).isEqualTo(10);
        assertThat(flaky.failuresLeft).isZero();
    }

    @Test
    void shouldSayWhichStreamIsMissing() {
        final PartitionLog missing = new FlakyLog(log, 0) {
            @Override
            public LogReader reader(final @Nullable LogPosition from) {
                return () -> CompletableFuture.failedFuture(
                        new LogException("there is no stream 'ledger'"));
            }
        };
        assertThatThrownBy(() -> recover(missing, SnapshotSource.NONE))
                .isInstanceOf(LogException.class)
                .hasMessageContaining("no stream");
    }

    @Test
    void shouldEndWhenAnotherOwnerHasComeMeanwhile() {
        frames.forEach(log::add);
        log.add(marker(9).toRecord());
        isOwner = false;
        assertThatThrownBy(() -> recover(log, SnapshotSource.NONE))
                .isInstanceOf(CancellationException.class);
        isOwner = true;
        assertThatThrownBy(() -> recover(log, SnapshotSource.NONE))
                .isInstanceOf(RecoveryException.class)
                .hasMessageContaining("RINGLEDGER_LEDGER_TABLE");
    }

    private void assertFails(final FrameException.Reason reason) {
        assertThatThrownBy(() -> recover(log, SnapshotSource.NONE))
                .isInstanceOf(RecoveryException.class)
                .cause()
                .isInstanceOfSatisfying(
                        FrameException.class, e -> assertThat(e.reason()).isEqualTo(reason));
        assertThat(log.records()).hasSize(1);
    }

    private RecoveredPartition recover(final PartitionLog from, final SnapshotSource snapshots) {
        return recover(from, snapshots, new Owner(marker(5)));
    }

    private RecoveredPartition recover(
            final PartitionLog from, final SnapshotSource snapshots, final Owner owner) {
        try {
            return new PartitionRecovery(
                            0, CONTEXT, from, snapshots, owner, executor, System::nanoTime, () -> 1)
                    .start()
                    .toCompletableFuture()
                    .join();
        } catch (final CompletionException e) {
            throw e.getCause() instanceof final RuntimeException cause ? cause : e;
        }
    }

    /** One event a frame: an opening, then credits. */
    private static List<byte[]> frames(final String id, final int count) {
        final List<byte[]> records = new ArrayList<>();
        final AccountModel model = new AccountModel(ModelContext.small(3));
        final EventBatch batch = new EventBatch(1 << 16);
        byte[] hash = FrameFormat.noHash();
        try (FrameEncoder encoder = new FrameEncoder(0, 1)) {
            for (int number = 1; number <= count; number++) {
                final Command command = number == 1
                        ? new Command().openAccount(id, "open", EUR, 0)
                        : new Command().credit(id, "k" + number, number, "");
                model.submit(command, 1_000 + number, batch, new Outcome());
                records.add(encoder.encode(batch, 1, number, hash));
                hash = FrameFormat.hashOf(records.getLast());
                batch.clear();
            }
        }
        return records;
    }

    /** Snapshots of the own history that end with these frames, newest first. */
    private SnapshotSource snapshots(final int... lastFrames) {
        return (partition, below) -> {
            for (final int last : lastFrames) {
                if (last < below) {
                    return CompletableFuture.completedFuture(Optional.of(snapshot(last)));
                }
            }
            return CompletableFuture.completedFuture(Optional.empty());
        };
    }

    private SnapshotSource.Snapshot snapshot(final int lastFrame) {
        final AccountModel model = new AccountModel(CONTEXT.model());
        final FrameChain chain = new FrameChain(0, 1);
        try (FrameReader reader = new FrameReader()) {
            for (final byte[] record : frames.subList(0, lastFrame)) {
                final var header = reader.open(record);
                reader.readEvents(model);
                chain.advance(reader, header);
            }
        }
        return new SnapshotSource.Snapshot(
                model, chain, new LogPosition("shard", Integer.toString(lastFrame)));
    }

    private static EpochMarker marker(final long epoch) {
        return new EpochMarker(1, 0, epoch, epoch, 99);
    }

    private final class Owner implements Ownership {
        private final EpochMarker marker;

        Owner(final EpochMarker marker) {
            this.marker = marker;
        }

        @Override
        public EpochMarker marker() {
            return marker;
        }

        @Override
        public CompletionStage<Boolean> confirm() {
            return CompletableFuture.completedFuture(isOwner);
        }

        @Override
        public long requiredSequence() {
            return required;
        }

        @Override
        public void appended(final long sequence) {}
    }

    /** Fails so many calls first. */
    private static class FlakyLog implements PartitionLog {
        private final PartitionLog log;
        private int failuresLeft;

        FlakyLog(final PartitionLog log, final int failures) {
            this.log = log;
            failuresLeft = failures;
        }

        @Override
        public CompletionStage<LogPosition> append(
                final byte[] record, final @Nullable LogPosition after, final long timeoutMs) {
            return failuresLeft-- > 2
                    ? CompletableFuture.failedFuture(new IllegalStateException("throttled"))
                    : log.append(record, after, timeoutMs);
        }

        @Override
        public LogReader reader(final @Nullable LogPosition from) {
            final LogReader reader = log.reader(from);
            return () -> {
                if (failuresLeft > 0) {
                    failuresLeft--;
                    return CompletableFuture.failedFuture(new IllegalStateException("throttled"));
                }
                return reader.next();
            };
        }
    }

    /** A log that keeps only what comes after its first records. */
    private static final class TrimmedLog implements PartitionLog {
        private final List<LogRecord> kept = new ArrayList<>();
        private int last;

        TrimmedLog(final List<byte[]> records, final int trimmed) {
            for (final byte[] record : records) {
                last++;
                if (last > trimmed) {
                    kept.add(new LogRecord(record, position(last)));
                }
            }
        }

        private static LogPosition position(final int number) {
            return new LogPosition("shard", Integer.toString(number));
        }

        @Override
        public CompletionStage<LogPosition> append(
                final byte[] record, final @Nullable LogPosition after, final long timeoutMs) {
            last++;
            kept.add(new LogRecord(record, position(last)));
            return CompletableFuture.completedFuture(position(last));
        }

        @Override
        public LogReader reader(final @Nullable LogPosition from) {
            final int first = from == null ? 0 : Integer.parseInt(from.sequenceNumber());
            return () -> CompletableFuture.completedFuture(new LogPage(
                    kept.stream()
                            .filter(record ->
                                    Integer.parseInt(record.position().sequenceNumber()) >= first)
                            .toList(),
                    true));
        }
    }
}
