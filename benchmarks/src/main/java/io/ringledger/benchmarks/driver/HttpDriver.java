package io.ringledger.benchmarks.driver;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;

/** Drives an HTTP service as {@link DriverOptions} say. Stateless. */
public final class HttpDriver {
    private HttpDriver() {}

    /**
     * Opens the connections, loads, waits for every answer and closes; blocks.
     *
     * @param loads the load of each thread, by its number
     * @throws IllegalStateException if an answer was wrong or did not come: there is no figure then
     */
    public static Measured run(final DriverOptions options, final IntFunction<Load> loads)
            throws IOException, InterruptedException {
        final List<DriverLoop> loops = new ArrayList<>();
        try (ExecutorService executor = Executors.newFixedThreadPool(
                options.threads(), Thread.ofPlatform().name("driver-", 0).factory())) {
            final int threads = options.threads();
            for (int thread = 0; thread < threads; thread++) {
                final int count = options.connections() / threads
                        + (thread < options.connections() % threads ? 1 : 0);
                loops.add(new DriverLoop(options, count, loads.apply(thread)));
            }
            final List<Future<Measured>> running = new ArrayList<>();
            for (final DriverLoop loop : loops) {
                running.add(executor.submit(loop));
            }
            final Measured all = running.getFirst().get();
            for (final Future<Measured> other : running.subList(1, threads)) {
                all.addAll(other.get());
            }
            return all;
        } catch (final ExecutionException e) {
            throw new IllegalStateException("driver failed: " + e.getCause(), e);
        } finally {
            for (final DriverLoop loop : loops) {
                loop.close();
            }
        }
    }
}
