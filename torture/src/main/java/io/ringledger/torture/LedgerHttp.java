package io.ringledger.torture;

import io.vertx.core.json.DecodeException;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;

/**
 * Sends commands once. Whatever goes wrong on the way is an answer too: nobody knows. Counts what
 * came back: {@code status/…} for each request that was answered, {@code unanswered/…} for each that
 * was not, {@code problem/…} for each command that got a 503. Thread-safe.
 */
final class LedgerHttp implements AutoCloseable {
    static final String STATUS = "status/";
    static final String UNANSWERED = "unanswered/";
    static final String PROBLEM = "problem/";

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(1);

    private final Targets targets;
    private final Duration timeout;
    private final Tally tally;
    private final HttpClient http;

    /**
     * A client of processes that take turns.
     *
     * @param timeout of a request
     * @param tally counts what comes back
     */
    LedgerHttp(final Targets targets, final Duration timeout, final Tally tally) {
        this.targets = targets;
        this.timeout = timeout;
        this.tally = tally;
        http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_TIMEOUT)
                .executor(Executors.newVirtualThreadPerTaskExecutor())
                .build();
    }

    /** An answer for each command; one command goes alone, several as a batch. Blocks. */
    List<Answer> send(final List<Ask> asks) throws InterruptedException {
        final URI target = targets.take();
        try {
            final HttpRequest request = asks.size() == 1
                    ? Wire.single(target, asks.getFirst(), timeout)
                    : Wire.batch(target, asks, timeout);
            final HttpResponse<String> response =
                    http.send(request, HttpResponse.BodyHandlers.ofString());
            return counted(
                    response,
                    asks.size() == 1
                            ? List.of(Wire.singleAnswer(response))
                            : Wire.batchAnswers(response, asks.size()));
        } catch (final IOException | DecodeException e) {
            return Collections.nCopies(asks.size(), answerOf(e));
        } finally {
            targets.release(target);
        }
    }

    /** The same for one command without blocking; never fails. */
    CompletableFuture<Answer> sendAsync(final Ask ask) {
        final URI target = targets.take();
        return http.sendAsync(
                        Wire.single(target, ask, timeout), HttpResponse.BodyHandlers.ofString())
                .whenComplete((response, failure) -> targets.release(target))
                .thenApply(response ->
                        counted(response, List.of(Wire.singleAnswer(response))).getFirst())
                .exceptionally(failure ->
                        answerOf(failure.getCause() == null ? failure : failure.getCause()));
    }

    private List<Answer> counted(final HttpResponse<String> response, final List<Answer> answers) {
        tally.add(STATUS + response.statusCode());
        for (final Answer answer : answers) {
            if (answer.status() == 503) {
                tally.add(PROBLEM + answer.code());
            }
        }
        return answers;
    }

    /** Nobody listened: nothing was sent. In every other case nobody knows. */
    private Answer answerOf(final Throwable failure) {
        tally.add(UNANSWERED + failure.getClass().getSimpleName() + ": " + failure.getMessage());
        return failure instanceof ConnectException
                ? Answer.problem(Answer.Kind.NOT_APPLIED, 0, "nobody_listens")
                : Answer.none();
    }

    @Override
    public void close() {
        http.shutdownNow();
        http.close();
    }
}
