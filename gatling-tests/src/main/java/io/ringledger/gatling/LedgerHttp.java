package io.ringledger.gatling;

import com.fasterxml.jackson.databind.JsonNode;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;

/** What happens before and after a load: accounts are opened, open writes resolved, balances read. Thread-safe. */
final class LedgerHttp implements AutoCloseable {
    private static final int OPEN_AT_ONCE = 1_000;
    private static final Duration TIMEOUT = Duration.ofSeconds(35);

    private final URI url;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    LedgerHttp(final URI url) {
        this.url = url;
    }

    /** Opens accounts and enters where. */
    void open(final List<String> accounts, final long creditLimit, final Book book)
            throws IOException, InterruptedException {
        for (int from = 0; from < accounts.size(); from += OPEN_AT_ONCE) {
            final List<String> some =
                    accounts.subList(from, Math.min(accounts.size(), from + OPEN_AT_ONCE));
            final String body = some.stream()
                    .map(account -> "{\"op\":\"openAccount\",\"accountId\":\"" + account
                            + "\",\"idempotencyKey\":\"open\",\"currency\":\"EUR\",\"creditLimit\":"
                            + creditLimit + "}")
                    .collect(Collectors.joining(",", "{\"commands\":[", "]}"));
            final HttpResponse<String> answer = post("/v1/batches", UUID.randomUUID(), body);
            final JsonNode results = Answer.json(answer.body()).path("results");
            for (int i = 0; i < some.size(); i++) {
                final JsonNode result = results.path(i);
                if (answer.statusCode() != 200 || result.path("status").asInt() != 201) {
                    throw new IOException("cannot open accounts: " + answer.statusCode() + " "
                            + (result.isMissingNode() ? answer.body() : result));
                }
                book.opened(
                        some.get(i),
                        Position.parse(result.path("account").path("position").asText()));
            }
        }
    }

    /** Sends a write with its key, for the first time or again; null if there was no answer. */
    @Nullable Answer send(final Write write) throws InterruptedException {
        try {
            final HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(url.resolve(write.path()))
                            .timeout(TIMEOUT)
                            .header("Content-Type", "application/json")
                            .header("Idempotency-Key", write.key())
                            .POST(HttpRequest.BodyPublishers.ofString(write.body()))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            return new Answer(
                    answer.statusCode(),
                    answer.body(),
                    answer.headers().firstValue("Idempotency-Replayed").isPresent());
        } catch (final IOException e) {
            return null;
        }
    }

    /** Reads a balance no older than that position; null if there was no answer. */
    @Nullable Answer balance(final String account, final Position after) throws InterruptedException {
        try {
            final HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(url.resolve(
                                    "/v1/accounts/" + account + "/balance?after=" + after))
                            .timeout(TIMEOUT)
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            return new Answer(answer.statusCode(), answer.body(), false);
        } catch (final IOException e) {
            return null;
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
    }

    private HttpResponse<String> post(final String path, final UUID key, final String body)
            throws IOException, InterruptedException {
        try {
            return client.send(
                    HttpRequest.newBuilder(url.resolve(path))
                            .timeout(TIMEOUT)
                            .header("Content-Type", "application/json")
                            .header("Idempotency-Key", key.toString())
                            .POST(HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (final ConnectException e) {
            throw new IOException("no ledger answers at " + url + "; is it started?", e);
        }
    }
}
