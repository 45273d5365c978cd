package io.ringledger.torture;

import io.vertx.core.json.DecodeException;

import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;

/**
 * Sends commands once. Whatever goes wrong on the way is an answer too: nobody knows. Thread-safe.
 */
final class LedgerHttp implements AutoCloseable {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(1);

    private final Targets targets;
    private final Duration timeout;
    private final HttpClient http;

    LedgerHttp(final Targets targets, final Duration timeout) {
        this.targets = targets;
        this.timeout = timeout;
        http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_TIMEOUT)
                .executor(Executors.newVirtualThreadPerTaskExecutor())
                .build();
    }

    /** An answer for each command; one command goes alone, several as a batch. Blocks. */
    List<Answer> send(final List<Ask> asks) throws InterruptedException {
        try {
            if (asks.size() == 1) {
                final var request = Wire.single(targets.next(), asks.getFirst(), timeout);
                return List.of(Wire.singleAnswer(
                        http.send(request, HttpResponse.BodyHandlers.ofString())));
            }
            final var request = Wire.batch(targets.next(), asks, timeout);
            return Wire.batchAnswers(
                    http.send(request, HttpResponse.BodyHandlers.ofString()), asks.size());
        } catch (final IOException | DecodeException e) {
            return Collections.nCopies(asks.size(), answerOf(e));
        }
    }

    /** The same for one command without blocking; never fails. */
    CompletableFuture<Answer> sendAsync(final Ask ask) {
        return http.sendAsync(
                        Wire.single(targets.next(), ask, timeout),
                        HttpResponse.BodyHandlers.ofString())
                .thenApply(Wire::singleAnswer)
                .exceptionally(failure ->
                        answerOf(failure.getCause() == null ? failure : failure.getCause()));
    }

    /** Nobody listened: nothing was sent. In every other case nobody knows. */
    private static Answer answerOf(final Throwable failure) {
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
