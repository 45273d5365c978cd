package io.ringledger.system;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A client of one stack. Thread-safe. */
final class Api implements AutoCloseable {
    private static final Pattern POSITION =
            Pattern.compile("\"(?:position|transactionId)\":\"([0-9]+-[0-9]+)\"");

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI url;

    Api(final URI url) {
        this.url = url;
    }

    HttpResponse<String> get(final String target) throws IOException, InterruptedException {
        return send(request(target).GET().build());
    }

    HttpResponse<String> post(final String target, final String key, final String body)
            throws IOException, InterruptedException {
        return send(request(target)
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", key)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build());
    }

    HttpRequest.Builder request(final String target) {
        return HttpRequest.newBuilder(url.resolve(target)).timeout(Duration.ofSeconds(40));
    }

    HttpResponse<String> send(final HttpRequest request) throws IOException, InterruptedException {
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    /** The position that a write answered. */
    static String positionIn(final HttpResponse<String> response) {
        final Matcher matcher = POSITION.matcher(response.body());
        if (!matcher.find()) {
            throw new AssertionError(
                    "no position in " + response.statusCode() + " " + response.body());
        }
        return matcher.group(1);
    }

    @Override
    public void close() {
        client.close();
    }
}
