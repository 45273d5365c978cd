package io.ringledger.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringledger.emulators.LocalAws;
import io.ringledger.ledger.LedgerProcess;
import io.ringledger.localstack.StackOptions;
import io.ringledger.localstack.faults.Fault;
import io.ringledger.localstack.faults.FaultRule;
import io.ringledger.localstack.faults.FaultScript;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/**
 * Every alert fires in a real Prometheus when its reason is caused, in services that run as processes
 * of their own under a steady load, and ends with its reason where that can end. Only the times of the
 * rules are shorter here ({@link QuickRules}). One test is one or several reasons at once; each goes
 * on where the one before has stopped.
 */
@EnabledIf(
        value = "io.ringledger.system.PrometheusProcess#isThere",
        disabledReason = PrometheusProcess.NEEDED)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(240)
final class AlertsFireTest {
    private static final long SOON_MS = 90_000;
    private static final int PARTITIONS = 3;

    /** Of a ledger process: enough for the load, and for whoever keeps connections open. */
    private static final int CONNECTIONS = 300;

    private static final int ACCOUNTS = 20;
    private static final int RING = 1_024;
    private static final Duration SLOW_CLOCK = Duration.ofHours(2);

    private static final List<String> BUSY =
            List.of(Traffic.account(0, PARTITIONS, 0), Traffic.account(1, PARTITIONS, 0));

    @TempDir
    private static Path folder;

    private static Fleet fleet;
    private static PrometheusProcess prometheus;
    private static Traffic traffic;
    private static @Nullable LedgerProcess inProcess;
    private static long startS;

    @BeforeAll
    static void start() throws Exception {
        fleet = Fleet.start(
                folder,
                new StackOptions(
                        0,
                        PARTITIONS,
                        true,
                        true,
                        Map.ofEntries(
                                Map.entry("RINGLEDGER_LEASE_MS", "6000"),
                                Map.entry("RINGLEDGER_ANSWER_TIMEOUT_MS", "3000"),
                                Map.entry("RINGLEDGER_RING_SIZE", Integer.toString(RING)),
                                Map.entry("RINGLEDGER_FRAMES", "2"),
                                Map.entry("RINGLEDGER_FRAME_REPLIES", Integer.toString(RING)),
                                Map.entry("RINGLEDGER_MAX_COMMANDS_IN_FLIGHT", "10000"),
                                Map.entry(
                                        "RINGLEDGER_HTTP_MAX_CONNECTIONS",
                                        Integer.toString(CONNECTIONS)),
                                Map.entry("RINGLEDGER_HTTP_REQUEST_TIMEOUT_MS", "5000"),
                                Map.entry("RINGLEDGER_EXPECTED_ACCOUNTS", "0"),
                                Map.entry("RINGLEDGER_MAX_ACCOUNTS", Integer.toString(ACCOUNTS)),
                                Map.entry("RINGLEDGER_EXPECTED_KEYS", "1000")),
                        Map.of(
                                "RINGLEDGER_PROJECTOR_FAILOVER_MS", "1000",
                                "RINGLEDGER_SNAPSHOT_INTERVAL_MS", "500",
                                "RINGLEDGER_SNAPSHOT_RETRY_MS", "500")),
                Map.of(
                        "RINGLEDGER_QUERY_POOL_SIZE", "1",
                        "RINGLEDGER_QUERY_PIPELINING", "1",
                        "RINGLEDGER_QUERY_POOL_QUEUE_SIZE", "10"));
        startS = System.currentTimeMillis() / 1_000;
        prometheus = PrometheusProcess.start(
                Files.createDirectory(folder.resolve("prometheus")),
                fleet.targets(),
                QuickRules.text());
        traffic = new Traffic(
                List.of(fleet.first().url(), fleet.second().url()),
                fleet.queries().url(),
                BUSY);
    }

    @AfterAll
    static void stop() {
        if (traffic != null) {
            traffic.close();
        }
        if (inProcess != null) {
            inProcess.close();
        }
        if (prometheus != null) {
            prometheus.close();
        }
        if (fleet != null) {
            fleet.close();
        }
    }

    @Test
    @Order(1)
    void shouldChangeNothingOfTheRulesButTheirTimes() throws Exception {
        assertThat(QuickRules.text()).isNotEqualTo(QuickRules.original());
        assertThat(QuickRules.timeless(QuickRules.text()))
                .isEqualTo(QuickRules.timeless(QuickRules.original()));
    }

    @Test
    @Order(1)
    void shouldPassOnMadeUpSeries() throws Exception {
        assertThat(PrometheusProcess.passesPromtool(
                        Stacks.root().resolve(Alerts.FOLDER).resolve("rules-test.yaml")))
                .isTrue();
    }

    @Test
    @Order(2)
    void shouldSayNothingWhileAllIsWell() throws Exception {
        awaitValue("sum(ringledger_partition_served)", PARTITIONS);
        awaitValue("sum(ringledger_projector_shards)", PARTITIONS);
        awaitValue("sum(ringledger_follower_shards)", PARTITIONS);
        for (final String account : BUSY) {
            traffic.open(fleet.first().url(), account);
        }
        traffic.start(25);
        // Before it had looked for the first time nobody seemed to be there.
        Stacks.await("nothing fires", SOON_MS, () -> prometheus.firing().isEmpty());
        awaitValue("min(ringledger_projector_position > 0) > bool 0", 1);
    }

    @Test
    @Order(3)
    void shouldFireWhileTheDatabaseIsAwayTheLogSlowAndTheSnapshotsHaveNoPlace() throws Exception {
        fleet.ground().postgres().stopServer();
        final Path away = folder.resolve("away");
        Files.move(fleet.snapshots(), away);
        for (int i = 1; i < ACCOUNTS - 1; i++) {
            traffic.open(fleet.first().url(), Traffic.account(0, PARTITIONS, i));
        }
        for (int i = 0; i < 14; i++) {
            CompletableFuture.allOf(
                            traffic.batch(fleet.first().url(), BUSY.get(0), 1_000),
                            traffic.batch(fleet.second().url(), BUSY.get(1), 1_000))
                    .join();
        }
        kinesis().add(FaultRule.delay(Fault.DELAY_RESPONSE, "PutRecord", 1_500));
        final List<Socket> idle = new ArrayList<>();
        try {
            for (int i = 0; i < CONNECTIONS * 9 / 10; i++) {
                idle.add(new Socket(
                        InetAddress.getLoopbackAddress(), fleet.first().port()));
            }
            // One of them begins a request and does not end it.
            idle.getFirst().getOutputStream().write("POST /v1".getBytes(StandardCharsets.US_ASCII));
            awaitFiring(
                    "projector-waits",
                    "read-model-5xx",
                    "log-readers-behind",
                    "projector-lag-events",
                    "snapshot-failures",
                    "snapshot-age",
                    "memory-nearly-full",
                    "ledger-slow",
                    "log-slow",
                    "edge-nearly-full");
        } finally {
            for (final Socket socket : idle) {
                socket.close();
            }
        }
        kinesis().clear();
        Files.move(away, fleet.snapshots());
        fleet.ground().postgres().startServer();
        // What is committed now was written long ago.
        awaitFiring("projector-lag");
        awaitQuiet("projector-waits", "projector-lag-events", "log-readers-behind");
    }

    @Test
    @Order(4)
    void shouldFireWhileTheDatabaseIsLockedAndTheLogCannotBeRead() throws Exception {
        fleet.reads().script().add(FaultRule.always(Fault.SERVER_ERROR, "GetRecords"));
        try (Connection connection =
                        DriverManager.getConnection(fleet.ground().postgres().jdbcUrl());
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("LOCK TABLE ledger_view.accounts IN ACCESS EXCLUSIVE MODE");
            Stacks.await("queries wait", SOON_MS, () -> {
                CompletableFuture.allOf(IntStream.range(0, 20)
                                .mapToObj(i -> traffic.read(BUSY.get(0)))
                                .toArray(CompletableFuture[]::new))
                        .join();
                return prometheus
                        .firing()
                        .containsAll(Set.of("read-model-slow", "view-pool-nearly-full"));
            });
            connection.rollback();
        }
        // There are few events, and the database is well: but the views do not move.
        awaitFiring("projector-lag-events");
        fleet.reads().script().clear();
    }

    @Test
    @Order(5)
    void shouldFireWhileTheLogThrottles() throws Exception {
        kinesis().add(FaultRule.always(Fault.THROTTLE, "PutRecord"));
        final CompletableFuture<?> tooMuch =
                traffic.batch(fleet.first().url(), BUSY.get(0), 3 * RING);
        awaitFiring(
                "append-retries",
                "answers-outcome-unknown",
                "ring-nearly-full",
                "answers-overloaded");
        kinesis().clear();
        tooMuch.join();
        // All that was caused up to here has ended, and so have its alerts. Accounts never leave,
        // and the
        // slowest of the last minute stays a minute, which is not shorter here.
        awaitQuietBut(Set.of("memory-nearly-full", "projector-lag"));
    }

    @Test
    @Order(6)
    void shouldFireWhenALedgerFreezesOneDiesAndOneHasADefect() throws Exception {
        fleet.first().freeze();
        awaitFiring("partition-vacant");
        awaitServing(Fleet.SECOND);
        fleet.first().thaw();
        awaitFiring("lease-lost");

        fleet.second().kill();
        awaitFiring("answers-no-owner");
        fleet.second()
                .start(Map.of(
                        "RINGLEDGER_FAILPOINT",
                        "decode:before:60:fail:1",
                        "RINGLEDGER_ALLOW_FAILPOINTS",
                        "yes"));
        awaitFiring("answers-internal-error");
    }

    @Test
    @Order(7)
    void shouldFireWhenClocksAreWrongAndPartitionsMove() throws Exception {
        fleet.first().close();
        fleet.second().close();
        final LedgerProcess slow = fleet.inProcess(
                fleet.sparePort(), () -> System.currentTimeMillis() - SLOW_CLOCK.toMillis());
        inProcess = slow;
        awaitFiring("clock-drift", "clock-behind");
        // The first events of this partition, two hours ago.
        traffic.open(
                URI.create("http://127.0.0.1:" + slow.port()), Traffic.account(2, PARTITIONS, 0));
        int port = fleet.otherSparePort();
        takeOver(port);
        awaitFiring("clock-ahead");
        final long deadlineNs = System.nanoTime() + Duration.ofMillis(SOON_MS).toNanos();
        while (!prometheus.firing().contains("leases-move")) {
            assertThat(System.nanoTime()).as("leases-move fires in time").isLessThan(deadlineNs);
            port = port == fleet.sparePort() ? fleet.otherSparePort() : fleet.sparePort();
            takeOver(port);
        }
    }

    /** A new ledger process, and the end of the one before. */
    private static void takeOver(final int port) throws Exception {
        final LedgerProcess before = inProcess;
        inProcess = fleet.inProcess(port, System::currentTimeMillis);
        if (before != null) {
            before.close();
        }
        awaitServing(port == fleet.sparePort() ? Fleet.SPARE : Fleet.OTHER_SPARE);
    }

    /** Waits until it serves all. */
    private static void awaitServing(final String instance) throws InterruptedException {
        awaitValue("sum(ringledger_partition_served{instance=\"" + instance + "\"})", PARTITIONS);
    }

    @Test
    @Order(8)
    void shouldFireWhenViewsAndSnapshotsHalt() throws Exception {
        try (KinesisAsyncClient client =
                LocalAws.kinesis(fleet.ground().kinesis().endpoint())) {
            client.putRecord(record -> record.streamName("ringledger")
                            .partitionKey("anybody")
                            .data(SdkBytes.fromUtf8String("{\"order\":1}")))
                    .join();
        }
        awaitFiring("projector-halted", "follower-halted");
    }

    @Test
    @Order(9)
    void shouldFireWhenNobodyIsThere() throws Exception {
        fleet.consumer().kill();
        fleet.queries().kill();
        if (inProcess != null) {
            inProcess.close();
        }
        awaitFiring(
                "ledger-silent",
                "partition-vacant",
                "projector-dead",
                "follower-dead",
                "read-model-no-target");
    }

    @Test
    @Order(10)
    void shouldHaveFiredEveryAlert() throws Exception {
        assertThat(prometheus.haveFired()).isEqualTo(Alerts.rules().keySet());
    }

    /** Whoever is woken has something to look at: no panel of the dashboard was empty all the time. */
    @Test
    @Order(11)
    void shouldHaveShownSomethingInEveryPanel() throws Exception {
        assertThat(Panels.empty(prometheus, startS, System.currentTimeMillis() / 1_000))
                .isEmpty();
    }

    private static FaultScript kinesis() {
        return fleet.ground().faults().orElseThrow().kinesis().script();
    }

    /** Waits until each has fired, and says when. */
    private static void awaitFiring(final String... names) throws InterruptedException {
        final long startNs = System.nanoTime();
        final Set<String> missing = new TreeSet<>(Set.of(names));
        // Not all at once: one may end before another begins.
        await("have to fire: " + missing, () -> {
            for (final String fires : prometheus.firing()) {
                if (missing.remove(fires)) {
                    System.out.printf(
                            "%s after %.1f s%n", fires, (System.nanoTime() - startNs) / 1e9);
                }
            }
            return missing.isEmpty();
        });
    }

    private static void awaitQuiet(final String... names) throws InterruptedException {
        await(
                "must not fire: " + Set.of(names),
                () -> prometheus.firing().stream().noneMatch(Set.of(names)::contains));
    }

    /** Waits until nothing else fires. */
    private static void awaitQuietBut(final Set<String> others) throws InterruptedException {
        await("nothing may fire but " + others, () -> others.containsAll(prometheus.firing()));
    }

    private static void await(final String what, final BooleanSupplier condition)
            throws InterruptedException {
        try {
            Stacks.await(what, SOON_MS, condition);
        } catch (final AssertionError e) {
            throw new AssertionError(e.getMessage() + "; firing: " + prometheus.firing(), e);
        }
    }

    private static void awaitValue(final String query, final double value)
            throws InterruptedException {
        Stacks.await(query + " = " + value, SOON_MS, () -> {
            try {
                return prometheus.value(query) == value;
            } catch (final IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }
}
