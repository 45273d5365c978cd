package io.ringledger.torture;

import io.ringledger.model.Partitions;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Asks every partition for something small all the time, without waiting for the answer before: so
 * the time until a new owner answers is measured and not the client's patience. Thread-safe.
 */
final class Prober implements AutoCloseable {
    private static final long INTERVAL_MS = 50;
    private static final int MAX_IN_FLIGHT = 12;

    private final LedgerHttp http;
    private final Journal journal;
    private final Asks asks;
    private final Decided decided;
    private final LoadClient client;
    private final int[] accounts;
    private final AtomicInteger[] inFlight;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("prober").factory());

    Prober(
            final LedgerHttp http,
            final Journal journal,
            final Asks asks,
            final Decided decided,
            final LoadClient client,
            final int partitions) {
        this.http = http;
        this.journal = journal;
        this.asks = asks;
        this.decided = decided;
        this.client = client;
        accounts = new int[partitions];
        inFlight = new AtomicInteger[partitions];
        for (int partition = 0; partition < partitions; partition++) {
            accounts[partition] = accountIn(partition, partitions);
            inFlight[partition] = new AtomicInteger();
        }
    }

    private static int accountIn(final int partition, final int partitions) {
        int account = 0;
        while (true) {
            final byte[] id = Ask.accountId(account).getBytes(StandardCharsets.US_ASCII);
            if (Partitions.partitionOf(id, id.length, partitions) == partition) {
                return account;
            }
            account++;
        }
    }

    void start() {
        final ScheduledFuture<?> _ =
                timer.scheduleAtFixedRate(this::probe, 0, INTERVAL_MS, TimeUnit.MILLISECONDS);
    }

    private void probe() {
        for (int partition = 0; partition < accounts.length; partition++) {
            final AtomicInteger waiting = inFlight[partition];
            if (waiting.get() >= MAX_IN_FLIGHT) {
                continue;
            }
            waiting.incrementAndGet();
            final Ask ask = asks.of(accounts[partition], Op.CREDIT, 1);
            journal.asked(List.of(ask));
            final long sentNs = System.nanoTime();
            final var _ = http.sendAsync(ask).thenAccept(answer -> {
                waiting.decrementAndGet();
                journal.answered(List.of(ask), List.of(answer));
                if (!answer.isSettled()) {
                    client.resolveLater(ask);
                } else if (answer.kind() == Answer.Kind.DECIDED) {
                    decided.onDecided(ask, answer, sentNs);
                    client.countAcknowledged();
                }
            });
        }
    }

    /** Ends, and waits for the answers that are still to come; blocks. */
    @Override
    public void close() {
        timer.shutdownNow();
        try {
            timer.awaitTermination(1, TimeUnit.SECONDS);
            // Each ends by its answer or its time-out.
            for (final AtomicInteger waiting : inFlight) {
                while (waiting.get() > 0) {
                    TimeUnit.MILLISECONDS.sleep(10);
                }
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
