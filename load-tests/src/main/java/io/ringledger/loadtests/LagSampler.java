package io.ringledger.loadtests;

import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Measures how far the views are behind: reads some writes back at once, beside the replay, with
 * {@code after=} the write's position. The time runs from the write's answer to the answer of a
 * read that shows it, retries and the read's own way included; so it is what a client sees, and an
 * upper bound of the views' lag. Any number of threads.
 */
final class LagSampler {
    /** Samples that wait at a time; while the views stand still, more would only take sockets. */
    private static final int MAX_WAITING = 256;

    private final LedgerClient client;
    private final int sampleEvery;
    private final Semaphore places = new Semaphore(MAX_WAITING);
    private final AtomicLong writes = new AtomicLong();
    private final AtomicLong skipped = new AtomicLong();
    private final Histogram lagUs = new ConcurrentHistogram(3);

    /**
     * A read under way.
     *
     * @param after the position of the write that it must show
     * @param answer the read's answer, or why there is none
     */
    record Sample(Position after, CompletableFuture<Answer> answer) {
        Answer await() throws ReplayException {
            try {
                return answer.get();
            } catch (final ExecutionException e) {
                final Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
                throw new ReplayException(String.valueOf(cause.getMessage()), cause);
            } catch (final InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new ReplayException("interrupted", e);
            }
        }
    }

    LagSampler(final LedgerClient client, final int sampleEvery) {
        this.client = client;
        this.sampleEvery = sampleEvery;
    }

    /** Counts a write, and reads one in so many back; a read that was begun is added to samples. */
    void sample(
            final String accountId,
            final Position position,
            final long answeredNs,
            final List<Sample> samples) {
        if (writes.getAndIncrement() % sampleEvery != 0) {
            return;
        }
        if (!places.tryAcquire()) {
            skipped.incrementAndGet();
            return;
        }
        final CompletableFuture<Answer> future = new CompletableFuture<>();
        samples.add(new Sample(position, future));
        Thread.ofVirtual().name("lag-" + position).start(() -> {
            try {
                future.complete(read(accountId, position, answeredNs));
            } catch (final ReplayException | RuntimeException e) {
                future.completeExceptionally(e);
            } finally {
                places.release();
            }
        });
    }

    private Answer read(final String accountId, final Position position, final long answeredNs)
            throws ReplayException {
        final Answer answer =
                client.read("/v1/accounts/" + accountId + "/balance?after=" + position);
        if (answer.status() != 200) {
            throw answer.error();
        }
        lagUs.recordValue(Math.max(0, (System.nanoTime() - answeredNs) / 1_000));
        return answer;
    }

    /** The times measured so far. */
    ReplaySummary.Latency lag() {
        return ReplayMeter.latency(lagUs);
    }

    /** Writes that were due but not sampled, because too many samples were waiting. */
    long skipped() {
        return skipped.get();
    }
}
