package io.ringledger.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringledger.loadtests.Replay;
import io.ringledger.loadtests.ReplaySummary;
import io.ringledger.localstack.LocalStack;
import io.ringledger.localstack.ServiceProcess;
import io.ringledger.localstack.StackOptions;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

import java.net.http.HttpResponse;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * The bank's year through three processes, undisturbed and while parts fail: what was answered
 * stays true, and the views end exact.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class FaultsTest {
    private static final long STALL_MS = 20_000;
    private static final long RECOVERY_MS = 60_000;
    private static final long DISTURB_AFTER = 4_000;

    private static LocalStack stack;
    private static Api api;

    @BeforeAll
    static void start() throws Exception {
        stack = Stacks.start(StackOptions.inThreeProcesses(2));
        api = new Api(stack.url());
    }

    @AfterAll
    static void stop() {
        api.close();
        stack.close();
    }

    @Test
    @Order(1)
    void shouldBookTheBankExactlyInThreeProcesses() throws Exception {
        try (Replay replay = Stacks.bankReplay(stack.url(), "three-", Stacks.BANK_LIMIT)) {
            requireExact("three processes", replay.run());
        }
    }

    @Test
    @Order(2)
    void shouldWriteOnAndCatchUpWhenTheConsumerIsKilled() throws Exception {
        disturb("consumer-", replay -> {
            final ServiceProcess consumer = process("kinesis-consumer");
            final long pid = consumer.pid();
            consumer.kill();
            final String position = write("consumer-killed");
            requireProblem("/v1/accounts/consumer-killed?after=" + position, "view_behind");
            requireProgress(replay);
            Stacks.await("consumer is back", RECOVERY_MS, () -> consumer.pid() != pid);
            awaitRead("/v1/accounts/consumer-killed?after=" + position);
        });
    }

    @Test
    @Order(3)
    void shouldWriteOnAndCatchUpWhenPostgresStops() throws Exception {
        disturb("postgres-", replay -> {
            stack.postgres().stopServer();
            final String position = write("postgres-stopped");
            requireProblem("/v1/accounts/postgres-stopped", "view_unavailable");
            requireProgress(replay);
            stack.postgres().startServer();
            awaitRead("/v1/accounts/postgres-stopped?after=" + position);
        });
    }

    @Test
    @Order(4)
    void shouldAnswerNothingWhileKinesisIsSilentAndLoseNothing() throws Exception {
        disturb("kinesis-", replay -> {
            stack.kinesis().pause();
            // What the log had taken before the pause is still answered.
            TimeUnit.MILLISECONDS.sleep(1_000);
            final long before = replay.progress().done();
            TimeUnit.MILLISECONDS.sleep(STALL_MS);
            assertThat(replay.progress().done()).isEqualTo(before);
            stack.kinesis().resume();
            requireProgress(replay);
        });
    }

    /** Replays the bank, does something to the stack in the middle, and checks everything. */
    private static void disturb(final String prefix, final Disturbance disturbance)
            throws Exception {
        try (Replay replay = Stacks.bankReplay(stack.url(), prefix, Stacks.BANK_LIMIT);
                var executor = Executors.newSingleThreadExecutor()) {
            final Future<ReplaySummary> running = executor.submit(replay::run);
            try {
                Stacks.await(
                        "replay is under way",
                        RECOVERY_MS,
                        () -> running.isDone() || replay.progress().done() >= DISTURB_AFTER);
                assertThat(replay.progress().isChecking()).isFalse();
                disturbance.run(replay);
                // Otherwise nothing was disturbed.
                requireExact(prefix, running.get());
            } finally {
                if (!running.isDone()) {
                    replay.stop();
                }
            }
        }
    }

    private static void requireExact(final String what, final ReplaySummary summary) {
        Stacks.print(what, summary);
        assertThat(summary.isComplete()).isTrue();
        assertThat(summary.isCorrect()).isTrue();
        assertThat(summary.accepted()).isEqualTo(Stacks.BANK_TRANSACTIONS);
        assertThat(summary.balanceSumMinor()).isEqualTo(Stacks.BANK_SUM);
        assertThat(summary.maxBankDifferenceMinor()).isLessThanOrEqualTo(80);
    }

    private static void requireProgress(final Replay replay) throws InterruptedException {
        final long before = replay.progress().done();
        Stacks.await(
                "writes go on",
                RECOVERY_MS,
                () -> replay.progress().done() > before || replay.progress().isChecking());
    }

    private static String write(final String accountId) throws Exception {
        final HttpResponse<String> opened = api.post(
                "/v1/accounts",
                "open-" + accountId,
                "{\"accountId\":\"" + accountId + "\",\"currency\":\"EUR\"}");
        assertThat(opened.statusCode()).as(opened.body()).isEqualTo(201);
        return Api.positionIn(opened);
    }

    private static void requireProblem(final String target, final String code) throws Exception {
        final HttpResponse<String> response = api.get(target);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(503);
        assertThat(response.body()).contains("\"code\":\"" + code + "\"");
        assertThat(response.headers().firstValue("Retry-After")).isPresent();
    }

    private static void awaitRead(final String target) throws InterruptedException {
        Stacks.await("reads recover", RECOVERY_MS, () -> {
            try {
                return api.get(target).statusCode() == 200;
            } catch (final java.io.IOException e) {
                return false;
            } catch (final InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private static ServiceProcess process(final String name) {
        return stack.processes().stream()
                .filter(process -> process.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** What is done to the stack in the middle of a replay. */
    @FunctionalInterface
    private interface Disturbance {
        void run(Replay replay) throws Exception;
    }
}
