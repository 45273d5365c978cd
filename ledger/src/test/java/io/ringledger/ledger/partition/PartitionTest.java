package io.ringledger.ledger.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringledger.kit.ProblemCode;
import io.ringledger.ledger.ownership.Ownership;
import io.ringledger.ledger.partition.FakeLog.Ending;
import io.ringledger.model.Command;
import io.ringledger.model.CurrencyCode;
import io.ringledger.model.ModelContext;
import io.ringledger.model.ResultCode;
import io.ringledger.model.frame.EpochMarker;
import io.ringledger.model.frame.EventBatch;
import io.ringledger.model.frame.FrameException;
import io.ringledger.model.frame.FrameReader;
import io.vertx.core.Vertx;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;

/** One partition with its real ring, threads and frames over a log that a test controls. */
final class PartitionTest {
    private static final int EUR = CurrencyCode.pack("EUR");
    private static final int RING_SIZE = 1024;
    private static final long STOP_TIMEOUT_MS = 2_000;
    private static final long APPEND_TIMEOUT_MS = 1_000;

    private final Vertx vertx = Vertx.vertx();
    private final FakeLog log = new FakeLog();
    private final AtomicBoolean isOwner = new AtomicBoolean(true);
    private final AtomicBoolean isOldOwner = new AtomicBoolean(true);
    private final AtomicBoolean lost = new AtomicBoolean();
    private final AtomicReference<@Nullable Throwable> fatal = new AtomicReference<>();
    private final AtomicInteger frames = new AtomicInteger();
    private final AtomicInteger retries = new AtomicInteger();
    private final AtomicLong epochs = new AtomicLong();
    private final AtomicLong owners = new AtomicLong();
    private final AtomicLong reached = new AtomicLong();
    private long required;
    private final Command command = new Command();
    private Replies replies = new Replies(vertx.getOrCreateContext());
    private @Nullable Partition partition;

    @BeforeEach
    void open() throws InterruptedException {
        start(256 * 1024);
        publish(0, command.openAccount("alice", "open", EUR, 0));
        replies.await(1);
        replies = new Replies(vertx.getOrCreateContext());
    }

    @AfterEach
    void close() throws InterruptedException {
        log.release();
        partition().close(STOP_TIMEOUT_MS);
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void shouldTellNothingBeforeTheLogHasTheFrame() throws InterruptedException {
        log.hold();
        publish(0, command.credit("alice", "k1", 100, ""));
        Replies.awaitThat("append began", () -> log.attempts() == 2);
        assertThat(replies.count()).isZero();

        log.release();
        replies.await(1);
        assertThat(replies.get(0).code()).isEqualTo(ResultCode.ACCEPTED);
        assertThat(replies.get(0).balance()).isEqualTo(100);
        assertThat(replies.isOnOtherThread()).isFalse();
    }

    @Test
    void shouldGatherWhatComesWhileAFrameIsOnItsWay() throws InterruptedException {
        log.hold();
        publish(0, command.credit("alice", "first", 1, ""));
        Replies.awaitThat("append began", () -> log.attempts() == 2);
        for (int i = 1; i <= 500; i++) {
            publish(i, command.credit("alice", "k" + i, 1, ""));
        }
        Replies.awaitThat("ring is empty", () -> partition().ringOccupancy() == 0);
        assertThat(log.attempts()).isEqualTo(2);

        log.release();
        replies.await(501);
        assertThat(log.frames()).hasSize(3);
        assertThat(replies.get(500).balance()).isEqualTo(501);
        assertThat(frames).hasValue(3);
    }

    @Test
    void shouldSendTheSameBytesAgainUntilTheyLand() throws InterruptedException {
        log.script(Ending.FAILS, Ending.LANDS_UNHEARD, Ending.FAILS, Ending.LANDS);
        publish(0, command.credit("alice", "k1", 100, ""));
        replies.await(1);
        assertThat(retries).hasValue(3);
        final List<byte[]> records = log.frames();
        assertThat(records).hasSize(3);
        assertThat(records.get(1)).isEqualTo(records.get(2));

        restart();
        publish(0, command.credit("alice", "k2", 1, ""));
        replies.await(1);
        assertThat(replies.get(0).balance()).isEqualTo(101);
    }

    @Test
    void shouldJoinARetryToTheOutcomeThatIsOnItsWay() throws InterruptedException {
        log.hold();
        publish(0, command.credit("alice", "k1", 100, ""));
        Replies.awaitThat("append began", () -> log.attempts() == 2);
        publish(1, command.credit("alice", "k1", 100, ""));
        publish(2, command.credit("alice", "k1", 200, ""));
        Replies.awaitThat("ring is empty", () -> partition().ringOccupancy() == 0);
        assertThat(replies.count()).isZero();

        log.release();
        replies.await(3);
        assertThat(replies.get(0).isReplayed()).isFalse();
        assertThat(replies.get(1).isReplayed()).isTrue();
        assertThat(replies.get(1).sequence()).isEqualTo(replies.get(0).sequence());
        assertThat(replies.get(1).balance()).isEqualTo(100);
        assertThat(replies.get(2).code()).isEqualTo(ResultCode.IDEMPOTENCY_KEY_REUSED);
        assertThat(log.frames()).hasSize(2);
    }

    @Test
    void shouldRefuseWhenTheRingIsFullAndLoseNothingThatItTook() throws InterruptedException {
        restartWith(EventBatch.MAX_EVENT_LENGTH);
        log.hold();
        int taken = 0;
        while (partition()
                .tryPublish(command.credit("alice", "k" + taken, 1, ""), replies, taken)) {
            taken++;
            assertThat(taken).isLessThan(10 * RING_SIZE);
        }
        assertThat(taken).isGreaterThanOrEqualTo(RING_SIZE);
        assertThat(replies.count()).isZero();

        log.release();
        replies.await(taken);
        assertThat(replies.get(taken - 1).balance()).isEqualTo(taken);
        // The writer gives the slots back once it is through with them, perhaps after the answers.
        final int last = taken;
        Replies.awaitThat(
                "ring has room",
                () -> partition()
                        .tryPublish(command.credit("alice", "last", 1, ""), replies, last));
        replies.await(taken + 1);
        assertThat(replies.get(taken).balance()).isEqualTo(taken + 1);
    }

    @Test
    void shouldSayThatTheOutcomeIsUnknownOnceTheOwnershipIsLost() throws InterruptedException {
        isOwner.set(false);
        publish(0, command.credit("alice", "k1", 100, ""));
        replies.await(1);
        assertThat(replies.count()).isZero();
        assertThat(replies.failures()).containsEntry(0, ProblemCode.OUTCOME_UNKNOWN);
        assertThat(lost).isTrue();
        assertThat(partition().tryPublish(command.credit("alice", "k2", 1, ""), replies, 1))
                .isFalse();
    }

    @Test
    void shouldTellEverybodyWhoWaitsWhenItIsAbandoned() throws InterruptedException {
        restartWith(EventBatch.MAX_EVENT_LENGTH);
        log.hold();
        for (int i = 0; i < 50; i++) {
            publish(i, command.credit("alice", "k" + i, 1, ""));
        }
        Replies.awaitThat("append began", () -> log.attempts() == 2);
        partition().abandon();
        replies.await(50);
        assertThat(replies.count()).isZero();
        // Each frame holds one event: what is decided is unknown, the rest was never applied.
        assertThat(replies.failures().values())
                .contains(ProblemCode.OUTCOME_UNKNOWN, ProblemCode.NO_OWNER);
        assertThat(replies.failures()).containsEntry(0, ProblemCode.OUTCOME_UNKNOWN);
        assertThat(replies.failures()).containsEntry(49, ProblemCode.NO_OWNER);
    }

    @Test
    void shouldAnswerTheOthersWhereOneCannotBeAnswered() throws InterruptedException {
        final Replies broken = replies.another();
        log.hold();
        publish(0, command.credit("alice", "k1", 1, ""));
        Replies.awaitThat("append began", () -> log.attempts() == 2);
        assertThat(partition().tryPublish(command.credit("alice", "k2", 1, ""), broken, 7))
                .isTrue();
        assertThat(partition().tryPublish(command.credit("alice", "k3", 1, ""), broken, 7))
                .isTrue();
        publish(1, command.credit("alice", "k4", 1, ""));
        log.release();
        replies.await(2);
        broken.await(1);
        assertThat(replies.get(1).balance()).isEqualTo(4);
        assertThat(fatal.get()).isNull();
    }

    @Test
    void shouldRememberEveryOutcomeAcrossARestart() throws InterruptedException {
        publish(0, command.credit("alice", "k1", 100, "salary"));
        publish(1, command.withdraw("alice", "k2", 500, ""));
        publish(2, command.withdraw("nobody", "k3", 1, ""));
        replies.await(3);
        final Replies before = replies;

        restart();
        publish(0, command.credit("alice", "k1", 100, "salary"));
        publish(1, command.withdraw("alice", "k2", 500, ""));
        publish(2, command.withdraw("nobody", "k3", 1, ""));
        replies.await(3);
        for (int i = 0; i < 3; i++) {
            assertThat(replies.get(i).isReplayed()).isTrue();
            assertThat(replies.get(i).code()).isEqualTo(before.get(i).code());
            assertThat(replies.get(i).sequence()).isEqualTo(before.get(i).sequence());
            assertThat(replies.get(i).timeMs()).isEqualTo(before.get(i).timeMs());
            assertThat(replies.get(i).balance()).isEqualTo(before.get(i).balance());
        }
        assertThat(log.frames()).hasSize(frames.get());
    }

    @Test
    void shouldStartOnALogThatIsSlowerThanTheFirstTimeOut() throws InterruptedException {
        log.slowMarkers(8 * APPEND_TIMEOUT_MS);
        restart();
        publish(0, command.credit("alice", "k1", 100, ""));
        replies.await(1);
        assertThat(replies.get(0).balance()).isEqualTo(100);
    }

    @Test
    void shouldRefuseToStartOnADamagedOrForeignLog() throws InterruptedException {
        publish(0, command.credit("alice", "k1", 100, ""));
        replies.await(1);
        final byte[] good = log.frames().get(1);
        final byte[] damaged = good.clone();
        damaged[damaged.length / 2] ^= 1;
        assertStartFails(damaged, FrameException.Reason.DAMAGED);
        assertStartFails(new byte[200], FrameException.Reason.FOREIGN);
        assertStartFails(skippedFrame(), FrameException.Reason.OUT_OF_ORDER);
    }

    @Test
    void shouldRefuseALogThatEndsBeforeWhatItsOwnerSaw() throws InterruptedException {
        publish(0, command.credit("alice", "k1", 100, ""));
        replies.await(1);
        assertThat(reached).hasValue(2);
        required = 3;
        assertThatThrownBy(() -> startOn(log, context(256 * 1024), () -> 0))
                .isInstanceOf(RecoveryException.class)
                .hasMessageContaining("ends at 2")
                .hasMessageContaining("retention");
    }

    @Test
    void shouldRefuseATableThatDoesNotBelongToTheLog() {
        epochs.set(0);
        assertThatThrownBy(() -> startOn(log, context(256 * 1024), () -> 0))
                .isInstanceOf(RecoveryException.class)
                .hasMessageContaining("RINGLEDGER_LEDGER_TABLE");
    }

    /** A paused owner comes back: what it still writes lands after its successor's marker. */
    @Test
    void shouldDropWhatAReplacedOwnerWritesAndTellNobodyOfIt() throws InterruptedException {
        final Partition old = partition();
        final Replies oldReplies = replies;
        final Partition successor = startOn(log, context(256 * 1024), System::currentTimeMillis);
        isOldOwner.set(false);
        assertThat(old.tryPublish(command.credit("alice", "zombie", 7, ""), oldReplies, 0))
                .isTrue();
        oldReplies.await(1);
        assertThat(oldReplies.failures()).containsValue(ProblemCode.OUTCOME_UNKNOWN);

        replies = oldReplies.another();
        assertThat(successor.tryPublish(command.credit("alice", "k1", 1, ""), replies, 0))
                .isTrue();
        replies.await(1);
        assertThat(replies.get(0).balance()).isEqualTo(1);
        successor.close(STOP_TIMEOUT_MS);

        start(256 * 1024);
        replies = oldReplies.another();
        publish(0, command.credit("alice", "zombie", 7, ""));
        replies.await(1);
        assertThat(replies.get(0).isReplayed()).isFalse();
        assertThat(replies.get(0).balance()).isEqualTo(8);
    }

    @Test
    void shouldRefuseAFrameOfALaterOwnerThatItDoesNotKnow() throws InterruptedException {
        epochs.set(5);
        final FakeLog other = new FakeLog();
        log.records().forEach(other::add);
        final Partition later = startOn(other, context(256 * 1024), System::currentTimeMillis);
        later.close(STOP_TIMEOUT_MS);
        epochs.set(1);
        assertThatThrownBy(() -> startOn(other, context(256 * 1024), () -> 0))
                .isInstanceOf(RecoveryException.class)
                .hasMessageContaining("epoch 6");
    }

    @Test
    void shouldSayWhetherEverythingWasDurableWhenClosed() throws InterruptedException {
        log.hold();
        publish(0, command.credit("alice", "k1", 100, ""));
        Replies.awaitThat("append began", () -> log.attempts() == 2);
        assertThat(partition().close(200)).isFalse();
        assertThat(replies.count()).isZero();
        assertThat(replies.failures()).containsEntry(0, ProblemCode.OUTCOME_UNKNOWN);
        start(256 * 1024);
        assertThat(partition().close(STOP_TIMEOUT_MS)).isTrue();
    }

    @Test
    void shouldRefuseOpeningsOnlyWhenFullOfAccounts() throws InterruptedException {
        partition().close(STOP_TIMEOUT_MS);
        partition = startOn(
                log,
                new PartitionContext(
                        1,
                        RING_SIZE,
                        4,
                        256 * 1024,
                        1024,
                        1_000,
                        new ModelContext(60_000, 0, 2, 0, 1_000, 1, 2)),
                System::currentTimeMillis);
        publish(0, command.credit("alice", "k1", 100, ""));
        replies.await(1);
        Replies.awaitThat(
                "full of accounts",
                () -> !partition()
                        .tryPublish(
                                command.openAccount("bob", "open", EUR, 0), replies.another(), 0));
        publish(1, command.credit("alice", "k2", 100, ""));
        replies.await(2);
        assertThat(replies.get(1).balance()).isEqualTo(200);
    }

    @Test
    void shouldTakeCommandsAgainOnceKeysHaveExpired() throws InterruptedException {
        partition().close(STOP_TIMEOUT_MS);
        final AtomicLong nowMs = new AtomicLong(System.currentTimeMillis());
        partition = startOn(
                log,
                new PartitionContext(
                        1,
                        RING_SIZE,
                        4,
                        256 * 1024,
                        1024,
                        1_000,
                        new ModelContext(60_000, 0, 100, 0, 2, 1, 2)),
                nowMs::get);
        publish(0, command.credit("alice", "k1", 100, ""));
        replies.await(1);
        Replies.awaitThat("full of keys", () -> partition().isFull());
        nowMs.addAndGet(120_000);
        Replies.awaitThat("keys have expired", () -> !partition().isFull());
    }

    private byte[] skippedFrame() throws InterruptedException {
        final FakeLog other = new FakeLog();
        log.records().forEach(other::add);
        final Partition elsewhere = startOn(other, context(256 * 1024), System::currentTimeMillis);
        final Replies heard = replies.another();
        assertThat(elsewhere.tryPublish(command.credit("alice", "x", 1, ""), heard, 0))
                .isTrue();
        heard.await(1);
        assertThat(elsewhere.tryPublish(command.credit("alice", "y", 1, ""), heard, 1))
                .isTrue();
        heard.await(2);
        elsewhere.close(STOP_TIMEOUT_MS);
        try (FrameReader reader = new FrameReader()) {
            assertThat(reader.open(other.records().getLast()).frameNumber()).isEqualTo(4);
        }
        return other.records().getLast();
    }

    private void assertStartFails(final byte[] record, final FrameException.Reason reason) {
        final FakeLog bad = new FakeLog();
        log.records().forEach(bad::add);
        bad.add(record);
        assertThatThrownBy(() -> startOn(bad, context(256 * 1024), System::currentTimeMillis))
                .isInstanceOf(RecoveryException.class)
                .cause()
                .isInstanceOfSatisfying(
                        FrameException.class, e -> assertThat(e.reason()).isEqualTo(reason));
    }

    private void publish(final int index, final Command toPublish) {
        assertThat(partition().tryPublish(toPublish, replies, index)).isTrue();
    }

    private void restart() throws InterruptedException {
        restartWith(256 * 1024);
    }

    private void restartWith(final int frameEventBytes) throws InterruptedException {
        partition().close(STOP_TIMEOUT_MS);
        replies = new Replies(vertx.getOrCreateContext());
        start(frameEventBytes);
    }

    private void start(final int frameEventBytes) {
        partition = startOn(log, context(frameEventBytes), System::currentTimeMillis);
    }

    private Partition startOn(
            final FakeLog on, final PartitionContext context, final LongSupplier epochMs) {
        final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();
        final Owner owner = new Owner();
        final PartitionRecovery recovery = new PartitionRecovery(
                0, context, on, SnapshotSource.NONE, owner, executor, System::nanoTime, () -> 42);
        try {
            final RecoveredPartition recovered =
                    recovery.start().toCompletableFuture().join();
            return Partition.start(context, recovered, on, owner, executor, epochMs, new Ears());
        } catch (final CompletionException e) {
            executor.shutdown();
            throw e.getCause() instanceof final RuntimeException cause ? cause : e;
        }
    }

    private Partition partition() {
        if (partition == null) {
            throw new IllegalStateException("not started");
        }
        return partition;
    }

    private static PartitionContext context(final int frameEventBytes) {
        return new PartitionContext(
                1, RING_SIZE, 4, frameEventBytes, 1024, APPEND_TIMEOUT_MS, ModelContext.small(7));
    }

    private final class Owner implements Ownership {
        private final long epoch = epochs.incrementAndGet();
        private final EpochMarker marker =
                new EpochMarker(1, 0, epoch, owners.incrementAndGet(), 0);

        @Override
        public EpochMarker marker() {
            return marker;
        }

        @Override
        public long requiredSequence() {
            return required;
        }

        @Override
        public void appended(final long sequence) {
            reached.set(sequence);
        }

        @Override
        public CompletionStage<Boolean> confirm() {
            final boolean isCurrent = isOldOwner.get() || epoch == epochs.get();
            return CompletableFuture.completedFuture(isOwner.get() && isCurrent);
        }
    }

    private final class Ears implements PartitionListener {
        @Override
        public void onFrame(
                final int number,
                final int events,
                final int replyCount,
                final int recordBytes,
                final long appendNs) {
            frames.incrementAndGet();
        }

        @Override
        public void onRetry(final int number, final Throwable cause) {
            retries.incrementAndGet();
        }

        @Override
        public void onOwnershipLost(final int number) {
            lost.set(true);
        }

        @Override
        public void onFatal(final int number, final Throwable cause) {
            fatal.set(cause);
        }
    }
}
