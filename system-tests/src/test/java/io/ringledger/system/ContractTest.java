package io.ringledger.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringledger.loadtests.contract.OpenApiContract;
import io.ringledger.localstack.LocalStack;
import io.ringledger.localstack.StackOptions;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Every answer of the running service is what docs/openapi.yaml says, and bad input changes no
 * balance. The cases of bad input, one by one and over raw sockets, are in ledger and read-model.
 */
final class ContractTest {
    private static LocalStack stack;
    private static Api api;
    private static OpenApiContract contract;

    @BeforeAll
    static void start() throws Exception {
        contract = OpenApiContract.load(Stacks.root().resolve("docs/openapi.yaml"));
        stack = Stacks.start(StackOptions.inOneProcess(3));
        api = new Api(stack.url());
    }

    @AfterAll
    static void stop() {
        api.close();
        stack.close();
    }

    @Test
    void shouldAnswerEveryCallAsDescribed() throws Exception {
        call("POST", "/v1/accounts", "o1", "{\"accountId\":\"c1\",\"currency\":\"EUR\"}", 201);
        call("POST", "/v1/accounts", "o1", "{\"accountId\":\"c1\",\"currency\":\"EUR\"}", 201);
        call("POST", "/v1/accounts", "o2", "{\"accountId\":\"c1\",\"currency\":\"USD\"}", 409);
        call("POST", "/v1/accounts/c1/credit", "k1", "{\"amount\":500}", 201);
        call("POST", "/v1/accounts/c1/credit", "k1", "{\"amount\":501}", 422);
        call("POST", "/v1/accounts/c1/withdraw", "k2", "{\"amount\":501}", 422);
        call("POST", "/v1/accounts/c1/withdraw", "k3", "{\"amount\":100}", 201);
        call("POST", "/v1/accounts/none/withdraw", "k4", "{\"amount\":100}", 404);
        call("PUT", "/v1/accounts/c1/creditLimit", "k5", "{\"creditLimit\":1000}", 200);
        call("POST", "/v1/accounts/c1/withdraw", "k6", "{\"amount\":900}", 201);
        final String last = Api.positionIn(
                call("PUT", "/v1/accounts/c1/creditLimit", "k7", "{\"creditLimit\":100}", 422));
        call(
                "POST",
                "/v1/batches",
                null,
                "{\"commands\":[{\"op\":\"credit\",\"accountId\":\"c1\",\"idempotencyKey\":\"b1\","
                        + "\"amount\":1},{\"op\":\"withdraw\",\"accountId\":\"c1\","
                        + "\"idempotencyKey\":\"b2\",\"amount\":999999}]}",
                200);
        call("GET", "/v1/accounts/c1?after=" + last, null, null, 200);
        call("GET", "/v1/accounts/c1/balance?after=" + last, null, null, 200);
        call("GET", "/v1/accounts/c1/creditLimit", null, null, 200);
        call("GET", "/v1/accounts/c1/entries?limit=2", null, null, 200);
        call("GET", "/v1/accounts/none", null, null, 404);
        call("GET", "/v1/accounts/c1/balance?after=0-999999999", null, null, 503);
        call("GET", "/health/live", null, null, 200);
        call("GET", "/health/ready", null, null, 200);
        call("GET", "/metrics", null, null, 200);
    }

    @Test
    void shouldChangeNoBalanceByBadInput() throws Exception {
        call("POST", "/v1/accounts", "o1", "{\"accountId\":\"bad\",\"currency\":\"EUR\"}", 201);
        final String position = Api.positionIn(
                call("POST", "/v1/accounts/bad/credit", "seed", "{\"amount\":700}", 201));
        final List<String> bodies = new ArrayList<>(List.of(
                "{\"amount\":1",
                "{\"amount\":1,\"amount\":2}",
                "{\"amount\":1,\"fee\":2}",
                "{\"amount\":1.5}",
                "{\"amount\":1.0}",
                "{\"amount\":0}",
                "{\"amount\":-1}",
                "{\"amount\":9007199254740992}",
                "{\"amount\":1" + "0".repeat(400) + "}",
                "{\"amount\":1e3}",
                "{\"amount\":\"1\"}",
                "{\"amount\":null}",
                "{}",
                "[]",
                "",
                "{\"amount\":1}x",
                "/* */{\"amount\":1}",
                "[".repeat(1000) + "]".repeat(1000)));
        for (final String body : bodies) {
            call("POST", "/v1/accounts/bad/credit", "bad-1", body, 400);
        }
        call("POST", "/v1/accounts/bad/credit", null, "{\"amount\":1}", 400);
        call("POST", "/v1/accounts/bad/credit", "k".repeat(65), "{\"amount\":1}", 400);
        call("POST", "/v1/accounts/bad/credit", "k/1", "{\"amount\":1}", 400);
        call(
                "POST",
                "/v1/accounts/bad/credit",
                "big",
                "{\"amount\":1,\"reference\":\"" + "x".repeat(20_000) + "\"}",
                413);
        final HttpResponse<String> balance =
                call("GET", "/v1/accounts/bad/balance?after=" + position, null, null, 200);
        assertThat(balance.body()).contains("\"balance\":700,");
    }

    /** The meters of the follower are shown where one runs. */
    @Test
    void shouldShowWhatDashboardAndAlertsAskFor() throws Exception {
        final String position = Api.positionIn(call(
                "POST",
                "/v1/accounts",
                "m1",
                "{\"accountId\":\"meters\",\"currency\":\"EUR\"}",
                201));
        call("GET", "/v1/accounts/meters?after=" + position, null, null, 200);
        final String metrics = call("GET", "/metrics", null, null, 200).body();

        final Set<String> missing = new TreeSet<>();
        for (final String meter : Alerts.allMeters()) {
            if (meter.startsWith("ringledger_")
                    && !meter.startsWith("ringledger_follower_")
                    && !Pattern.compile("(?m)^" + meter + "[ {]")
                            .matcher(metrics)
                            .find()) {
                missing.add(meter);
            }
        }
        assertThat(missing).isEmpty();
        assertThat(metrics).doesNotContainPattern("(?m)^# HELP ringledger_\\w+ *$");
        assertThat(metrics.lines()
                        .filter(line -> line.startsWith("# TYPE ringledger_"))
                        .count())
                .as("each has a help")
                .isEqualTo(metrics.lines()
                        .filter(line -> line.startsWith("# HELP ringledger_"))
                        .count());

        final String partition = position.substring(0, position.indexOf('-'));
        final double sequence = Double.parseDouble(position.substring(partition.length() + 1));
        assertThat(meter(metrics, "ringledger_partition_appended_position", partition))
                .isEqualTo(sequence);
        assertThat(meter(metrics, "ringledger_projector_position", partition)).isEqualTo(sequence);
        assertThat(meter(metrics, "ringledger_lease_left_seconds", partition)).isPositive();
    }

    private static double meter(final String metrics, final String name, final String partition) {
        final Matcher line = Pattern.compile(
                        "(?m)^" + name + "\\{partition=\"" + partition + "\"\\} (\\S+)$")
                .matcher(metrics);
        assertThat(line.find()).as("%s of partition %s", name, partition).isTrue();
        return Double.parseDouble(line.group(1));
    }

    private static HttpResponse<String> call(
            final String method,
            final String target,
            final @org.jspecify.annotations.Nullable String key,
            final @org.jspecify.annotations.Nullable String body,
            final int expectedStatus)
            throws Exception {
        final HttpRequest.Builder request = api.request(target)
                .method(
                        method,
                        body == null
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(body));
        if (body != null) {
            request.header("Content-Type", "application/json");
        }
        if (key != null) {
            request.header("Idempotency-Key", key);
        }
        final HttpResponse<String> response = api.send(request.build());
        assertThat(response.statusCode())
                .as(method + " " + target + ": " + response.body())
                .isEqualTo(expectedStatus);
        assertThat(contract.violations(
                        method,
                        target,
                        response.statusCode(),
                        response.headers().map(),
                        response.body().getBytes(StandardCharsets.UTF_8)))
                .as(method + " " + target + ": " + response.body())
                .isEmpty();
        return response;
    }
}
