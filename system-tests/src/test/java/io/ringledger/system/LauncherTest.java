package io.ringledger.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringledger.readmodel.ReadModelService;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** {@code ./ringledger}, above all {@code up}, as a person starts and stops it. */
@Timeout(300)
final class LauncherTest {
    private static final long STOP_LIMIT_MS = 10_000;
    private static final String OPENING = "{\"accountId\":\"x\",\"currency\":\"EUR\"}";

    private static List<String> commands() throws IOException {
        return LauncherCommands.read(Stacks.root()).names();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("commands")
    void shouldHelpAndStartNothing(final String command, @TempDir final Path folder)
            throws Exception {
        final Path output = folder.resolve("output");
        final Process process = launcher(command, "--help")
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(Files.readString(output)).isZero();
            assertThat(output).content().containsPattern("(Usage: |\\./ringledger )");
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void shouldRunTwoStacksSideBySideAndLeaveNothingBehind() throws Exception {
        final Up first = new Up("--port", "0");
        final Up second =
                new Up("--port", "0", "--partitions", "3", "--separate-processes", "--tokens");
        try {
            final URI one = first.awaitReady();
            final URI other = second.awaitReady();
            assertThat(one).isNotEqualTo(other);
            final String token = "Bearer " + output("token", "--accounts", "x");
            try (Api a = new Api(one);
                    Api b = new Api(other)) {
                assertThat(a.post("/v1/accounts", "k", OPENING).statusCode()).isEqualTo(201);
                assertThat(b.post("/v1/accounts", "k", OPENING).statusCode()).isEqualTo(401);
                assertThat(b.get("/v1/accounts/x").statusCode()).isEqualTo(401);
                final HttpRequest.Builder read =
                        b.request("/v1/accounts/x").header("Authorization", token);
                assertThat(b.send(read.build()).statusCode()).isEqualTo(404);
                assertThat(b.get("/health/ready").statusCode()).isEqualTo(200);
            }
            first.stop();
            try (Api b = new Api(other)) {
                assertThat(b.get("/health/ready").statusCode()).isEqualTo(200);
            }
            second.stop();
        } finally {
            first.kill();
            second.kill();
        }
    }

    @Test
    void shouldNameWhatIsWrongWithAnArgument() throws Exception {
        final Up up = new Up("--partitions", "0");
        assertThat(up.process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(up.process.exitValue()).isEqualTo(2);
        assertThat(String.join("\n", up.lines())).contains("partitions=0");
    }

    @Test
    void shouldSayBeforeItStartsAnythingThatThePortIsInUse() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            final Up up = new Up("--port", Integer.toString(taken.getLocalPort()));
            assertThat(up.process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(up.process.exitValue()).isEqualTo(1);
            assertThat(String.join("\n", up.lines()))
                    .contains(
                            "port " + taken.getLocalPort() + " of 127.0.0.1 cannot be had",
                            "--port")
                    .doesNotContain("Postgres");
        }
    }

    @Test
    void shouldMakeATokenThatAServiceWithItsSettingsTakes(@TempDir final Path folder)
            throws Exception {
        final Path token = folder.resolve("token");
        final Path settings = folder.resolve("settings");
        final ProcessBuilder builder = launcher(
                        "token",
                        "--keys",
                        folder.resolve("keys").toString(),
                        "--client",
                        "shop-7",
                        "--accounts",
                        "shop-7:",
                        "--scope",
                        "operate")
                .redirectOutput(token.toFile())
                .redirectError(settings.toFile());
        final Process process = builder.start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(settings)).isZero();
        // What a shell would do with it: the lines into the environment, the token into a header.
        final Map<String, String> environment = new HashMap<>();
        for (final String line : Files.readAllLines(settings)) {
            assertThat(line).matches("RINGLEDGER_AUTH\\w*=.+");
            final String[] pair = line.split("=", 2);
            environment.put(pair[0], pair[1]);
        }
        environment.put("RINGLEDGER_HTTP_PORT", "0");
        environment.put("RINGLEDGER_POSTGRES_URI", "postgresql://127.0.0.1:1/none");
        environment.put("RINGLEDGER_POSTGRES_USER", "none");
        environment.put("RINGLEDGER_POSTGRES_PASSWORD", "none");
        try (ReadModelService service = ReadModelService.start(environment);
                HttpClient client = HttpClient.newHttpClient()) {
            final URI metrics = URI.create("http://127.0.0.1:" + service.port() + "/metrics");
            assertThat(client.send(
                                    HttpRequest.newBuilder(metrics).build(),
                                    HttpResponse.BodyHandlers.discarding())
                            .statusCode())
                    .isEqualTo(401);
            assertThat(client.send(
                                    HttpRequest.newBuilder(metrics)
                                            .header(
                                                    "Authorization",
                                                    "Bearer "
                                                            + Files.readString(token)
                                                                    .strip())
                                            .build(),
                                    HttpResponse.BodyHandlers.discarding())
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    /** What a command writes to standard output. */
    private static String output(final String... arguments) throws Exception {
        final Process process = launcher(arguments)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        final String output =
                new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        return output.strip();
    }

    private static ProcessBuilder launcher(final String... arguments) {
        final List<String> command = new ArrayList<>();
        command.add(Stacks.root().resolve("ringledger").toString());
        command.addAll(List.of(arguments));
        final ProcessBuilder builder = new ProcessBuilder(command);
        // The build that runs this test has built everything.
        builder.environment().put("RINGLEDGER_SKIP_BUILD", "1");
        return builder;
    }

    /** One stack in a process of its own. */
    private static final class Up {
        private final List<String> lines = new ArrayList<>();
        private final Process process;

        Up(final String... arguments) throws IOException {
            final List<String> command = new ArrayList<>(List.of("up"));
            command.addAll(List.of(arguments));
            process = launcher(command.toArray(String[]::new))
                    .redirectErrorStream(true)
                    .start();
            Thread.ofVirtual().start(this::read);
        }

        URI awaitReady() throws InterruptedException {
            Stacks.await("ready", 120_000, () -> readyLine() != null || !process.isAlive());
            final String ready = readyLine();
            assertThat(ready).as(String.join("\n", lines())).isNotNull();
            return URI.create(String.valueOf(ready).substring("ready ".length()));
        }

        void stop() throws InterruptedException {
            final List<ProcessHandle> children = process.descendants().toList();
            assertThat(children).isNotEmpty();
            process.destroy();
            assertThat(process.waitFor(STOP_LIMIT_MS, TimeUnit.MILLISECONDS))
                    .as(String.join("\n", lines()))
                    .isTrue();
            Stacks.await(
                    "children are gone",
                    5_000,
                    () -> children.stream().noneMatch(ProcessHandle::isAlive));
        }

        void kill() {
            process.destroyForcibly();
        }

        private void read() {
            try (BufferedReader reader = new BufferedReader(
                    new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                    System.out.println("up: " + line);
                    synchronized (lines) {
                        lines.add(line);
                    }
                }
            } catch (final IOException e) {
                System.out.println("up: " + e);
            }
        }

        private List<String> lines() {
            synchronized (lines) {
                return List.copyOf(lines);
            }
        }

        private @org.jspecify.annotations.Nullable String readyLine() {
            return lines().stream()
                    .filter(line -> line.startsWith("ready "))
                    .findFirst()
                    .orElse(null);
        }
    }
}
