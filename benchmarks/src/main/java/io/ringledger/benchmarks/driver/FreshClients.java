package io.ringledger.benchmarks.driver;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/**
 * Clients that open a connection for every request, one after another, each from an address of its
 * own: what a newcomer meets. Who is not let in tries again with the same request, and the time until
 * its answer counts from the first try. Stateless.
 */
public final class FreshClients {
    private static final int MAX_TRIES = 20;
    private static final int LIMIT_MS = 30_000;
    private static final int ANSWER_BYTES = 16_384;
    private static final long RETRY_MS = 100;
    private static final int UNAVAILABLE = 503;

    /**
     * What came of it.
     *
     * @param measured latency with connecting and trying again
     * @param turnedAway tries that had no answer, or 503
     */
    public record Result(Measured measured, long turnedAway) {}

    private FreshClients() {}

    /**
     * Asks for so long; blocks.
     *
     * @param clients how many at a time
     * @param loads the load of each client, by its number; for one connection
     * @throws IllegalStateException if an answer was wrong or did not come
     */
    public static Result run(
            final InetSocketAddress target,
            final int clients,
            final long measureMs,
            final IntFunction<Load> loads)
            throws InterruptedException {
        final List<Callable<Result>> work = new ArrayList<>();
        for (int client = 0; client < clients; client++) {
            final String from = "127.0.2." + (client + 1);
            final Load load = loads.apply(client);
            work.add(() -> ask(target, from, measureMs, load));
        }
        try (ExecutorService executor = Executors.newFixedThreadPool(
                clients, Thread.ofPlatform().name("fresh-", 0).factory())) {
            final List<Future<Result>> all = executor.invokeAll(work);
            final Measured measured = all.getFirst().get().measured();
            long turnedAway = all.getFirst().get().turnedAway();
            for (final Future<Result> other : all.subList(1, clients)) {
                measured.addAll(other.get().measured());
                turnedAway += other.get().turnedAway();
            }
            return new Result(measured, turnedAway);
        } catch (final ExecutionException e) {
            throw new IllegalStateException("fresh clients failed: " + e.getCause(), e);
        }
    }

    private static Result ask(
            final InetSocketAddress target,
            final String from,
            final long measureMs,
            final Load load)
            throws InterruptedException {
        final long measureNs = TimeUnit.MILLISECONDS.toNanos(measureMs);
        final Measured measured = new Measured(measureNs, false);
        final byte[] request = new byte[load.maxRequestBytes()];
        final long startNs = System.nanoTime();
        long sent = 0;
        long turnedAway = 0;
        while (System.nanoTime() - startNs < measureNs) {
            final int length = load.nextRequest(0, request);
            final long sinceNs = System.nanoTime();
            int tries = 1;
            while (!isAnswered(target, from, request, length, load)) {
                if (tries++ == MAX_TRIES) {
                    throw new IllegalStateException("not let in: tries=" + MAX_TRIES);
                }
                TimeUnit.MILLISECONDS.sleep(RETRY_MS);
            }
            sent++;
            turnedAway += tries - 1;
            final long nowNs = System.nanoTime();
            // What began within the time counts, so that who waits for long is not left out.
            measured.add(Load.Answered.DONE, sinceNs - startNs, nowNs - sinceNs);
        }
        measured.end(sent, 0, 0, 0);
        return new Result(measured, turnedAway);
    }

    /** False if there was no answer, or 503: with the same key it can be asked again. */
    private static boolean isAnswered(
            final InetSocketAddress target,
            final String from,
            final byte[] request,
            final int length,
            final Load load) {
        final byte[] answer = new byte[ANSWER_BYTES];
        final AnswerParser parser = new AnswerParser();
        int count = 0;
        try (Socket socket = new Socket()) {
            socket.bind(new InetSocketAddress(from, 0));
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(LIMIT_MS);
            socket.connect(target, LIMIT_MS);
            socket.getOutputStream().write(request, 0, length);
            final InputStream in = socket.getInputStream();
            do {
                final int read = in.read(answer, count, answer.length - count);
                if (read < 0) {
                    return false;
                }
                count += read;
            } while (!parser.parse(answer, 0, count));
        } catch (final IOException e) {
            return false;
        }
        if (parser.status() == UNAVAILABLE) {
            return false;
        }
        final Load.Answered answered =
                load.onAnswer(0, parser.status(), answer, parser.bodyOffset(), parser.bodyLength());
        if (answered != Load.Answered.DONE) {
            throw new IllegalStateException("wrong answer: status=" + parser.status());
        }
        return true;
    }
}
