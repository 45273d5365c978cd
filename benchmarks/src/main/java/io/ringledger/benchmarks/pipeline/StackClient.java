package io.ringledger.benchmarks.pipeline;

import io.ringledger.benchmarks.driver.AccountIds;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Single requests to a stack, beside those of the driver. Thread-safe. */
final class StackClient implements AutoCloseable {
    private static final Duration REQUEST_LIMIT = Duration.ofSeconds(60);
    private static final long VIEW_LIMIT_S = 120;
    private static final int OPENINGS_A_REQUEST = 5_000;
    private static final int OK = 200;
    private static final int UNAVAILABLE = 503;

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String url;

    StackClient(final InetSocketAddress address) {
        url = "http://127.0.0.1:" + address.getPort();
    }

    /** Opens so many accounts, by batches. */
    void openAccounts(final int accounts, final long creditLimit)
            throws IOException, InterruptedException {
        for (int from = 0; from < accounts; from += OPENINGS_A_REQUEST) {
            final int to = Math.min(accounts, from + OPENINGS_A_REQUEST);
            final StringBuilder body = new StringBuilder("{\"commands\":[");
            for (int account = from; account < to; account++) {
                body.append(account == from ? "" : ",")
                        .append("{\"op\":\"openAccount\",\"accountId\":\"")
                        .append(AccountIds.of(account))
                        .append("\",\"idempotencyKey\":\"open\",\"currency\":\"EUR\",")
                        .append("\"creditLimit\":")
                        .append(creditLimit)
                        .append('}');
            }
            final HttpResponse<String> answer =
                    send("POST", "/v1/batches", "", body.append("]}").toString());
            final int opened = answer.body().split("\"status\":201", -1).length - 1;
            if (answer.statusCode() != OK || opened != to - from) {
                throw new IOException("cannot open accounts: status=" + answer.statusCode()
                        + ", opened=" + opened + " of " + (to - from));
            }
        }
    }

    /** One command that must be accepted. Returns the position of its event. */
    String command(final String method, final String path, final String key, final String body)
            throws IOException, InterruptedException {
        final HttpResponse<String> answer = send(method, path, key, body);
        if (answer.statusCode() / 100 != 2) {
            throw new IOException(path + ": " + answer.statusCode() + " " + answer.body());
        }
        final String name = path.endsWith("creditLimit") ? "position" : "transactionId";
        return textMember(answer.body(), name);
    }

    /** Returns the balance as a view shows it that has this position, once there is one. */
    long balanceAfter(final int account, final String position)
            throws IOException, InterruptedException {
        final String path = "/v1/accounts/" + AccountIds.of(account) + "/balance?after=" + position;
        final long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(VIEW_LIMIT_S);
        while (true) {
            final HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(URI.create(url + path))
                            .timeout(REQUEST_LIMIT)
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() == OK) {
                return numberMember(answer.body(), "balance");
            }
            if (answer.statusCode() != UNAVAILABLE || System.nanoTime() > deadlineNs) {
                throw new IOException(path + ": " + answer.statusCode() + " " + answer.body());
            }
        }
    }

    private HttpResponse<String> send(
            final String method, final String path, final String key, final String body)
            throws IOException, InterruptedException {
        final HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + path))
                .timeout(REQUEST_LIMIT)
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body));
        if (!key.isEmpty()) {
            request.header("Idempotency-Key", key);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static String textMember(final String body, final String name) throws IOException {
        final String member = '"' + name + "\":\"";
        final int at = indexOf(body, member);
        return body.substring(at, body.indexOf('"', at));
    }

    private static long numberMember(final String body, final String name) throws IOException {
        final int at = indexOf(body, '"' + name + "\":");
        int end = at;
        while (end < body.length() && (body.charAt(end) == '-' || isDigit(body.charAt(end)))) {
            end++;
        }
        return Long.parseLong(body, at, end, 10);
    }

    private static boolean isDigit(final char character) {
        return character >= '0' && character <= '9';
    }

    private static int indexOf(final String body, final String member) throws IOException {
        final int at = body.indexOf(member);
        if (at < 0) {
            throw new IOException("no " + member + " in " + body);
        }
        return at + member.length();
    }

    @Override
    public void close() {
        client.close();
    }
}
