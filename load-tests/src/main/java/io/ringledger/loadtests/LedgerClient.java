package io.ringledger.loadtests;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * The HTTP contract as a good client keeps it: answers that say "not applied" or "nobody knows",
 * lost connections and time-outs are retried with the same idempotency key, after a jittered
 * back-off and not before the service's Retry-After, until a deadline. Any number of threads, each
 * of which blocks in a call: made for virtual threads.
 */
final class LedgerClient implements AutoCloseable {
    private static final int MAX_ANSWER_BYTES = 4 << 20;
    private static final long MIN_BACK_OFF_MS = 50;
    private static final long MAX_BACK_OFF_MS = 2_000;
    private static final long MAX_RETRY_AFTER_MS = 30_000;

    private final URI url;
    private final URI queryUrl;
    private final Duration deadline;
    private final Duration attemptTimeout;
    private final HttpClient http;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Map<String, LongAdder> writeRetries = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> readRetries = new ConcurrentHashMap<>();

    LedgerClient(final ReplayOptions options) {
        url = options.url();
        queryUrl = options.queryUrl();
        deadline = options.deadline();
        attemptTimeout = options.attemptTimeout();
        http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(5))
                .followRedirects(HttpClient.Redirect.NEVER)
                .executor(Executors.newVirtualThreadPerTaskExecutor())
                .build();
    }

    /**
     * Asks the service once whether it is there.
     *
     * @throws ReplayException if nobody answers
     */
    void requireService() throws ReplayException {
        for (final URI uri : new LinkedHashSet<>(List.of(url, queryUrl))) {
            try {
                http.send(
                        HttpRequest.newBuilder(uri.resolve("/health/live"))
                                .timeout(Duration.ofSeconds(10))
                                .build(),
                        BodyHandlers.discarding());
            } catch (final IOException e) {
                throw new ReplayException(
                        "no service answers at " + uri + " (" + e + "); is it started?", e);
            } catch (final InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new ReplayException("interrupted", e);
            }
        }
    }

    /** Sends a command until it has an outcome. The answer may be a success or a refusal. */
    Answer write(
            final String method, final String path, final String idempotencyKey, final byte[] json)
            throws ReplayException {
        return exchange(
                method + " " + path + " (key " + idempotencyKey + ")",
                HttpRequest.newBuilder(url.resolve(path))
                        .method(method, BodyPublishers.ofByteArray(json))
                        .header("Content-Type", "application/json")
                        .header("Idempotency-Key", idempotencyKey),
                writeRetries);
    }

    /** Reads until there is an answer other than 503. */
    Answer read(final String path) throws ReplayException {
        return exchange(
                "GET " + path, HttpRequest.newBuilder(queryUrl.resolve(path)).GET(), readRetries);
    }

    /** How often a write was sent again, by cause: a problem's code, connection, or timeout. */
    Map<String, Long> writeRetries() {
        return totals(writeRetries);
    }

    /** How often a read was sent again, by cause. */
    Map<String, Long> readRetries() {
        return totals(readRetries);
    }

    /** From now on nothing is sent; calls that wait to send again fail. Any thread, any time. */
    void stop() {
        stopped.countDown();
    }

    boolean isStopped() {
        return stopped.getCount() == 0;
    }

    /** Stops, and gives up what is in flight. */
    @Override
    public void close() {
        stop();
        http.shutdownNow();
        http.close();
    }

    private Answer exchange(
            final String request,
            final HttpRequest.Builder builder,
            final Map<String, LongAdder> retries)
            throws ReplayException {
        final long startNs = System.nanoTime();
        for (int attempt = 1; ; attempt++) {
            if (isStopped()) {
                throw new ReplayException(request + ": not sent, the replay was stopped");
            }
            final long remainingMs = remainingMs(startNs);
            String cause;
            long retryAfterMs = 0;
            try {
                final long timeoutMs = Math.clamp(remainingMs, 1, attemptTimeout.toMillis());
                final HttpResponse<byte[]> response = http.send(
                        builder.timeout(Duration.ofMillis(timeoutMs)).build(),
                        BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_ANSWER_BYTES));
                if (!isRetryable(response.statusCode())) {
                    return Answer.of(request, response);
                }
                cause = cause(response);
                retryAfterMs = retryAfterMs(response);
            } catch (final HttpTimeoutException e) {
                cause = "timeout";
            } catch (final IOException e) {
                cause = "connection";
            } catch (final InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new ReplayException(request + ": interrupted", e);
            }
            final long waitMs = Math.max(retryAfterMs, 0) + backOffMs(attempt);
            if (waitMs >= remainingMs(startNs)) {
                throw new ReplayException(request
                        + ": no outcome within "
                        + deadline.toSeconds()
                        + " s and "
                        + attempt
                        + " attempts; the last one ended with: "
                        + cause);
            }
            retries.computeIfAbsent(cause, _ -> new LongAdder()).increment();
            pause(request, waitMs);
        }
    }

    /** 503 and 429 applied nothing or nobody knows, 408 is a request that did not arrive whole. */
    private static boolean isRetryable(final int status) {
        return status == 503 || status == 429 || status == 408;
    }

    /** The problem's code, or the status where something in between answered without one. */
    private static String cause(final HttpResponse<byte[]> response) {
        try {
            final String code = Answer.of("", response).code();
            return code.isEmpty() ? "status " + response.statusCode() : code;
        } catch (final ReplayException e) {
            return "status " + response.statusCode();
        }
    }

    private static long retryAfterMs(final HttpResponse<?> response) {
        final String seconds = response.headers().firstValue("Retry-After").orElse("0");
        return seconds.matches("[0-9]{1,5}")
                ? Math.min(Long.parseLong(seconds) * 1_000, MAX_RETRY_AFTER_MS)
                : 0;
    }

    /** Doubles with every attempt; half of it is random, so that clients do not come together. */
    private static long backOffMs(final int attempt) {
        final long ceilingMs =
                Math.min(MAX_BACK_OFF_MS, MIN_BACK_OFF_MS << Math.min(attempt - 1, 10));
        return ThreadLocalRandom.current().nextLong(ceilingMs / 2, ceilingMs + 1);
    }

    private long remainingMs(final long startNs) {
        return deadline.toMillis() - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs);
    }

    private void pause(final String request, final long waitMs) throws ReplayException {
        try {
            if (stopped.await(waitMs, TimeUnit.MILLISECONDS)) {
                throw new ReplayException(request + ": without an outcome, the replay was stopped");
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ReplayException(request + ": interrupted", e);
        }
    }

    private static Map<String, Long> totals(final Map<String, LongAdder> counters) {
        final Map<String, Long> totals = new TreeMap<>();
        counters.forEach((cause, count) -> totals.put(cause, count.sum()));
        return totals;
    }
}
