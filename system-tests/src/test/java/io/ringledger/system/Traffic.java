package io.ringledger.system;

import io.ringledger.model.Partitions;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Clients that go on whatever happens: credits to the write sides in turn and reads, at a steady rate
 * in the background, and bursts on request. What becomes of them is the meters' to say. Thread-safe.
 */
final class Traffic implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .build();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final List<URI> ledgers;
    private final URI queries;
    private final List<String> accounts;
    private final AtomicLong count = new AtomicLong();

    /**
     * @param accounts that get the background's credits, opened before it starts
     */
    Traffic(final List<URI> ledgers, final URI queries, final List<String> accounts) {
        this.ledgers = ledgers;
        this.queries = queries;
        this.accounts = accounts;
    }

    /** The n-th account id that belongs to a partition. */
    static String account(final int partition, final int partitions, final int number) {
        int found = 0;
        for (int i = 0; ; i++) {
            final byte[] id = ("account-" + i).getBytes(StandardCharsets.US_ASCII);
            if (Partitions.partitionOf(id, id.length, partitions) == partition
                    && found++ == number) {
                return "account-" + i;
            }
        }
    }

    /** Begins the background. */
    void start(final long everyMs) {
        final ScheduledFuture<?> _ =
                timer.scheduleAtFixedRate(this::tick, 0, everyMs, TimeUnit.MILLISECONDS);
    }

    private void tick() {
        final long number = count.incrementAndGet();
        final String account = accounts.get((int) (number % accounts.size()));
        final URI ledger = ledgers.get((int) (number / accounts.size() % ledgers.size()));
        // Some are asked for twice, and some ask for too much.
        final long key = number % 16 == 9 ? number - accounts.size() : number;
        if (number % 16 == 5) {
            final CompletableFuture<?> _ = send(post(
                    ledger,
                    "/v1/accounts/" + account + "/withdraw",
                    "t" + key,
                    "{\"amount\":1000000000000}"));
        } else {
            final CompletableFuture<?> _ = send(post(
                    ledger, "/v1/accounts/" + account + "/credit", "t" + key, "{\"amount\":1}"));
        }
        if (number % 4 == 0) {
            final CompletableFuture<?> _ = read(account);
        }
    }

    /** A read whose answer nobody waits for. */
    CompletableFuture<?> read(final String account) {
        return send(HttpRequest.newBuilder(queries.resolve("/v1/accounts/" + account))
                .timeout(PATIENCE)
                .build());
    }

    /** Opens an account, until it is open. */
    void open(final URI ledger, final String account) throws Exception {
        final HttpRequest request = post(
                ledger,
                "/v1/accounts",
                "open",
                "{\"accountId\":\"" + account + "\",\"currency\":\"EUR\"}");
        Stacks.await("opened " + account, 60_000, () -> {
            try {
                return client.send(request, HttpResponse.BodyHandlers.discarding())
                                .statusCode()
                        == 201;
            } catch (final java.io.IOException e) {
                return false;
            } catch (final InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    /** So many credits to one account, in one request. */
    CompletableFuture<?> batch(final URI ledger, final String account, final int size) {
        final StringBuilder body = new StringBuilder("{\"commands\":[");
        for (int i = 0; i < size; i++) {
            body.append(i == 0 ? "" : ",")
                    .append("{\"op\":\"credit\",\"accountId\":\"")
                    .append(account)
                    .append("\",\"idempotencyKey\":\"b")
                    .append(count.incrementAndGet())
                    .append("\",\"amount\":1}");
        }
        return send(post(ledger, "/v1/batches", "none", body.append("]}").toString()));
    }

    private static HttpRequest post(
            final URI ledger, final String path, final String key, final String body) {
        return HttpRequest.newBuilder(ledger.resolve(path))
                .timeout(PATIENCE)
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", key)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    /** Never fails: a ledger that is killed does not answer. */
    private CompletableFuture<?> send(final HttpRequest request) {
        return client.sendAsync(request, HttpResponse.BodyHandlers.discarding())
                .exceptionally(failure -> null);
    }

    @Override
    public void close() {
        timer.shutdownNow();
        client.shutdownNow();
        client.close();
    }
}
