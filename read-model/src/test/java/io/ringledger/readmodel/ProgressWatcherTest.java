package io.ringledger.readmodel;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringledger.readmodel.ProgressWatcher.Outcome;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

final class ProgressWatcherTest {
    private static final long LONG_MS = 20_000;
    private static final long SHORT_MS = 30;

    private final Vertx vertx = Vertx.vertx();

    /** Every question that the watcher asked and nobody answered yet. */
    private final LinkedBlockingQueue<Promise<long[]>> questions = new LinkedBlockingQueue<>();

    private final ProgressWatcher watcher = new ProgressWatcher(
            vertx,
            timeoutMs -> {
                // Answered by the test's thread, completed where it was asked, as a query is.
                final Context asker = vertx.getOrCreateContext();
                final Promise<long[]> question = Promise.promise();
                final Promise<long[]> answered = Promise.promise();
                question.future()
                        .onComplete(
                                answer -> asker.runOnContext(ignored -> answered.handle(answer)));
                questions.add(question);
                return answered.future();
            },
            3,
            1,
            LONG_MS);

    @AfterEach
    void closeVertx() throws Exception {
        await(vertx.close());
    }

    @Test
    void shouldReleaseWhoeverIsReachedAndNobodyElse() throws Exception {
        final Future<Outcome> at5 = watcher.await(new LogPosition(0, 5), LONG_MS);
        final Future<Outcome> at6 = watcher.await(new LogPosition(0, 6), LONG_MS);
        final Future<Outcome> other = watcher.await(new LogPosition(1, 1), LONG_MS);

        answer(5);
        assertThat(await(at5)).isEqualTo(Outcome.REACHED);
        answer(5, 1);
        assertThat(await(other)).isEqualTo(Outcome.REACHED);
        assertThat(at6.isComplete()).isFalse();
        assertThat(watcher.waiting()).isEqualTo(1);
        answer(7, 1);
        assertThat(await(at6)).isEqualTo(Outcome.REACHED);
        assertThat(watcher.waiting()).isZero();
    }

    @Test
    void shouldSayBehindWhenTheTimeIsUp() throws Exception {
        final Future<Outcome> late = watcher.await(new LogPosition(0, 5), SHORT_MS);

        assertThat(await(late)).isEqualTo(Outcome.BEHIND);
        assertThat(watcher.waiting()).isZero();
    }

    @Test
    void shouldSayUnavailableWhenTheLastQuestionFailed() throws Exception {
        final Future<Outcome> late = watcher.await(new LogPosition(0, 5), 300);

        question().fail("gone");
        assertThat(await(late)).isEqualTo(Outcome.UNAVAILABLE);
    }

    @Test
    void shouldAskAgainAfterAFailure() throws Exception {
        final Future<Outcome> patient = watcher.await(new LogPosition(0, 5), LONG_MS);

        question().fail("gone");
        question().fail("still gone");
        answer(5);
        assertThat(await(patient)).isEqualTo(Outcome.REACHED);
    }

    @Test
    void shouldEndAWaitEvenWhileAQuestionHangs() throws Exception {
        final Future<Outcome> late = watcher.await(new LogPosition(0, 5), SHORT_MS);
        final Promise<long[]> hanging = question();

        assertThat(await(late)).isEqualTo(Outcome.BEHIND);
        assertThat(questions).as("never two questions at once").isEmpty();
        hanging.complete(new long[] {9});
    }

    @Test
    void shouldRefuseAtOnceWhenFull() throws Exception {
        final List<Future<Outcome>> admitted = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            admitted.add(watcher.await(new LogPosition(0, 1), LONG_MS));
        }

        final Future<Outcome> refused = watcher.await(new LogPosition(0, 1), LONG_MS);
        assertThat(refused.isComplete()).isTrue();
        assertThat(refused.result()).isEqualTo(Outcome.FULL);

        final long startNs = System.nanoTime();
        while (!admitted.stream().allMatch(Future::isComplete)) {
            assertThat(System.nanoTime() - startNs).isLessThan(TimeUnit.SECONDS.toNanos(10));
            final Promise<long[]> question = questions.poll(5, TimeUnit.MILLISECONDS);
            if (question != null) {
                question.complete(new long[] {1});
            }
        }
        assertThat(admitted).extracting(Future::result).containsOnly(Outcome.REACHED);
        final Future<Outcome> next = watcher.await(new LogPosition(0, 2), LONG_MS);
        answer(2);
        assertThat(await(next)).isEqualTo(Outcome.REACHED);
    }

    @Test
    void shouldAskOnlyWhileSomebodyWaits() throws Exception {
        final Future<Outcome> reached = watcher.await(new LogPosition(0, 1), LONG_MS);
        answer(1);
        await(reached);

        // 50 times the interval between two questions.
        assertThat(questions.poll(50, TimeUnit.MILLISECONDS)).isNull();
    }

    @Test
    void shouldAnswerOnTheCallersContext() throws Exception {
        final Promise<Boolean> same = Promise.promise();
        vertx.runOnContext(ignored -> {
            final Thread caller = Thread.currentThread();
            watcher.await(new LogPosition(0, 1), LONG_MS)
                    .onComplete(done -> same.complete(Thread.currentThread() == caller));
        });
        answer(1);
        assertThat(await(same.future())).isTrue();
    }

    private Promise<long[]> question() throws InterruptedException {
        final Promise<long[]> question = questions.poll(10, TimeUnit.SECONDS);
        assertThat(question).as("the watcher asks").isNotNull();
        return question;
    }

    private void answer(final long... sequences) throws InterruptedException {
        question().complete(sequences);
    }

    private static <T> T await(final Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }
}
