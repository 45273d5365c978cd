package io.ringledger.ledger.ownership;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringledger.emulators.DynamoDbLocal;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** Several keepers, as if in processes of their own, over the real API. */
final class LeaseKeeperTest {
    private static final String TABLE = "leases-test";
    private static final int PARTITIONS = 4;
    private static final long LEASE_MS = 800;
    private static final long TIMEOUT_MS = 20_000;
    private static @Nullable DynamoDbLocal dynamoDb;
    private static @Nullable DynamoDbAsyncClient client;
    private static int streams;

    private final List<Contender> processes = new ArrayList<>();
    private final String stream = "stream-" + ++streams;

    @BeforeAll
    static void startDynamoDb() {
        dynamoDb = DynamoDbLocal.start();
        client = DynamoDbClients.create(dynamoDb.endpoint());
        LedgerTable.createIfMissing(client(), TABLE);
    }

    @AfterAll
    static void stopDynamoDb() {
        client().close();
        if (dynamoDb != null) {
            dynamoDb.close();
        }
    }

    @AfterEach
    void stop() {
        processes.forEach(Contender::kill);
    }

    @Test
    void shouldShareThePartitionsEvenlyAsProcessesComeAndGo() throws InterruptedException {
        final Contender first = start();
        await("the first has all", () -> first.held.size() == PARTITIONS);

        final Contender second = start();
        await("two each", () -> first.held.size() == 2 && second.held.size() == 2);
        await(
                "each knows where the other's are",
                () -> second.held.keySet().stream()
                        .allMatch(partition ->
                                second.address.equals(first.keeper.ownerAddress(partition))));
        assertThat(first.keeper.ownerAddress(first.held.keySet().iterator().next()))
                .isNull();
        second.address = "https://process-2:80#another-certificate";
        await(
                "the other has heard of its new address",
                () -> second.held.keySet().stream()
                        .allMatch(partition ->
                                second.address.equals(first.keeper.ownerAddress(partition))));

        final Contender third = start();
        // Two may give one up at the same time: who gets two is not fixed.
        await(
                "two, one, one in any order",
                () -> Stream.of(first, second, third)
                        .map(contender -> contender.held.size())
                        .sorted()
                        .toList()
                        .equals(List.of(1, 1, 2)));

        second.kill();
        await("the dead one's are taken over", () -> first.held.size() + third.held.size() == 4);
        await("evenly", () -> first.held.size() == 2);
    }

    @Test
    void shouldHandOverAtOnceWhatIsGivenBack() throws InterruptedException {
        final Contender first = start();
        await("the first has all", () -> first.held.size() == PARTITIONS);
        final Contender second = start();
        await("the second has its share", () -> second.held.size() == 2);
        first.held.values().forEach(ownership -> ownership.appended(42));

        final long startNs = System.nanoTime();
        first.leave();
        await("the second has all", () -> second.held.size() == PARTITIONS);
        assertThat(System.nanoTime() - startNs).isLessThan(TimeUnit.SECONDS.toNanos(10));
        assertThat(second.held.values().stream().map(Ownership::requiredSequence))
                .contains(42L);
        assertThat(second.held.values().stream().map(Ownership::epoch))
                .allMatch(epoch -> epoch >= 2);
    }

    @Test
    void shouldFindOutAtTheNextConfirmationThatItWasReplaced() throws InterruptedException {
        final Contender paused = start();
        await("it has all", () -> paused.held.size() == PARTITIONS);
        final Map<Integer, Ownership> before = Map.copyOf(paused.held);
        assertThat(of(before, 0).confirm().toCompletableFuture().join()).isTrue();

        paused.pause();
        final Contender successor = start();
        await("all are taken over", () -> successor.held.size() == PARTITIONS);
        for (int partition = 0; partition < PARTITIONS; partition++) {
            assertThat(of(successor.held, partition).epoch())
                    .isGreaterThan(of(before, partition).epoch());
            // The paused process itself has heard of nothing yet.
            assertThat(paused.lost).isEmpty();
            assertThat(of(before, partition).confirm().toCompletableFuture().join())
                    .isFalse();
        }
        paused.resume();
        await("it has ended them", () -> paused.lost.containsAll(Set.of(0, 1, 2, 3)));
        await("and got its share again", () -> paused.held.size() == 2);
    }

    @Test
    void shouldNotTakeWhatIsAliveHoweverManyLook() throws InterruptedException {
        final Contender first = start();
        await("the first has all", () -> first.held.size() == PARTITIONS);
        final List<Contender> others = List.of(start(), start(), start());
        await("one each", () -> others.stream().allMatch(other -> other.held.size() == 1));
        // Given up, not lost: nobody has taken what was alive.
        assertThat(first.lost).isEmpty();
        assertThat(first.gaveUp).hasSize(3);
    }

    @Test
    void shouldLeaveALaterLeaseAloneWhenAnEarlierOneIsGivenBackLate() throws InterruptedException {
        final Contender first = start();
        await("it has all", () -> first.held.size() == PARTITIONS);
        final Map<Integer, Ownership> before = Map.copyOf(first.held);
        first.pause();
        final Contender second = start();
        await("all are taken over", () -> second.held.size() == PARTITIONS);
        second.leave();
        first.resume();
        await(
                "the first has all again",
                () -> first.held.size() == PARTITIONS
                        && first.held.values().stream().noneMatch(before::containsValue));

        for (final Ownership ended : before.values()) {
            first.keeper.drop(ended);
            first.keeper.release(ended).toCompletableFuture().join();
        }
        for (final Ownership later : first.held.values()) {
            assertThat(later.confirm().toCompletableFuture().join()).isTrue();
        }
    }

    @Test
    void shouldSayHowLongALeaseStillLasts() throws InterruptedException {
        final Contender first = start();
        await("it has all", () -> first.held.size() == PARTITIONS);
        assertThat(first.keeper.leaseLeftSeconds(0)).isLessThanOrEqualTo(LEASE_MS / 1e3);

        first.pause();
        await("no heartbeat for a lease time", () -> first.keeper.leaseLeftSeconds(0) <= 0);
        first.resume();
        await("it moves again", () -> first.keeper.leaseLeftSeconds(0) > 0);

        first.leave();
        assertThat(first.keeper.leaseLeftSeconds(0)).isNaN();
    }

    private Contender start() {
        final Contender process = new Contender(stream, processes.size());
        processes.add(process);
        process.keeper.start();
        return process;
    }

    private static Ownership of(final Map<Integer, Ownership> held, final int partition) {
        return Objects.requireNonNull(held.get(partition));
    }

    private static void await(final String what, final BooleanSupplier condition)
            throws InterruptedException {
        final long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(TIMEOUT_MS);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadlineNs) {
                throw new AssertionError("not within " + TIMEOUT_MS + " ms: " + what);
            }
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    private static DynamoDbAsyncClient client() {
        if (client == null) {
            throw new IllegalStateException("not started");
        }
        return client;
    }

    /** A keeper with a thread of its own, and what it was told. */
    private static final class Contender implements LeaseKeeper.Listener {
        private final Map<Integer, Ownership> held = new ConcurrentHashMap<>();
        private final List<Integer> lost = new CopyOnWriteArrayList<>();
        private final List<Integer> gaveUp = new CopyOnWriteArrayList<>();
        private final ScheduledExecutorService executor =
                Executors.newSingleThreadScheduledExecutor();
        private volatile String address;
        private final LeaseKeeper keeper;
        private final Object gate = new Object();
        private boolean isPaused;

        Contender(final String stream, final int number) {
            address = "process-" + number + ":80";
            keeper = new LeaseKeeper(
                    new DynamoDbLeaseTable(client(), TABLE, stream, LEASE_MS),
                    "owner-" + number,
                    () -> address,
                    PARTITIONS,
                    LEASE_MS,
                    executor,
                    System::nanoTime,
                    () -> ThreadLocalRandom.current().nextLong(),
                    this);
        }

        void kill() {
            executor.shutdownNow();
        }

        /** Holds up the keeper's thread, as SIGSTOP would. */
        void pause() {
            synchronized (gate) {
                isPaused = true;
            }
            executor.execute(() -> {
                synchronized (gate) {
                    while (isPaused) {
                        try {
                            gate.wait();
                        } catch (final InterruptedException e) {
                            return;
                        }
                    }
                }
            });
        }

        void resume() {
            synchronized (gate) {
                isPaused = false;
                gate.notifyAll();
            }
        }

        void leave() {
            keeper.stopTaking();
            for (final Ownership ownership : List.copyOf(held.values())) {
                keeper.release(ownership).toCompletableFuture().join();
                held.remove(ownership.marker().partition());
            }
            keeper.leave().toCompletableFuture().join();
            kill();
        }

        @Override
        public void onAcquired(final int partition, final Ownership ownership) {
            held.put(partition, ownership);
        }

        @Override
        public void onLost(final int partition) {
            lost.add(partition);
            held.remove(partition);
        }

        @Override
        public void onGiveUp(final int partition) {
            gaveUp.add(partition);
            keeper.release(Objects.requireNonNull(held.remove(partition)));
        }

        @Override
        public void onFailure(final Throwable cause) {
            throw new AssertionError(cause);
        }
    }
}
