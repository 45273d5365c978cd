package io.ringledger.localstack;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Opens an account, without money in it, and reads it back: what a stack can do when it says that
 * it is ready. Stateless.
 */
final class FirstWrite {
    /** A colon keeps it apart from the ids that people choose. */
    static final String ACCOUNT = "ringledger:first-write";

    private static final Pattern POSITION = Pattern.compile("\"position\":\"([0-9]+-[0-9]+)\"");
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(5);
    private static final long DEADLINE_MS = 60_000;
    private static final long PAUSE_MS = 50;

    private FirstWrite() {}

    /**
     * Blocks until the read shows the write.
     *
     * @param headers sent with each request
     */
    static String await(final URI url, final Map<String, String> headers)
            throws IOException, InterruptedException {
        final long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(DEADLINE_MS);
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            final HttpRequest open = request(url.resolve("/v1/accounts"), headers)
                    .header("Content-Type", "application/json")
                    .header("Idempotency-Key", "first-write")
                    .POST(HttpRequest.BodyPublishers.ofString(
                            "{\"accountId\":\"" + ACCOUNT + "\",\"currency\":\"EUR\"}"))
                    .build();
            final String opened = send(client, open, 201, deadlineNs);
            final Matcher position = POSITION.matcher(opened);
            if (!position.find()) {
                throw new IOException("no position in the answer: " + opened);
            }
            final HttpRequest read = request(
                            url.resolve("/v1/accounts/" + ACCOUNT + "?after=" + position.group(1)),
                            headers)
                    .build();
            return send(client, read, 200, deadlineNs);
        }
    }

    private static HttpRequest.Builder request(final URI uri, final Map<String, String> headers) {
        final HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(REQUEST_TIMEOUT);
        headers.forEach(request::header);
        return request;
    }

    private static String send(
            final HttpClient client,
            final HttpRequest request,
            final int expectedStatus,
            final long deadlineNs)
            throws IOException, InterruptedException {
        String last = "no answer";
        while (System.nanoTime() < deadlineNs) {
            try {
                final HttpResponse<String> response =
                        client.send(request, HttpResponse.BodyHandlers.ofString());
                if (response.statusCode() == expectedStatus) {
                    return response.body();
                }
                last = response.statusCode() + " " + response.body();
            } catch (final IOException e) {
                last = e.toString();
            }
            TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
        }
        throw new IOException(request.method() + " " + request.uri().getPath() + " did not give "
                + expectedStatus + " within " + DEADLINE_MS + " ms: " + last);
    }
}
