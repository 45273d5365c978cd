package io.ringledger.benchmarks.write;

import io.ringledger.benchmarks.driver.AccountIds;
import io.ringledger.benchmarks.driver.Acknowledged;
import io.ringledger.benchmarks.driver.BalanceCheck;
import io.ringledger.benchmarks.driver.Batches;
import io.ringledger.benchmarks.driver.DriverOptions;
import io.ringledger.benchmarks.driver.FreshClients;
import io.ringledger.benchmarks.driver.HttpDriver;
import io.ringledger.benchmarks.driver.Load;
import io.ringledger.benchmarks.driver.Measured;
import io.ringledger.benchmarks.driver.SingleCommands;
import io.ringledger.benchmarks.stub.LogStub;
import io.ringledger.benchmarks.stub.StubOptions;
import io.ringledger.emulators.DynamoDbLocal;
import io.ringledger.ledger.LedgerMain;
import io.ringledger.model.ModelContext;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * A ledger process as in production, with its leases in DynamoDB Local, on a {@link LogStub}; loaded
 * by the driver, and checked against the log. Used by one thread at a time.
 */
final class LedgerSide implements AutoCloseable {
    private static final String NAME = "ringledger";

    /**
     * Short enough for keys to expire within a run of seconds, as they do all day in a service that
     * runs for days; nothing here retries.
     */
    private static final long WINDOW_MS = 10_000;

    /** No more than the smallest ring takes. */
    private static final int OPENINGS_A_REQUEST = 1_000;

    private static final long CREDIT_LIMIT = 1_000_000_000_000L;
    private static final int MAX_KEYS = 50_000_000;
    private static final Duration REQUEST_LIMIT = Duration.ofSeconds(60);
    private static final long READY_LIMIT_MS = 120_000;
    private static final long POLL_MS = 20;

    private final LedgerShape shape;
    private final LogStub log;
    private final DynamoDbLocal dynamoDb;
    private final ServerProcess process;
    private final HttpClient client;
    private final BalanceCheck check;
    private final int[] checkedRecords;
    private final Acknowledged acknowledged;
    private final SplittableRandom random = new SplittableRandom(20_261_121);

    private LedgerSide(
            final LedgerShape shape,
            final LogStub log,
            final DynamoDbLocal dynamoDb,
            final ServerProcess process) {
        this.shape = shape;
        this.log = log;
        this.dynamoDb = dynamoDb;
        this.process = process;
        client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        checkedRecords = new int[log.shards()];
        acknowledged = new Acknowledged(shape.accounts());
        check = new BalanceCheck(
                shape.partitions(),
                new ModelContext(
                        WINDOW_MS,
                        shape.accounts(),
                        Integer.MAX_VALUE,
                        1_000_000,
                        Integer.MAX_VALUE,
                        random.nextLong(),
                        random.nextLong()));
    }

    /** Starts all of it and opens the accounts; blocks until every partition takes commands. */
    static LedgerSide start(final LedgerShape shape, final Path folder) throws Exception {
        final LogStub log = LogStub.start(new StubOptions(
                NAME, shape.partitions(), shape.delayMs(), shape.shardBytesPerSecond()));
        final DynamoDbLocal dynamoDb = DynamoDbLocal.start();
        final int port = ServerProcess.freePort();
        final LedgerSide side = new LedgerSide(
                shape,
                log,
                dynamoDb,
                ServerProcess.start(
                        "ledger",
                        LedgerMain.class,
                        port,
                        List.of(),
                        environment(shape, log.endpoint(), dynamoDb.endpoint(), port),
                        folder));
        try {
            side.process.awaitPort();
            side.awaitReady();
            side.openAccounts();
            return side;
        } catch (final Exception e) {
            side.close();
            throw e;
        }
    }

    private static Map<String, String> environment(
            final LedgerShape shape, final URI kinesis, final URI dynamoDb, final int port) {
        final Map<String, String> environment = new HashMap<>();
        environment.put("RINGLEDGER_HTTP_HOST", "127.0.0.1");
        environment.put("RINGLEDGER_HTTP_PORT", Integer.toString(port));
        environment.put("RINGLEDGER_STREAM", NAME);
        environment.put("RINGLEDGER_LEDGER_TABLE", NAME);
        environment.put("RINGLEDGER_CREATE_LEDGER_TABLE", "true");
        environment.put("RINGLEDGER_KINESIS_ENDPOINT", kinesis.toString());
        environment.put("RINGLEDGER_DYNAMODB_ENDPOINT", dynamoDb.toString());
        environment.put("RINGLEDGER_PARTITIONS", Integer.toString(shape.partitions()));
        environment.put("RINGLEDGER_IDEMPOTENCY_WINDOW_MS", Long.toString(WINDOW_MS));
        environment.put("RINGLEDGER_MAX_KEYS", Integer.toString(MAX_KEYS));
        environment.putAll(shape.settings());
        return environment;
    }

    private void awaitReady() throws IOException, InterruptedException {
        final long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(READY_LIMIT_MS);
        final HttpRequest request = HttpRequest.newBuilder(uri("/health/ready"))
                .timeout(REQUEST_LIMIT)
                .build();
        while (client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() != 200) {
            process.requireAlive();
            if (System.nanoTime() > deadlineNs) {
                throw new IOException("the ledger does not take commands");
            }
            TimeUnit.MILLISECONDS.sleep(POLL_MS);
        }
    }

    private void openAccounts() throws IOException, InterruptedException {
        for (int from = 0; from < shape.accounts(); from += OPENINGS_A_REQUEST) {
            final int to = Math.min(shape.accounts(), from + OPENINGS_A_REQUEST);
            final HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(uri("/v1/batches"))
                            .timeout(REQUEST_LIMIT)
                            .header("Content-Type", "application/json")
                            .header("Authorization", shape.authorization())
                            .POST(HttpRequest.BodyPublishers.ofString(openings(from, to)))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            final int opened = answer.body().split("\"status\":201", -1).length - 1;
            if (answer.statusCode() != 200 || opened != to - from) {
                throw new IOException("cannot open accounts: status=" + answer.statusCode()
                        + ", opened=" + opened + " of " + (to - from));
            }
        }
    }

    private static String openings(final int from, final int to) {
        final StringBuilder body = new StringBuilder("{\"commands\":[");
        for (int account = from; account < to; account++) {
            body.append(account == from ? "" : ",")
                    .append("{\"op\":\"openAccount\",\"accountId\":\"")
                    .append(AccountIds.of(account))
                    .append("\",\"idempotencyKey\":\"open\",\"currency\":\"EUR\",\"creditLimit\":")
                    .append(CREDIT_LIMIT)
                    .append('}');
        }
        return body.append("]}").toString();
    }

    private URI uri(final String path) {
        return URI.create("http://127.0.0.1:" + address().getPort() + path);
    }

    /** Where it listens. */
    InetSocketAddress address() {
        return process.address();
    }

    /** Its process. */
    ServerProcess process() {
        return process;
    }

    /** What of its heap is in use after a collection. */
    double heapBytes() throws IOException, InterruptedException {
        process.ask("GC.run");
        return meter("jvm_memory_used_bytes", "area=\"heap\"");
    }

    /** What its meters of this name say, together; those with this label, if it is not empty. */
    double meter(final String name, final String label) throws IOException, InterruptedException {
        final HttpResponse<String> answer = client.send(
                HttpRequest.newBuilder(uri("/metrics")).timeout(REQUEST_LIMIT).build(),
                HttpResponse.BodyHandlers.ofString());
        return answer.body()
                .lines()
                .filter(line -> (line.startsWith(name + "{") || line.startsWith(name + " "))
                        && line.contains(label))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /** PutRecords that the log has refused for the limits of its shards. */
    int throttled() {
        return log.throttled();
    }

    /**
     * One command a request, then {@link #check}.
     *
     * @param accounts of those that are open, from the first one on
     */
    Measured singles(final DriverOptions options, final int accounts) throws Exception {
        return singles(options, accounts, List.of(""));
    }

    /** The same with other header lines, connections in turns. */
    Measured singles(final DriverOptions options, final int accounts, final List<String> headers)
            throws Exception {
        return checked(
                options,
                () -> new SingleCommands(
                        accounts, options.connections(), random.split(), acknowledged, headers));
    }

    /** The same with so many commands a request; it counts requests. */
    Measured batches(final DriverOptions options, final int commands) throws Exception {
        return checked(
                options,
                () -> new Batches(
                        commands,
                        shape.accounts(),
                        options.connections(),
                        random.split(),
                        acknowledged));
    }

    /**
     * Honest clients, then {@link #check}: some that keep their connections, in an open loop, and
     * beside them some that open one for every command.
     */
    Honest honest(final DriverOptions options, final int freshClients, final int accounts)
            throws Exception {
        final List<Acknowledged> fresh = new ArrayList<>();
        for (int client = 0; client < freshClients; client++) {
            fresh.add(new Acknowledged(shape.accounts()));
        }
        final List<SplittableRandom> randoms =
                fresh.stream().map(client -> random.split()).toList();
        try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
            final Future<FreshClients.Result> newcomers = executor.submit(() -> FreshClients.run(
                    options.target(),
                    freshClients,
                    options.measureMs(),
                    client -> new SingleCommands(
                            accounts, 1, randoms.get(client), fresh.get(client))));
            final Measured staying = HttpDriver.run(
                    options,
                    thread -> new SingleCommands(
                            accounts, options.connections(), random.split(), acknowledged));
            final FreshClients.Result result = newcomers.get();
            fresh.forEach(acknowledged::addAll);
            check();
            return new Honest(staying, result.measured(), result.turnedAway());
        }
    }

    /**
     * What honest clients met; all were answered right.
     *
     * @param staying those that keep their connections
     * @param fresh those that open one for every command
     * @param turnedAway how often one of these was not let in and had to try again
     */
    record Honest(Measured staying, Measured fresh, long turnedAway) {}

    private Measured checked(final DriverOptions options, final Supplier<Load> load)
            throws Exception {
        return Tries.untilDone(options.measureMs(), () -> {
            final Measured measured = HttpDriver.run(options, thread -> load.get());
            check();
            return measured;
        });
    }

    /**
     * Folds what the log has got since the last time, and compares.
     *
     * @throws IllegalStateException if a balance is not what was acknowledged
     */
    void check() throws IOException {
        process.requireAlive();
        for (int shard = 0; shard < checkedRecords.length; shard++) {
            for (final byte[] record : log.records(shard, checkedRecords[shard])) {
                check.add(record);
                checkedRecords[shard]++;
            }
        }
        check.requireEqual(acknowledged);
    }

    @Override
    public void close() {
        process.close();
        client.close();
        dynamoDb.close();
        log.close();
        check.close();
    }
}
