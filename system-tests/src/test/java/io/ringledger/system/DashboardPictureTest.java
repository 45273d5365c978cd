package io.ringledger.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringledger.localstack.StackOptions;
import io.ringledger.localstack.faults.Fault;
import io.ringledger.localstack.faults.FaultRule;
import io.ringledger.localstack.faults.FaultScript;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * Makes the picture of the dashboard in the docs: the services under load, a ledger process that is
 * killed, a database that is stopped, a slow log, a Prometheus that looks on, and {@code
 * infra/observability/render}, which draws what it saw. {@code ./ringledger picture} runs it; {@link
 * AlertsFireTest} holds in every build that no panel is empty.
 */
@EnabledIfEnvironmentVariable(
        named = "RINGLEDGER_PICTURE",
        matches = ".+",
        disabledReason = "makes a picture for the docs, by ./ringledger picture")
final class DashboardPictureTest {
    private static final int PARTITIONS = 2;
    private static final int ACCOUNTS = 40;
    private static final long SOON_MS = 90_000;

    private final List<String> marks = new ArrayList<>();

    @TempDir
    private Path folder;

    @Test
    void shouldDrawEveryPanel() throws Exception {
        final List<String> accounts = IntStream.range(0, ACCOUNTS)
                .mapToObj(i -> Traffic.account(i % PARTITIONS, PARTITIONS, i / PARTITIONS))
                .toList();
        try (Fleet fleet = Fleet.start(
                        folder,
                        new StackOptions(
                                0,
                                PARTITIONS,
                                true,
                                true,
                                Map.of("RINGLEDGER_HTTP_REQUEST_TIMEOUT_MS", "5000"),
                                Map.of(
                                        "RINGLEDGER_PROJECTOR_FAILOVER_MS", "1000",
                                        "RINGLEDGER_SNAPSHOT_INTERVAL_MS", "30000")),
                        Map.of());
                PrometheusProcess prometheus = PrometheusProcess.start(
                        Files.createDirectory(folder.resolve("prometheus")),
                        fleet.targets().stream()
                                .filter(target -> !target.instance().equals(Fleet.SPARE)
                                        && !target.instance().equals(Fleet.OTHER_SPARE))
                                .toList(),
                        QuickRules.original());
                Traffic traffic = new Traffic(
                        List.of(fleet.first().url(), fleet.second().url()),
                        fleet.queries().url(),
                        accounts)) {
            Stacks.await("all is there", SOON_MS, () -> isThere(prometheus));
            for (final String account : accounts) {
                traffic.open(fleet.first().url(), account);
            }
            traffic.start(3);
            pass(10);
            final long startS = System.currentTimeMillis() / 1_000;
            happen(fleet, traffic, accounts);
            final long endS = System.currentTimeMillis() / 1_000;
            System.out.println("firing at the end: " + prometheus.firing());
            draw(prometheus, startS, endS);
            assertThat(Panels.empty(prometheus, startS, endS)).isEmpty();
        }
    }

    private static boolean isThere(final PrometheusProcess prometheus) {
        try {
            return prometheus.value("sum(ringledger_partition_served)") == PARTITIONS
                    && prometheus.value("sum(ringledger_projector_shards)") == PARTITIONS
                    && prometheus.value("sum(ringledger_follower_shards)") == PARTITIONS;
        } catch (final java.io.IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What the picture shows, one after the other. */
    private void happen(final Fleet fleet, final Traffic traffic, final List<String> accounts)
            throws Exception {
        try (Socket slow =
                new Socket(InetAddress.getLoopbackAddress(), fleet.second().port())) {
            slow.getOutputStream().write("POST /v1".getBytes(StandardCharsets.US_ASCII));
            pass(15);
        }
        mark("batches of 1,000");
        for (int i = 0; i < 6; i++) {
            traffic.batch(fleet.second().url(), accounts.get(i % accounts.size()), 1_000)
                    .join();
            pass(1);
        }
        pass(10);
        mark("ledger-1 killed");
        fleet.first().kill();
        pass(18);
        mark("ledger-1 started");
        fleet.first().start();
        pass(18);
        mark("database stopped");
        fleet.ground().postgres().stopServer();
        pass(15);
        mark("database started");
        fleet.ground().postgres().startServer();
        pass(18);
        mark("log slow and throttled");
        final FaultScript log = fleet.ground().faults().orElseThrow().kinesis().script();
        // It takes these, and says nothing: they come twice.
        log.add(FaultRule.always(Fault.DROP_RESPONSE, "PutRecord").next(3));
        log.add(FaultRule.always(Fault.THROTTLE, "PutRecord").everyNth(4).forMillis(20_000));
        log.add(FaultRule.delay(Fault.DELAY_RESPONSE, "PutRecord", 300).forMillis(20_000));
        pass(15);
        mark("log as before");
        pass(18);
    }

    private void mark(final String what) {
        marks.add(System.currentTimeMillis() / 1_000 + "=" + what);
    }

    /** The picture is of this time, whatever the processes make of it. */
    private static void pass(final long seconds) throws InterruptedException {
        TimeUnit.SECONDS.sleep(seconds);
    }

    private void draw(final PrometheusProcess prometheus, final long startS, final long endS)
            throws Exception {
        final List<String> command = new ArrayList<>(List.of(
                "node",
                Stacks.root().resolve("infra/observability/render/render.mjs").toString(),
                "--prometheus",
                prometheus.url().toString(),
                "--start",
                Long.toString(startS),
                "--end",
                Long.toString(endS),
                "--title",
                "a local stack of two ledger processes, a consumer and a read model",
                "--out",
                System.getenv("RINGLEDGER_PICTURE")));
        for (final String mark : marks) {
            command.add("--mark");
            command.add(mark);
        }
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    }
}
