package io.ringledger.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringledger.emulators.LocalAws;
import io.ringledger.localstack.LocalStack;
import io.ringledger.localstack.StackOptions;
import io.ringledger.localstack.faults.Fault;
import io.ringledger.localstack.faults.FaultRule;
import io.ringledger.localstack.faults.FaultScript;

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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Alerts fire in a real Prometheus when their reason is caused in a running stack, and end with it.
 * Only the times of the rules are shorter here. Where there is no Prometheus it does not run; {@code
 * promtool test rules} has every rule, on made-up series.
 */
@EnabledIf("io.ringledger.system.PrometheusProcess#isThere")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(240)
final class AlertsFireTest {
    private static final long SOON_MS = 60_000;

    /** More than the ten a minute that are no alarm. */
    private static final int MANY = 40;

    private static final AtomicInteger KEYS = new AtomicInteger();

    @TempDir
    private static Path folder;

    private static LocalStack stack;
    private static Api api;
    private static PrometheusProcess prometheus;

    @BeforeAll
    static void start() throws Exception {
        stack = Stacks.start(new StackOptions(
                0, 2, false, true, Map.of("RINGLEDGER_ANSWER_TIMEOUT_MS", "500"), Map.of()));
        api = new Api(stack.url());
        prometheus = PrometheusProcess.start(folder, stack.url(), quickRules());
        api.post("/v1/accounts", "open", "{\"accountId\":\"a\",\"currency\":\"EUR\"}");
    }

    @AfterAll
    static void stop() {
        if (prometheus != null) {
            prometheus.close();
        }
        if (api != null) {
            api.close();
        }
        if (stack != null) {
            stack.close();
        }
    }

    /** The rules as they are, but for minutes seconds. */
    private static String quickRules() throws IOException {
        return Files.readString(Stacks.root().resolve(Alerts.FOLDER).resolve("rules.yaml"))
                .replaceAll("for: \\d+m", "for: 2s")
                .replaceAll("\\[\\d+m]", "[10s]")
                .replaceAll("\\[15m:30s]", "[30s:1s]")
                .replaceAll("offset 15m", "offset 30s")
                .replaceAll("offset 30m", "offset 60s");
    }

    @Test
    @Order(1)
    void shouldSayThatNobodyFollowsAndNothingOfWhatIsWell() throws Exception {
        credit();
        awaitFiring("follower-dead");
        // Before it has looked for the first time nobody seems to be there.
        awaitQuiet("ledger-silent", "partition-vacant", "projector-dead", "read-model-no-target");
        assertThat(prometheus.firing())
                .doesNotContain(
                        "answers-outcome-unknown",
                        "append-retries",
                        "clock-drift",
                        "ledger-silent",
                        "partition-vacant",
                        "projector-dead",
                        "projector-halted",
                        "projector-waits",
                        "read-model-5xx",
                        "read-model-no-target");
    }

    @Test
    @Order(2)
    void shouldFireWhileTheLogThrottles() throws Exception {
        final FaultScript kinesis = stack.faultProxies().orElseThrow().kinesis().script();
        kinesis.add(FaultRule.always(Fault.THROTTLE, "PutRecord"));
        for (int i = 0; i < MANY; i++) {
            credit();
        }
        awaitFiring("append-retries", "answers-outcome-unknown");
        kinesis.clear();
        awaitQuiet("append-retries", "answers-outcome-unknown");
    }

    @Test
    @Order(3)
    void shouldFireWhileTheDatabaseIsAway() throws Exception {
        stack.postgres().stopServer();
        credit();
        Stacks.await("projector-waits and read-model-5xx fire", SOON_MS, () -> {
            read();
            return prometheus.firing().containsAll(Set.of("projector-waits", "read-model-5xx"));
        });
        stack.postgres().startServer();
        awaitQuiet("projector-waits", "read-model-5xx");
    }

    @Test
    @Order(4)
    void shouldFireWhenAViewHalts() throws Exception {
        try (KinesisAsyncClient client = LocalAws.kinesis(stack.kinesis().endpoint())) {
            client.putRecord(record -> record.streamName("ringledger")
                            .partitionKey("anybody")
                            .data(SdkBytes.fromUtf8String("{\"order\":1}")))
                    .join();
        }
        awaitFiring("projector-halted");
    }

    @Test
    @Order(5)
    void shouldFireWhenNobodyIsThere() throws Exception {
        stack.close();
        awaitFiring("ledger-silent", "partition-vacant", "projector-dead", "read-model-no-target");
    }

    private static void credit() throws Exception {
        api.post("/v1/accounts/a/credit", "k" + KEYS.incrementAndGet(), "{\"amount\":1}");
    }

    private static void read() {
        try {
            api.get("/v1/accounts/a");
        } catch (final IOException e) {
            throw new IllegalStateException(e);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static void awaitFiring(final String... names) throws InterruptedException {
        Stacks.await(
                "firing: " + Set.of(names),
                SOON_MS,
                () -> prometheus.firing().containsAll(Set.of(names)));
    }

    private static void awaitQuiet(final String... names) throws InterruptedException {
        Stacks.await(
                "quiet: " + Set.of(names),
                SOON_MS,
                () -> prometheus.firing().stream().noneMatch(Set.of(names)::contains));
    }
}
