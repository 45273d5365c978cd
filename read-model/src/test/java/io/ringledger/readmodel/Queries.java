package io.ringledger.readmodel;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A service under test and a client of it. */
final class Queries implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final ReadModelService service;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    Queries(final Map<String, String> environment) throws Exception {
        service = ReadModelService.start(environment);
    }

    /** An answer as it came. */
    record Answer(int status, String body, HttpResponse<String> response) {
        String header(final String name) {
            return response.headers().firstValue(name).orElse("none");
        }

        /** The value of a text member, found without a parser. */
        String member(final String name) {
            final String start = "\"" + name + "\":\"";
            final int from = body.indexOf(start);
            return from < 0
                    ? "none"
                    : body.substring(
                            from + start.length(), body.indexOf('"', from + start.length()));
        }
    }

    int port() {
        return service.port();
    }

    Answer get(final String target) throws Exception {
        return await(start(target));
    }

    static Answer await(final CompletableFuture<Answer> answer) throws Exception {
        return answer.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    CompletableFuture<Answer> start(final String target) {
        final HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + service.port() + target))
                .timeout(LIMIT)
                .build();
        return client.sendAsync(request, HttpResponse.BodyHandlers.ofString())
                .thenApply(
                        response -> new Answer(response.statusCode(), response.body(), response));
    }

    /** Sends these characters as bytes and returns what comes back until the service closes. */
    String raw(final String request) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), service.port()), 5000);
            socket.setSoTimeout(15_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Override
    public void close() {
        service.close();
        client.close();
    }
}
