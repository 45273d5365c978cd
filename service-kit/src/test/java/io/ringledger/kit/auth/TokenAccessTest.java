package io.ringledger.kit.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringledger.kit.Access;
import io.ringledger.kit.Grant;
import io.ringledger.kit.Health;
import io.ringledger.kit.HttpBody;
import io.ringledger.kit.HttpEdge;
import io.ringledger.kit.HttpEdgeOptions;
import io.ringledger.kit.Lifecycle;
import io.ringledger.kit.Metrics;
import io.ringledger.kit.RawClient;
import io.ringledger.kit.Settings;
import io.ringledger.kit.SystemRoutes;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Tokens in front of a service that says who it was asked by. */
// Requests are written as they go over the wire, with CRLF.
@SuppressWarnings("StringConcatToTextBlock")
@Timeout(60)
final class TokenAccessTest {
    private static final int MAX_BODY = 2_048;

    @TempDir
    private Path folder;

    private final Vertx vertx = Vertx.vertx();
    private final List<Throwable> thrown = new CopyOnWriteArrayList<>();
    private final Metrics metrics = new Metrics();
    private final AtomicLong clockAheadMs = new AtomicLong();
    private final AtomicInteger handled = new AtomicInteger();
    private Map<String, String> environment = new TreeMap<>();
    private @Nullable HttpEdge edge;

    @BeforeEach
    void prepare() {
        vertx.exceptionHandler(thrown::add);
        environment = Tokens.settings(folder);
    }

    @AfterEach
    void stop() throws Exception {
        Lifecycle.await(Objects.requireNonNull(edge).stop(100), 10_000);
        Lifecycle.await(vertx.close(), 10_000);
        metrics.close();
        assertThat(thrown).isEmpty();
    }

    private int port() {
        return Objects.requireNonNull(edge).port();
    }

    private void start() throws Exception {
        final TokenAccess access = new TokenAccess(
                vertx,
                AuthOptions.from(Settings.read(environment, AuthOptions.SETTINGS)),
                metrics.registry(),
                () -> System.currentTimeMillis() + clockAheadMs.get());
        final Health health = new Health();
        health.addReadiness("keys", access::reasonNotReady);
        final HttpEdgeOptions options = new HttpEdgeOptions(
                "127.0.0.1", 0, 2, 128, 100, 0, 64, 30_000, 10_000, 256, 8_192, 8_192, MAX_BODY);
        edge = Lifecycle.await(
                HttpEdge.start(
                        vertx,
                        options,
                        metrics.registry(),
                        new SystemRoutes(metrics, health, access, this::handle)),
                10_000);
    }

    private void handle(final HttpServerRequest request, final Grant grant) {
        handled.incrementAndGet();
        HttpBody.collect(
                request,
                MAX_BODY,
                null,
                body -> request.response()
                        .end(grant.clientId() + " " + grant.covers("a:1") + " " + body));
    }

    private static String request(
            final String method, final String path, final String headers, final String body) {
        return method + " " + path + " HTTP/1.1\r\nHost: h\r\n" + headers + "Content-Length: "
                + body.length() + "\r\n\r\n" + body;
    }

    private static RawClient.Answer send(final RawClient client, final String request)
            throws IOException {
        client.send(request);
        return client.answer();
    }

    /** Asks on a connection of its own. */
    private RawClient.Answer post(final String token) throws IOException {
        try (RawClient client = new RawClient(port())) {
            return send(client, request("POST", "/v1/x", Tokens.bearer(token), "body"));
        }
    }

    private RawClient.Answer get(final String path, final String headers) throws IOException {
        try (RawClient client = new RawClient(port())) {
            return send(client, request("GET", path, headers, ""));
        }
    }

    private static void assertProblem(
            final RawClient.Answer answer, final int status, final String code) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers()).containsEntry("content-type", "application/problem+json");
        assertThat(answer.body()).contains("\"code\":\"" + code + "\"");
    }

    private double meter(final String name) {
        for (final String line : metrics.scrape().lines().toList()) {
            if (line.startsWith(name + " ")) {
                return Double.parseDouble(line.substring(name.length() + 1));
            }
        }
        throw new AssertionError("no meter " + name);
    }

    private static void await(final BooleanSupplier condition) {
        final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(1_000_000);
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }

    private boolean isReady() {
        try {
            return get("/health/ready", "").status() == 200;
        } catch (final IOException e) {
            throw new AssertionError(e);
        }
    }

    private boolean isAccepted(final String token) {
        try {
            return post(token).status() == 200;
        } catch (final IOException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @EnumSource(Tokens.Bad.class)
    void shouldAnswerABadTokenWith401OnEveryRoute(final Tokens.Bad bad) throws Exception {
        start();
        try (RawClient client = new RawClient(port())) {
            for (final String route : List.of(
                    "POST /v1/x",
                    "PUT /v1/x",
                    "GET /v1/x",
                    "OPTIONS /v1/x",
                    "GET /nowhere",
                    "DELETE /nowhere",
                    "GET /metrics")) {
                final String[] parts = route.split(" ", -1);
                final RawClient.Answer answer =
                        send(client, request(parts[0], parts[1], bad.headers(), "body"));
                assertProblem(answer, 401, "unauthenticated");
                assertThat(answer.headers().get("www-authenticate"))
                        .startsWith("Bearer realm=\"ringledger\"");
            }
            assertThat(handled).hasValue(0);
            assertThat(send(
                                    client,
                                    request(
                                            "POST",
                                            "/v1/x",
                                            Tokens.bearer(Tokens.good("a:")),
                                            "body"))
                            .body())
                    .isEqualTo("client-1 true body");
        }
    }

    @ParameterizedTest
    @EnumSource(Tokens.Bad.class)
    void shouldSayWhichPartIsNotReadyToOperatorsOnly(final Tokens.Bad bad) throws Exception {
        start();
        await(() -> meter("ringledger_auth_keys") > 0);
        final RawClient.Answer answer = get("/health/ready", bad.headers());
        if (bad == Tokens.Bad.NO_TOKEN) {
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo("{\"status\":\"ready\"}");
        } else {
            assertProblem(answer, 401, "unauthenticated");
        }
        assertThat(get("/health/ready", Tokens.bearer(Tokens.good("*"))).body())
                .contains("\"parts\":[{\"name\":\"keys\",\"ready\":true}]");
        assertThat(get("/health/live", bad.headers()).status()).isEqualTo(200);
        assertThat(get("/problems/unauthenticated", bad.headers()).status()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({
        "POST, /v1/x, write",
        "PUT, /v1/x, write",
        "DELETE, /nowhere, write",
        "GET, /v1/x, read",
        "OPTIONS, /v1/x, read",
        "GET, /metrics, operate",
        "GET, /health/ready, operate",
    })
    void shouldAskForTheScopeOfTheRoute(final String method, final String path, final String scope)
            throws Exception {
        start();
        try (RawClient client = new RawClient(port())) {
            for (final String has : List.of("read", "write", "operate", "reads", "")) {
                final String headers = Tokens.bearer(Tokens.good("*", has));
                final RawClient.Answer answer = send(client, request(method, path, headers, ""));
                if (has.equals(scope)) {
                    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
                } else {
                    assertProblem(answer, 403, "missing_scope");
                    assertThat(answer.headers().get("www-authenticate"))
                            .contains("error=\"insufficient_scope\"")
                            .contains("scope=\"ringledger:" + scope + "\"");
                }
            }
        }
    }

    @Test
    void shouldLetACollectorOnTheSameMachineReadMetricsOnly() throws Exception {
        environment.put("RINGLEDGER_AUTH_LOOPBACK_OPERATES", "true");
        start();
        assertThat(get("/metrics", "").status()).isEqualTo(200);
        assertProblem(get("/metrics", Tokens.Bad.EXPIRED.headers()), 401, "unauthenticated");
        assertProblem(get("/v1/x", ""), 401, "unauthenticated");
        assertThat(get("/health/ready", "").body()).doesNotContain("parts");
        assertThat(handled).hasValue(0);
    }

    @Test
    void shouldTakeBothKindsOfKeysAndEitherWayOfWritingScopes() throws Exception {
        start();
        assertThat(post(Tokens.goodOfCurve("a:")).body()).isEqualTo("client-1 true body");
        assertThat(post(Tokens.good("b:")).body()).isEqualTo("client-1 false body");
        assertThat(post(Tokens.good("*")).body()).isEqualTo("client-1 true body");
        assertThat(post(Tokens.good("")).body()).isEqualTo("client-1 false body");
        assertThat(post(Tokens.good("a:*")).body()).isEqualTo("client-1 false body");
        assertThat(post(Tokens.goodWithoutAccounts()).body()).isEqualTo("client-1 false body");
        assertThat(post(Tokens.goodWith(Map.of(
                                "client_id", "c", "scope", List.of("ringledger:write", "x"))))
                        .body())
                .isEqualTo("c true body");
        assertProblem(post(Tokens.goodWith(Map.of("scope", 7))), 403, "missing_scope");
        assertProblem(post(Tokens.goodWith(Map.of("client_id", 7))), 401, "unauthenticated");
    }

    @Test
    void shouldRefuseBeforeTheBodyIsSent() throws Exception {
        start();
        try (RawClient client = new RawClient(port())) {
            client.send("POST /v1/x HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
                    + Tokens.Bad.EXPIRED.headers() + "Content-Length: 1000\r\n\r\n");
            assertProblem(client.answer(), 401, "unauthenticated");
        }
        try (RawClient client = new RawClient(port())) {
            client.send("POST /v1/x HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n");
            assertProblem(client.answer(), 401, "unauthenticated");
        }
        assertThat(handled).hasValue(0);
    }

    @Test
    void shouldCheckATokenOnceAndForgetItWhenItExpires() throws Exception {
        start();
        final String token = Tokens.good("a:");
        for (int i = 0; i < 20; i++) {
            assertThat(post(token).status()).isEqualTo(200);
        }
        // The first one may have come before the keys.
        assertThat(meter("ringledger_auth_checks_total")).isBetween(1.0, 2.0);
        assertThat(meter("ringledger_auth_tokens")).isEqualTo(1);
        clockAheadMs.set(3_600_000 + 15_000);
        assertThat(post(token).status()).as("within the clock's skew").isEqualTo(200);
        clockAheadMs.set(3_600_000 + 45_000);
        assertProblem(post(token), 401, "unauthenticated");
    }

    @Test
    void shouldFollowTheKeysWithoutARestart() throws Exception {
        environment.put("RINGLEDGER_AUTH_JWKS_MIN_REFRESH_MS", "10");
        start();
        final String before = Tokens.good("a:");
        final String after = Tokens.goodOfNextKey("a:");
        final String always = Tokens.goodOfCurve("a:");
        assertThat(List.of(isAccepted(before), isAccepted(after), isAccepted(always)))
                .containsExactly(true, false, true);
        Files.writeString(folder.resolve("keys.json"), Tokens.keySetAfterRotation());
        await(() -> isAccepted(after));
        assertThat(List.of(isAccepted(before), isAccepted(after), isAccepted(always)))
                .containsExactly(false, true, true);
    }

    @Test
    void shouldKeepTheKeysThatItHasWhileTheyCannotBeRead() throws Exception {
        environment.put("RINGLEDGER_AUTH_JWKS_REFRESH_MS", "100");
        start();
        await(() -> isAccepted(Tokens.good("a:")));
        for (final String broken : List.of("", "{}", "{\"keys\":[]}", "[", "x".repeat(200_000))) {
            final double failures = meter("ringledger_auth_keys_failures_total");
            Files.writeString(folder.resolve("keys.json"), broken);
            await(() -> meter("ringledger_auth_keys_failures_total") > failures);
            assertThat(isAccepted(Tokens.good("a:"))).isTrue();
        }
    }

    @Test
    void shouldBecomeReadyByItselfOnceThereAreKeys() throws Exception {
        Files.delete(folder.resolve("keys.json"));
        start();
        await(() -> meter("ringledger_auth_keys_failures_total") > 0);
        assertThat(get("/health/ready", "").status()).isEqualTo(503);
        Files.writeString(folder.resolve("keys.json"), Tokens.keySet());
        // The answer of before is given for a second more.
        await(() -> isReady());
    }

    @Test
    void shouldReadTheKeysFromAnAddressAndNotForEveryUnknownKey() throws Exception {
        final AtomicInteger reads = new AtomicInteger();
        environment.put("RINGLEDGER_AUTH_JWKS", keysAt(request -> {
            reads.incrementAndGet();
            request.response().end(Tokens.keySet());
        }));
        environment.put("RINGLEDGER_AUTH_JWKS_MIN_REFRESH_MS", "3600000");
        start();
        assertThat(isAccepted(Tokens.good("a:"))).isTrue();
        for (int i = 0; i < 20; i++) {
            assertProblem(post(Tokens.goodOfNextKey("a:" + i)), 401, "unauthenticated");
        }
        assertThat(reads).hasValue(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nothing", "status", "endless", "redirect"})
    void shouldSayThatTokensCannotBeCheckedWithoutKeys(final String what) throws Exception {
        environment.put("RINGLEDGER_AUTH_JWKS_TIMEOUT_MS", "300");
        environment.put("RINGLEDGER_AUTH_JWKS_MIN_REFRESH_MS", "10");
        environment.put("RINGLEDGER_AUTH_JWKS", keysAt(request -> {
            switch (what) {
                case "status" -> request.response().setStatusCode(500).end(Tokens.keySet());
                case "endless" -> request.response().end("x".repeat(300_000));
                case "redirect" ->
                    request.response()
                            .setStatusCode(302)
                            .putHeader("location", "/other")
                            .end(Tokens.keySet());
                default -> request.response().setChunked(true).write("{\"keys\":[");
            }
        }));
        start();
        assertProblem(post(Tokens.good("a:")), 503, "auth_unavailable");
        final RawClient.Answer ready = get("/health/ready", "");
        assertThat(ready.status()).isEqualTo(503);
        assertThat(ready.body()).isEqualTo("{\"status\":\"not_ready\"}");
        assertThat(meter("ringledger_auth_keys_failures_total")).isPositive();
    }

    @Test
    void shouldHoldEachClientToItsRate() throws Exception {
        environment.put("RINGLEDGER_RATE_PER_CLIENT", "1");
        environment.put("RINGLEDGER_RATE_BURST", "3");
        start();
        // Two tokens of one client. It gains one more with every second that this takes.
        final List<String> tokens = List.of(Tokens.good("a:"), Tokens.good("b:"));
        int accepted = 0;
        RawClient.Answer answer = post(tokens.getFirst());
        while (answer.status() == 200 && accepted < 1_000) {
            accepted++;
            answer = post(tokens.get(accepted % 2));
        }
        assertProblem(answer, 429, "rate_limited");
        assertThat(answer.headers()).containsEntry("retry-after", "1");
        assertThat(accepted).isGreaterThanOrEqualTo(3);
        assertThat(handled).hasValue(accepted);
        final String other = Tokens.goodWith(Map.of("client_id", "client-2"));
        assertThat(post(other).status()).isEqualTo(200);
        assertThat(meter("ringledger_rate_clients")).isEqualTo(2);
    }

    @Test
    void shouldLetBusyNewcomersShareOneRateBeyondTheNumberOfClients() throws Exception {
        environment.put("RINGLEDGER_RATE_PER_CLIENT", "1");
        environment.put("RINGLEDGER_RATE_BURST", "1000");
        environment.put("RINGLEDGER_RATE_MAX_CLIENTS", "5");
        start();
        for (int i = 0; i < 20; i++) {
            final String token = Tokens.goodWith(Map.of("client_id", "client-" + i));
            assertThat(post(token).status()).isEqualTo(200);
        }
        assertThat(meter("ringledger_rate_clients")).isLessThanOrEqualTo(5);
    }

    @Test
    void shouldCheckOnlySoManyNewTokensAtOnce() throws Exception {
        final Promise<Void> release = Promise.promise();
        environment.put("RINGLEDGER_AUTH_JWKS_TIMEOUT_MS", "5000");
        environment.put("RINGLEDGER_AUTH_MAX_TOKENS_IN_CHECK", "2");
        environment.put(
                "RINGLEDGER_AUTH_JWKS",
                keysAt(request -> release.future()
                        .onComplete(released -> request.response().end(Tokens.keySet()))));
        start();
        final String first = Tokens.good("a:");
        try (RawClient waiting = new RawClient(port());
                RawClient withTheSame = new RawClient(port())) {
            final RawClient gone = new RawClient(port());
            waiting.send(request("POST", "/v1/x", Tokens.bearer(first), "body"));
            gone.send(request("POST", "/v1/x", Tokens.bearer(Tokens.good("b:")), "body"));
            await(() -> meter("ringledger_auth_tokens_in_check") == 2);
            gone.close();
            withTheSame.send(request("POST", "/v1/x", Tokens.bearer(first), "body"));
            final RawClient.Answer refused = post(Tokens.good("c:"));
            assertProblem(refused, 503, "auth_unavailable");
            assertThat(refused.headers()).containsEntry("retry-after", "1");
            release.complete();
            assertThat(waiting.answer().body()).isEqualTo("client-1 true body");
            assertThat(withTheSame.answer().body()).isEqualTo("client-1 true body");
            assertThat(send(waiting, request("POST", "/v1/x", Tokens.bearer(first), "again"))
                            .body())
                    .isEqualTo("client-1 true again");
        }
        await(() -> meter("ringledger_auth_tokens_in_check") == 0);
    }

    @Test
    void shouldKeepRoomForTokensOfKnownKeysWhileMadeUpOnesWaitForNewKeys() throws Exception {
        final Promise<Void> release = Promise.promise();
        final AtomicInteger reads = new AtomicInteger();
        environment.put("RINGLEDGER_AUTH_JWKS_TIMEOUT_MS", "5000");
        environment.put("RINGLEDGER_AUTH_JWKS_REFRESH_MS", "100");
        environment.put("RINGLEDGER_AUTH_MAX_TOKENS_IN_CHECK", "8");
        environment.put("RINGLEDGER_AUTH_JWKS", keysAt(request -> {
            if (reads.incrementAndGet() == 1) {
                request.response().end(Tokens.keySet());
            } else {
                release.future().onComplete(released -> request.response().end(Tokens.keySet()));
            }
        }));
        final List<String> unknown = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            unknown.add(Tokens.goodOfNextKey("a:" + i));
        }
        final String known = Tokens.good("a:");
        start();
        // Does not end until it is let: whoever names an unknown key waits for it.
        await(() -> reads.get() == 2);
        final List<RawClient> clients = new ArrayList<>();
        try {
            for (final String token : unknown) {
                final RawClient client = new RawClient(port());
                clients.add(client);
                client.send(request("POST", "/v1/x", Tokens.bearer(token), "body"));
            }
            await(() -> meter("ringledger_auth_checks_total") >= 8);
            assertThat(post(known).body()).isEqualTo("client-1 true body");
            release.complete();
            int waited = 0;
            for (final RawClient client : clients) {
                final RawClient.Answer answer = client.answer();
                if (answer.status() == 401) {
                    waited++;
                } else {
                    assertProblem(answer, 503, "auth_unavailable");
                }
            }
            assertThat(waited).isPositive();
        } finally {
            for (final RawClient client : clients) {
                client.close();
            }
        }
        // They leave their places to others.
        assertProblem(post(unknown.getFirst()), 401, "unauthenticated");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            RINGLEDGER_AUTH          | off                  | RINGLEDGER_AUTH=off
            RINGLEDGER_AUTH_ISSUER   | ''                   | RINGLEDGER_AUTH_ISSUER is not set
            RINGLEDGER_AUTH_AUDIENCE | ''                   | RINGLEDGER_AUTH_AUDIENCE is not set
            RINGLEDGER_AUTH_JWKS     | ''                   | RINGLEDGER_AUTH_JWKS is not set
            RINGLEDGER_AUTH_JWKS     | http://issuer.test/k | must be file
            RINGLEDGER_AUTH_JWKS     | ftp://127.0.0.1/k    | must be file
            RINGLEDGER_AUTH_JWKS     | keys.json            | must be file
            """)
    void shouldRefuseSettingsThatLeaveADoorOpen(
            final String name, final String value, final String message) throws Exception {
        start();
        environment.put(name, value);
        final Settings settings = Settings.read(environment, AuthOptions.SETTINGS);
        assertThatThrownBy(() ->
                        Auth.from(vertx, "127.0.0.1", settings, metrics.registry(), new Health()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"0.0.0.0", "::", "10.0.0.7", "ledger.test", "127.0.0.1.test", "localhost."})
    void shouldLetNobodyInFromOtherMachinesWithoutTokensUnlessToldTo(final String host)
            throws Exception {
        start();
        final Settings settings = Settings.read(Map.of(), AuthOptions.SETTINGS);
        assertThatThrownBy(() -> Auth.from(vertx, host, settings, metrics.registry(), new Health()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(host)
                .hasMessageContaining("RINGLEDGER_AUTH=jwt");
        final Settings open =
                Settings.read(Map.of("RINGLEDGER_ALLOW_NO_TOKENS", "true"), AuthOptions.SETTINGS);
        assertThat(Auth.from(vertx, host, open, metrics.registry(), new Health()))
                .isSameAs(Access.OPEN);
        for (final String here : List.of("127.0.0.1", "127.8.0.1", "localhost", "::1")) {
            assertThat(Auth.from(vertx, here, settings, metrics.registry(), new Health()))
                    .isSameAs(Access.OPEN);
        }
    }

    /** A server of keys; returns its address. It ends with Vert.x. */
    private String keysAt(final Handler<HttpServerRequest> handler) throws Exception {
        final HttpServer server = Lifecycle.await(
                vertx.createHttpServer().requestHandler(handler).listen(0, "127.0.0.1"), 10_000);
        return "http://127.0.0.1:" + server.actualPort() + "/keys";
    }
}
