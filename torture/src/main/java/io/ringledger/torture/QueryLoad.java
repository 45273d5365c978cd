package io.ringledger.torture;

import io.ringledger.model.Partitions;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Clients that read balances with {@code after=} the last write of the account that anybody was told
 * of. A 503 is asked again until it is answered; any other failure, and an answer that shows less than
 * was asked for, is counted. {@link #start} and {@link #close} belong to one thread, {@link
 * #onDecided} to any.
 */
final class QueryLoad implements AutoCloseable, Decided {
    static final String STATUS = "query status/";
    static final String PROBLEM = "query problem/";
    static final String FAILED = "query failed/";

    private static final int THREADS = 2;
    private static final long PAUSE_MS = 20;
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final long RESOLVE_NS = TimeUnit.MILLISECONDS.toNanos(Waits.LIMIT_MS);

    private final Targets readModels;
    private final Tally tally;
    private final int accounts;
    private final int partitions;
    private final AtomicLongArray lastSequence;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean isStopping;
    private volatile long stoppedNs;

    QueryLoad(
            final Targets readModels, final Tally tally, final int accounts, final int partitions) {
        this.readModels = readModels;
        this.tally = tally;
        this.accounts = accounts;
        this.partitions = partitions;
        lastSequence = new AtomicLongArray(accounts);
    }

    void start(final long seed) {
        for (int i = 0; i < THREADS; i++) {
            final Random random = new Random(seed + i);
            threads.add(Thread.ofPlatform().daemon().name("query-" + i).start(() -> work(random)));
        }
    }

    @Override
    public void onDecided(final Ask ask, final Answer answer, final long sentNs) {
        // Other numbers have no account.
        if (ask.account() < accounts) {
            lastSequence.accumulateAndGet(ask.account(), answer.sequence(), Math::max);
        }
    }

    private void work(final Random random) {
        try {
            while (!isStopping) {
                final int account = random.nextInt(accounts);
                final long sequence = lastSequence.get(account);
                if (sequence > 0) {
                    readUntilAnswered(Ask.accountId(account), sequence);
                }
                TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void readUntilAnswered(final String accountId, final long sequence)
            throws InterruptedException {
        while (!read(accountId, sequence)) {
            if (isStopping && System.nanoTime() - stoppedNs > RESOLVE_NS) {
                tally.add(FAILED + "never answered");
                return;
            }
            TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
        }
    }

    /** False if it has to be asked again. */
    private boolean read(final String accountId, final long sequence) throws InterruptedException {
        final byte[] id = accountId.getBytes(StandardCharsets.US_ASCII);
        final String after = Partitions.partitionOf(id, id.length, partitions) + "-" + sequence;
        final URI target = readModels.take();
        try {
            final HttpResponse<String> response = http.send(
                    HttpRequest.newBuilder(target.resolve(
                                    "/v1/accounts/" + accountId + "/balance?after=" + after))
                            .timeout(TIMEOUT)
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            tally.add(STATUS + response.statusCode());
            final JsonObject body = new JsonObject(response.body());
            if (response.statusCode() == 503) {
                tally.add(PROBLEM + body.getString("code"));
                return false;
            }
            if (response.statusCode() != 200) {
                tally.add(FAILED + response.statusCode() + " " + body.getString("code"));
            } else if (sequenceOf(body.getString("position")) < sequence) {
                tally.add(FAILED + "older than asked for");
            }
        } catch (final IOException | DecodeException e) {
            tally.add(FAILED + e.getClass().getSimpleName() + ": " + e.getMessage());
        } finally {
            readModels.release(target);
        }
        return true;
    }

    private static long sequenceOf(final String position) {
        return Long.parseLong(position.substring(position.indexOf('-') + 1));
    }

    /** No new reads; those that were told 503 are asked again until they are answered. Blocks. */
    @Override
    public void close() {
        stoppedNs = System.nanoTime();
        isStopping = true;
        try {
            for (final Thread thread : threads) {
                thread.join();
            }
        } catch (final InterruptedException e) {
            threads.forEach(Thread::interrupt);
            Thread.currentThread().interrupt();
        }
        http.shutdownNow();
    }
}
