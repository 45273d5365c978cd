package io.ringledger.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringledger.kit.Scope;
import io.ringledger.kit.trace.TraceParent;
import io.ringledger.localstack.LocalIssuer;
import io.ringledger.localstack.LocalStack;
import io.ringledger.localstack.ServiceCommand;
import io.ringledger.localstack.StackOptions;
import io.ringledger.model.Partitions;
import io.vertx.core.json.JsonObject;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * The logs of a whole stack, as JSON: three processes as they are on AWS, and beside them a second
 * ledger and a second read-model that ask for tokens. Nearly every request has a line, for a
 * millisecond counts as slow.
 */
@Timeout(300)
final class LogsTest {
    private static final long LIMIT_MS = 60_000;
    private static final int PARTITIONS = 2;

    /** The database trusts whoever comes from this machine, so any password will do. */
    private static final String PASSWORD = "database-password-" + UUID.randomUUID();

    private static final String SECRET_KEY = "idempotency-key-" + UUID.randomUUID();
    private static final String SECRET_REFERENCE = "reference-" + UUID.randomUUID();
    private static final String SECRET_ACCOUNT = "account-" + UUID.randomUUID();
    private static final String BAD_TOKEN = "made-up-token-" + UUID.randomUUID();
    private static final String JSON = "application/json";

    /** The collector of traces is not there: what its lines say does not depend on it. */
    private static final Map<String, String> SETTINGS = Map.of(
            "RINGLEDGER_LOG_FORMAT", "json",
            "RINGLEDGER_LOG_SLOW_REQUEST_MS", "1",
            "RINGLEDGER_LOG_REQUEST_LINES_PER_SECOND", "10000",
            "RINGLEDGER_TRACE_ENDPOINT", "http://127.0.0.1:9",
            "RINGLEDGER_TRACE_FOLLOW_CALLER", "true",
            "RINGLEDGER_TRACE_MAX_PER_SECOND", "1000");

    @TempDir
    private static Path folder;

    private static final Map<String, ServiceLog> LOGS = new HashMap<>();
    private static final List<Process> GUARDED = new ArrayList<>();
    private static LocalStack stack;
    private static Api api;
    private static Api guardedLedger;
    private static Api guardedReadModel;
    private static String token = "";

    @BeforeAll
    static void start() throws Exception {
        for (final String service : List.of("ledger", "kinesis-consumer", "read-model")) {
            LOGS.put(service, new ServiceLog(LocalStack.logs().resolve(service + ".log")));
        }
        final Map<String, String> withPassword = new HashMap<>(SETTINGS);
        withPassword.put("RINGLEDGER_POSTGRES_PASSWORD", PASSWORD);
        stack = Stacks.start(
                new StackOptions(0, PARTITIONS, true, false, SETTINGS, withPassword, withPassword));
        api = new Api(stack.url());
        final LocalIssuer issuer = LocalIssuer.in(folder.resolve("keys"));
        token = issuer.token(
                "client",
                SECRET_ACCOUNT,
                Set.of(Scope.READ, Scope.WRITE, Scope.OPERATE),
                Instant.now().plus(1, ChronoUnit.HOURS));
        guardedLedger = guarded("ledger", "io.ringledger.ledger.LedgerMain", issuer);
        guardedReadModel = guarded("read-model", "io.ringledger.readmodel.ReadModelMain", issuer);
    }

    @AfterAll
    static void stop() {
        GUARDED.forEach(Process::destroy);
        guardedLedger.close();
        guardedReadModel.close();
        api.close();
        stack.close();
    }

    /** One more process of a service, with tokens on; returns once it is ready. */
    private static Api guarded(
            final String module, final String mainClass, final LocalIssuer issuer)
            throws Exception {
        final int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        final Map<String, String> environment = new HashMap<>(stack.environment());
        environment.keySet().removeIf(name -> !name.startsWith("RINGLEDGER_"));
        if (module.equals("ledger")) {
            environment.keySet().removeIf(name -> name.startsWith("RINGLEDGER_POSTGRES"));
            environment.put("RINGLEDGER_LEDGER_TABLE", environment.get("RINGLEDGER_STREAM"));
        } else {
            environment.keySet().removeIf(name -> !name.startsWith("RINGLEDGER_POSTGRES"));
            environment.put("RINGLEDGER_POSTGRES_PASSWORD", PASSWORD);
        }
        environment.put("RINGLEDGER_HTTP_PORT", Integer.toString(port));
        environment.putAll(SETTINGS);
        environment.putAll(issuer.settings());
        final String name = "guarded " + module;
        final Path file = folder.resolve(name + ".log");
        LOGS.put(name, new ServiceLog(file));
        GUARDED.add(
                ServiceCommand.of(module, mainClass, List.of("-Xmx512m")).start(environment, file));
        final Api guarded = new Api(URI.create("http://127.0.0.1:" + port));
        Stacks.await(name + " is ready", LIMIT_MS, () -> answers200(guarded, "/health/ready"));
        return guarded;
    }

    private static boolean answers200(final Api service, final String target) {
        try {
            return service.get(target).statusCode() == 200;
        } catch (final IOException e) {
            return false;
        } catch (final InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void shouldFindOneCorrelationIdInTheLogOfEveryService() throws Exception {
        Stacks.await("each has a partition", LIMIT_MS, () -> serves(0) != serves(1));
        final TraceParent trace = TraceParent.fresh(true);
        final String id = trace.traceId();
        final String route = "/v1/accounts/{id}/withdraw";
        final String account = accountIn(serves(0) ? 1 : 0, ":end-to-end-");
        final HttpResponse<String> opened =
                api.send(traced(post(api, "/v1/accounts", "open", opening(account, 5_000)), trace));
        assertAnswer(opened, 201, id);
        final HttpResponse<String> withdrawn = api.send(traced(
                post(api, "/v1/accounts/" + account + "/withdraw", "w", "{\"amount\":4000}"),
                trace));
        assertAnswer(withdrawn, 201, id);
        final String position = Api.positionIn(withdrawn);
        final String balance = "/v1/accounts/" + account + "/balance?after=" + position;
        Stacks.await("the views show it", LIMIT_MS, () -> answers200(api, balance));
        assertAnswer(api.send(traced(api.request(balance), trace)), 200, id);
        for (final String service : List.of("ledger", "kinesis-consumer", "read-model")) {
            Stacks.await(
                    "a line of " + service,
                    LIMIT_MS,
                    () -> !log(service).linesOf(id).isEmpty());
            assertThat(log(service).linesOf(id))
                    .allMatch(line -> service.equals(line.getString("service")));
        }
        Stacks.await("the withdraw", LIMIT_MS, () -> lineOf(id, route).isPresent());
        final JsonObject line = lineOf(id, route).orElseThrow();
        assertThat(line.getInteger("status")).isEqualTo(201);
        assertThat(line.getString("code")).isEqualTo("accepted");
        assertThat(line.getInteger("milliseconds")).isNotNegative();
        assertThat(line.getInteger("partition") + "-" + line.getLong("sequence"))
                .isEqualTo(position);
        assertThat(log("kinesis-consumer").linesOf(id))
                .as("the event in the views")
                .anyMatch(projected -> position.equals(
                        projected.getInteger("partition") + "-" + projected.getLong("sequence")));
    }

    private static Optional<JsonObject> lineOf(final String id, final String route) {
        return log("ledger").linesOf(id).stream()
                .filter(line -> route.equals(line.getString("route")))
                .findFirst();
    }

    /** Two ledger processes share the partitions: one of these accounts is the other's. */
    @Test
    void shouldFindTheIdOfAForwardedCommandInBothLogs() throws Exception {
        Stacks.await("each has a partition", LIMIT_MS, () -> serves(0) != serves(1));
        final List<String> ids = new ArrayList<>();
        for (int partition = 0; partition < PARTITIONS; partition++) {
            final HttpResponse<String> answer = guardedLedger.send(authorized(post(
                            guardedLedger,
                            "/v1/accounts",
                            SECRET_KEY,
                            opening(accountIn(partition, ":"), 0)))
                    .build());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
            ids.add(answer.headers().firstValue("correlation-id").orElseThrow());
        }
        final Set<String> inBoth = new HashSet<>();
        Stacks.await("an id in both logs", LIMIT_MS, () -> {
            for (final String id : ids) {
                if (!log("ledger").linesOf(id).isEmpty()
                        && log("guarded ledger").linesOf(id).stream()
                                .anyMatch(line -> "forwarded".equals(line.getString("code")))) {
                    inBoth.add(id);
                }
            }
            return !inBoth.isEmpty();
        });
    }

    /** Whatever a client sends, and whatever goes wrong with it. */
    @Test
    void shouldWriteNothingThatIsSecretOrACustomers() throws Exception {
        final String account = "/v1/accounts/" + SECRET_ACCOUNT;
        final String amount = "{\"amount\":7,\"reference\":\"" + SECRET_REFERENCE + "\"}";
        final List<Integer> statuses = new ArrayList<>();
        for (final Api ledger : List.of(api, guardedLedger)) {
            statuses.add(command(ledger, "/v1/accounts", opening(SECRET_ACCOUNT, 0)));
            statuses.add(command(ledger, account + "/credit", amount));
            statuses.add(command(ledger, account + "/withdraw", amount));
            statuses.add(command(ledger, account + "/withdraw", "{\"amount\":8}"));
            statuses.add(command(ledger, account + "/credit", amount.replace("7", "\"x\"")));
            statuses.add(command(ledger, account + "/credit", amount.replace("}", "")));
            statuses.add(command(ledger, account + "/" + SECRET_REFERENCE, amount));
            statuses.add(command(ledger, account + "/credit?" + SECRET_REFERENCE, amount));
            statuses.add(command(ledger, "/v1/accounts/other:" + SECRET_KEY + "/credit", amount));
            statuses.add(command(
                    ledger,
                    "/v1/batches",
                    "{\"commands\":[{\"op\":\"credit\",\"accountId\":\"" + SECRET_ACCOUNT
                            + "\",\"idempotencyKey\":\"" + SECRET_KEY + "\",\"amount\":1}]}"));
        }
        for (final Api readModel : List.of(api, guardedReadModel)) {
            for (final String query : List.of(
                    "", "/balance", "/entries", "/balance?after=0-999999", "?x=" + SECRET_KEY)) {
                statuses.add(readModel
                        .send(authorized(readModel.request(account + query)).build())
                        .statusCode());
            }
            statuses.add(readModel
                    .send(readModel
                            .request(account)
                            .header("Authorization", "Bearer " + BAD_TOKEN)
                            .header("Cookie", SECRET_KEY)
                            .build())
                    .statusCode());
        }
        stack.postgres().stopServer();
        try {
            statuses.add(api.get(account).statusCode());
            statuses.add(guardedReadModel
                    .send(authorized(guardedReadModel.request(account)).build())
                    .statusCode());
        } finally {
            stack.postgres().startServer();
        }
        assertThat(statuses).contains(200, 201, 400, 401, 404, 422, 503);
        Stacks.await(
                "lines of errors",
                LIMIT_MS,
                () -> log("guarded read-model").text().contains("view_unavailable"));
        LOGS.forEach((name, log) -> assertThat(log.text())
                .as(name)
                .contains(name.endsWith("consumer") ? "KCL started" : "\"code\":\"")
                .doesNotContain(token)
                .doesNotContain(token.substring(token.lastIndexOf('.') + 1))
                .doesNotContain(BAD_TOKEN)
                .doesNotContain(PASSWORD)
                .doesNotContain(SECRET_ACCOUNT)
                .doesNotContain(SECRET_KEY)
                .doesNotContain(SECRET_REFERENCE)
                .doesNotContain("ringledger:first-write"));
    }

    @Test
    void shouldWriteJsonAndNothingElse() {
        LOGS.forEach((name, log) -> {
            assertThat(log.lines()).as(name).isNotEmpty();
            for (final String line : log.lines()) {
                assertThat(ServiceLog.parsed(line).fieldNames())
                        .as(line)
                        .contains("time", "level", "logger", "thread", "service", "message");
                assertThat(ServiceLog.parsed(line).getString("service"))
                        .isEqualTo(name.replace("guarded ", ""));
            }
        });
    }

    private static int command(final Api ledger, final String target, final String body)
            throws Exception {
        return ledger.send(authorized(post(ledger, target, SECRET_KEY, body)).build())
                .statusCode();
    }

    private static ServiceLog log(final String service) {
        return Objects.requireNonNull(LOGS.get(service), service);
    }

    private static HttpRequest.Builder post(
            final Api to, final String target, final String key, final String body) {
        return to.request(target)
                .header("Content-Type", JSON)
                .header("Idempotency-Key", key)
                .POST(HttpRequest.BodyPublishers.ofString(body));
    }

    private static HttpRequest traced(final HttpRequest.Builder request, final TraceParent trace) {
        return request.header("traceparent", trace.header()).build();
    }

    private static HttpRequest.Builder authorized(final HttpRequest.Builder request) {
        return request.header("Authorization", "Bearer " + token);
    }

    private static String opening(final String account, final int limit) {
        return "{\"accountId\":\"" + account + "\",\"currency\":\"EUR\",\"creditLimit\":" + limit
                + "}";
    }

    /** An id under the client's prefix. */
    private static String accountIn(final int partition, final String infix) {
        for (int i = 0; ; i++) {
            final String account = SECRET_ACCOUNT + infix + i;
            final byte[] id = account.getBytes(StandardCharsets.US_ASCII);
            if (Partitions.partitionOf(id, id.length, PARTITIONS) == partition) {
                return account;
            }
        }
    }

    /** True if the guarded ledger is the one that has the partition. */
    private static boolean serves(final int partition) {
        try {
            final String metrics = guardedLedger
                    .send(authorized(guardedLedger.request("/metrics")).build())
                    .body();
            return metrics.lines()
                    .filter(line -> line.startsWith("ringledger_partition_served{"))
                    .filter(line -> line.contains("partition=\"" + partition + "\""))
                    .anyMatch(line -> line.endsWith(" 1.0"));
        } catch (final IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void assertAnswer(
            final HttpResponse<String> answer, final int status, final String correlationId) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers().allValues("correlation-id")).containsExactly(correlationId);
    }
}
