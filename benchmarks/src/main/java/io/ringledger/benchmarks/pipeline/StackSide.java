package io.ringledger.benchmarks.pipeline;

import io.ringledger.benchmarks.driver.AccountIds;
import io.ringledger.benchmarks.driver.Acknowledged;
import io.ringledger.benchmarks.driver.DriverOptions;
import io.ringledger.benchmarks.driver.HttpDriver;
import io.ringledger.benchmarks.driver.Measured;
import io.ringledger.benchmarks.driver.SingleCommands;
import io.ringledger.benchmarks.write.ServerProcess;
import io.ringledger.model.Partitions;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/** The whole local stack in a process of its own. */
final class StackSide implements Side {
    static final long CREDIT_LIMIT = 1_000_000_000_000L;

    private static final long START_LIMIT_S = 120;
    private static final long POLL_MS = 20;
    private static final double NS = 1e9;

    private final ServerProcess process;
    private final StackClient client;
    private final String jdbcUrl;
    private final Acknowledged acknowledged;
    private final SplittableRandom random = new SplittableRandom(20_261_121);

    /** An account of each partition. */
    private final int[] markers = new int[StackProcess.PARTITIONS];

    private int marks;

    private StackSide(
            final ServerProcess process,
            final StackClient client,
            final String jdbcUrl,
            final int accounts) {
        this.process = process;
        this.client = client;
        this.jdbcUrl = jdbcUrl;
        acknowledged = new Acknowledged(accounts);
        for (int account = accounts - 1; account >= 0; account--) {
            markers[partitionOf(account)] = account;
        }
    }

    private static int partitionOf(final int account) {
        final byte[] id = AccountIds.of(account).getBytes(StandardCharsets.US_ASCII);
        return Partitions.partitionOf(id, id.length, StackProcess.PARTITIONS);
    }

    /** Starts it and opens accounts; blocks until the views show them. */
    static StackSide start(final int accounts, final Path folder) throws Exception {
        final int port = ServerProcess.freePort();
        final Path ready = Files.createDirectories(folder).resolve("stack-" + port);
        final ServerProcess process = ServerProcess.start(
                "stack",
                StackProcess.class,
                port,
                List.of(
                        Integer.toString(port),
                        ready.toString(),
                        System.getProperty(StackProcess.ROOT, ".")),
                Map.of(),
                folder);
        final StackClient client = new StackClient(process.address());
        try {
            process.awaitPort();
            final StackSide side = new StackSide(process, client, await(ready), accounts);
            client.openAccounts(accounts, CREDIT_LIMIT);
            side.awaitViews();
            ViewCheck.requireEqual(side.jdbcUrl, side.acknowledged);
            return side;
        } catch (final Exception e) {
            client.close();
            process.close();
            throw e;
        }
    }

    private static String await(final Path ready) throws IOException, InterruptedException {
        final long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_LIMIT_S);
        while (!Files.exists(ready)) {
            if (System.nanoTime() > deadlineNs) {
                throw new IOException("the stack does not answer within " + START_LIMIT_S + " s");
            }
            TimeUnit.MILLISECONDS.sleep(POLL_MS);
        }
        final String jdbcUrl = Files.readString(ready);
        Files.delete(ready);
        return jdbcUrl;
    }

    /** What a stack does that nobody uses would be taken from the other side. */
    @Override
    public void rest() {
        process.pause();
    }

    @Override
    public void wake() {
        process.resume();
    }

    @Override
    public InetSocketAddress address() {
        return process.address();
    }

    /** For requests of its own. */
    StackClient client() {
        return client;
    }

    @Override
    public Turn measure(final DriverOptions options, final int accounts) throws Exception {
        final Measured measured = HttpDriver.run(
                options,
                thread -> new SingleCommands(
                        accounts, options.connections(), random.split(), acknowledged));
        final long answeredNs = System.nanoTime();
        awaitViews();
        final double behindSeconds = (System.nanoTime() - answeredNs) / NS;
        ViewCheck.requireEqual(jdbcUrl, acknowledged);
        return new Turn(measured, behindSeconds);
    }

    /**
     * Writes to each partition, and reads until the views have it: whatever was answered before
     * stands before it in the log, and so in every view that shows it.
     */
    private void awaitViews() throws IOException, InterruptedException {
        final String[] positions = new String[markers.length];
        for (int partition = 0; partition < markers.length; partition++) {
            final String account = AccountIds.of(markers[partition]);
            positions[partition] = client.command(
                    "PUT",
                    "/v1/accounts/" + account + "/creditLimit",
                    "mark-" + marks++,
                    "{\"creditLimit\":" + CREDIT_LIMIT + "}");
        }
        for (int partition = 0; partition < markers.length; partition++) {
            client.balanceAfter(markers[partition], positions[partition]);
        }
    }

    @Override
    public void close() {
        client.close();
        process.close();
    }
}
