package io.ringledger.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;

import io.ringledger.benchmarks.write.ServerProcess;
import io.ringledger.consumer.ConsumerMain;
import io.ringledger.kit.RawClient;
import io.ringledger.kit.auth.Tokens;
import io.ringledger.ledger.LedgerMain;
import io.ringledger.localstack.Environments;
import io.ringledger.localstack.Ground;
import io.ringledger.localstack.Progress;
import io.ringledger.localstack.StackOptions;
import io.ringledger.readmodel.ReadModelMain;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Every route of every service, as a process of its own, with every kind of bad token. Routes are those
 * of docs/openapi.yaml, and every text in the services' sources that looks like a path: one that
 * somebody adds and nobody protects fails here, whether it is described or not.
 */
final class EveryRouteTest {
    private static final List<String> MODULES =
            List.of("service-kit", "ledger", "read-model", "kinesis-consumer");
    private static final List<String> METHODS =
            List.of("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS");

    /** A text that begins like a path of HTTP. */
    private static final Pattern PATH = Pattern.compile("\"(/[a-z][A-Za-z0-9{}/.-]*)\"");

    private static final Pattern ACCOUNT = Pattern.compile("\\{accountId\\}");
    private static final Pattern PARAMETER = Pattern.compile("\\{[a-z]+\\}");
    private static final String BODY = "{\"amount\":1}";

    @TempDir
    private static Path folder;

    private static Ground ground;
    private static final Map<String, ServerProcess> SERVICES = new TreeMap<>();
    private static final Map<String, JsonNode> OPERATIONS = new TreeMap<>();

    @BeforeAll
    static void start() throws Exception {
        final JsonNode paths = YAMLMapper.builder()
                .build()
                .readTree(Stacks.root().resolve("docs/openapi.yaml").toFile())
                .get("paths");
        paths.fields()
                .forEachRemaining(path -> path.getValue()
                        .fields()
                        .forEachRemaining(member -> OPERATIONS.put(
                                member.getKey().toUpperCase(Locale.ROOT) + " "
                                        + example(path.getKey()),
                                member.getValue())));
        OPERATIONS.keySet().removeIf(operation -> operation.startsWith("PARAMETERS "));
        final Map<String, String> tokens = Tokens.settings(folder);
        final StackOptions options = new StackOptions(0, 1, true, false, tokens, tokens);
        ground = Ground.start(options, new Progress(System.out));
        start("ledger", LedgerMain.class, port -> Environments.ledger(ground, options, port));
        start(
                "kinesis-consumer",
                ConsumerMain.class,
                port -> Environments.consumer(ground, options, port));
        start("read-model", ReadModelMain.class, port -> {
            final Map<String, String> environment = Environments.readModel(ground, port);
            environment.putAll(tokens);
            return environment;
        });
        for (final ServerProcess service : SERVICES.values()) {
            service.awaitPort();
        }
    }

    /** The variables of a process that listens on a port. */
    private interface Environment {
        Map<String, String> on(int port);
    }

    private static void start(final String name, final Class<?> main, final Environment environment)
            throws IOException {
        final int port = ServerProcess.freePort();
        SERVICES.put(
                name,
                ServerProcess.start(name, main, port, List.of(), environment.on(port), folder));
    }

    @AfterAll
    static void stop() {
        SERVICES.values().forEach(ServerProcess::close);
        ground.close();
    }

    private static String example(final String path) {
        return PARAMETER
                .matcher(ACCOUNT.matcher(path).replaceAll("own:1"))
                .replaceAll("overloaded");
    }

    /** What is described, what the sources name, and what is not there. */
    private static Set<String> paths() throws IOException {
        final Set<String> paths = new TreeSet<>(List.of("/", "/nowhere", "/v1/nowhere"));
        OPERATIONS.keySet().forEach(operation -> paths.add(operation.split(" ", -1)[1]));
        for (final String module : MODULES) {
            try (Stream<Path> files =
                    Files.walk(Stacks.root().resolve(module).resolve("src/main/java"))) {
                for (final Path file :
                        files.filter(each -> each.toString().endsWith(".java")).toList()) {
                    final Matcher text = PATH.matcher(Files.readString(file));
                    while (text.find()) {
                        paths.add(example(text.group(1)));
                    }
                }
            }
        }
        return paths;
    }

    private static RawClient.Answer send(
            final RawClient client, final String method, final String path, final String headers)
            throws IOException {
        // Who is answered before its body has come is closed: what only asks has none.
        final String body = method.equals("GET") || method.equals("OPTIONS") ? "" : BODY;
        client.send(method + " " + path + " HTTP/1.1\r\nHost: h\r\n" + headers
                + "Content-Type: application/json\r\nIdempotency-Key: k\r\nContent-Length: "
                + body.length() + "\r\n\r\n" + body);
        return client.answer();
    }

    private static boolean isOperation(final String path) {
        final JsonNode get = OPERATIONS.get("GET " + path);
        return path.startsWith("/problems/")
                || (get != null && get.get("tags").get(0).asText().equals("operation"));
    }

    /** True if everybody may read it: the description says so. */
    private static boolean isPublic(final String path) {
        final JsonNode get = OPERATIONS.get(
                "GET " + (path.startsWith("/problems/") ? "/problems/overloaded" : path));
        return get != null && get.has("security") && get.get("security").isEmpty();
    }

    @Test
    void shouldKnowEveryPathOfTheDescriptionAndOfTheSources() throws IOException {
        assertThat(paths())
                .contains(
                        "/v1/accounts",
                        "/v1/batches",
                        "/v1/accounts/own:1/withdraw",
                        "/v1/accounts/own:1/entries",
                        "/health/live",
                        "/health/ready",
                        "/metrics",
                        "/problems/overloaded");
        assertThat(OPERATIONS.keySet().stream()
                        .map(operation -> operation.split(" ", -1)[1])
                        .filter(EveryRouteTest::isPublic))
                .containsExactlyInAnyOrder("/health/live", "/problems/overloaded");
    }

    @ParameterizedTest
    @EnumSource(Tokens.Bad.class)
    void shouldBeClosedToABadToken(final Tokens.Bad bad) throws IOException {
        final String headers = bad.headers();
        final List<String> wrong = new ArrayList<>();
        int cells = 0;
        for (final Map.Entry<String, ServerProcess> service : SERVICES.entrySet()) {
            try (RawClient client = new RawClient(service.getValue().address().getPort())) {
                for (final String path : paths()) {
                    for (final String method : METHODS) {
                        final RawClient.Answer answer = send(client, method, path, headers);
                        cells++;
                        if (!expected(method, path, headers.isEmpty()).contains(answer.status())) {
                            wrong.add(service.getKey() + " " + method + " " + path + ": "
                                    + answer.status() + " " + answer.body());
                        }
                    }
                }
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(cells).isGreaterThan(SERVICES.size() * METHODS.size() * OPERATIONS.size() / 2);
    }

    private static List<Integer> expected(
            final String method, final String path, final boolean isWithout) {
        if (!isOperation(path)) {
            return List.of(401);
        }
        if (!method.equals("GET")) {
            return method.equals("OPTIONS") ? List.of(204) : List.of(405);
        }
        if (path.startsWith("/problems/")) {
            return List.of(200, 404);
        }
        if (isPublic(path)) {
            return List.of(200);
        }
        // A load balancer has no token: it hears whether, not why.
        return path.equals("/health/ready") && isWithout ? List.of(200, 503) : List.of(401);
    }

    @Test
    void shouldAskForTheScopeOfEveryOperation() throws IOException {
        for (final ServerProcess service : SERVICES.values()) {
            for (final String operation : OPERATIONS.keySet()) {
                final String method = operation.split(" ", -1)[0];
                final String path = operation.split(" ", -1)[1];
                if (isPublic(path)) {
                    continue;
                }
                final String scope =
                        isOperation(path) ? "operate" : method.equals("GET") ? "read" : "write";
                final String[] others = Stream.of("read", "write", "operate")
                        .filter(other -> !other.equals(scope))
                        .toArray(String[]::new);
                final RawClient.Answer answer = ask(service, method, path, others);
                assertThat(answer.status()).as(operation).isEqualTo(403);
                assertThat(answer.body()).contains("\"code\":\"missing_scope\"", scope);
                assertThat(ask(service, method, path, scope).status())
                        .as(operation)
                        .isNotIn(401, 403, 500);
            }
        }
    }

    private static RawClient.Answer ask(
            final ServerProcess service,
            final String method,
            final String path,
            final String... scopes)
            throws IOException {
        try (RawClient client = new RawClient(service.address().getPort())) {
            return send(client, method, path, Tokens.bearer(Tokens.good("own:", scopes)));
        }
    }

    @Test
    void shouldTellABrowserToMakeNothingOfAnyAnswer() throws IOException {
        final String token = Tokens.bearer(Tokens.good("own:", "read", "write", "operate"));
        for (final ServerProcess service : SERVICES.values()) {
            for (final String path : paths()) {
                try (RawClient client = new RawClient(service.address().getPort())) {
                    for (final String headers :
                            List.of("", token + "Origin: https://o.example\r\n")) {
                        final RawClient.Answer answer = send(client, "GET", path, headers);
                        assertThat(answer.headers())
                                .as(path)
                                .containsEntry("x-content-type-options", "nosniff")
                                .containsEntry("cache-control", "no-store")
                                .containsEntry("referrer-policy", "no-referrer")
                                .containsEntry(
                                        "content-security-policy",
                                        "default-src 'none'; frame-ancestors 'none'")
                                .doesNotContainKeys("server", "access-control-allow-origin");
                        assertThat(answer.status()).as(path).isNotEqualTo(500);
                    }
                }
            }
        }
    }
}
