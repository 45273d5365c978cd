package io.ringledger.system;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/**
 * A Prometheus of this machine's own, which looks at every target every second. It is not one of the
 * build's tools: {@link #isThere} says whether there is one. {@code ./ringledger test} gets it from
 * Debian.
 */
final class PrometheusProcess implements AutoCloseable {
    static final String NEEDED =
            "needs Prometheus: apt-get (./ringledger test gets it then), or a prometheus on the PATH,"
                    + " or RINGLEDGER_PROMETHEUS, its path";

    private static final String NAME = "prometheus";
    private static final long START_MS = 30_000;

    private final Process process;
    private final URI url;
    private final HttpClient client = HttpClient.newHttpClient();

    /** What is collected from one address, and the labels {@code service} and {@code instance} of it. */
    record Target(String service, String instance, int port) {}

    private PrometheusProcess(final Process process, final URI url) {
        this.process = process;
        this.url = url;
    }

    /** Whether there is one. */
    static boolean isThere() {
        return executable().isPresent();
    }

    /** Where its command {@code prometheus} is. */
    private static Optional<Path> executable() {
        final String named = System.getenv("RINGLEDGER_PROMETHEUS");
        if (named != null && !named.isEmpty()) {
            return Optional.of(Path.of(named));
        }
        final List<Path> folders = new ArrayList<>();
        final String path = System.getenv("PATH");
        if (path != null) {
            Arrays.stream(path.split(":", -1)).map(Path::of).forEach(folders::add);
        }
        folders.add(Stacks.root().resolve("target/prometheus/usr/bin").toAbsolutePath());
        return folders.stream()
                .map(folder -> folder.resolve(NAME))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /**
     * Whether {@code promtool}, which comes with it, finds the rules right on its made-up series; what it
     * says goes to the test's output.
     */
    static boolean passesPromtool(final Path series) throws IOException, InterruptedException {
        final Path promtool = executable()
                .orElseThrow(() -> new IllegalStateException(NEEDED))
                .resolveSibling("promtool");
        return new ProcessBuilder(promtool.toString(), "test", "rules", series.toString())
                        .inheritIO()
                        .start()
                        .waitFor()
                == 0;
    }

    /**
     * Starts one that has these rules.
     *
     * @param folder empty, for its files
     */
    static PrometheusProcess start(
            final Path folder, final List<Target> targets, final String rules) throws Exception {
        Files.writeString(folder.resolve("rules.yaml"), rules);
        final StringBuilder configs = new StringBuilder();
        for (final Target target : targets) {
            configs.append("""
                          - targets: ['127.0.0.1:%d']
                            labels: { service: %s, instance: %s }
                    """.formatted(target.port(), target.service(), target.instance()));
        }
        Files.writeString(folder.resolve("prometheus.yaml"), """
                global:
                  scrape_interval: 1s
                  scrape_timeout: 1s
                  evaluation_interval: 1s
                rule_files: [rules.yaml]
                scrape_configs:
                  - job_name: ringledger
                    static_configs:
                """ + configs);
        final int port = freePort();
        final Process process = new ProcessBuilder(List.of(
                        executable()
                                .orElseThrow(() -> new IllegalStateException(NEEDED))
                                .toString(),
                        "--config.file=" + folder.resolve("prometheus.yaml"),
                        "--storage.tsdb.path=" + folder.resolve("data"),
                        "--web.listen-address=127.0.0.1:" + port,
                        "--log.level=warn"))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("prometheus.log").toFile())
                .start();
        final PrometheusProcess started =
                new PrometheusProcess(process, URI.create("http://127.0.0.1:" + port));
        try {
            Stacks.await("Prometheus is ready", START_MS, started::isReady);
            return started;
        } catch (final Throwable e) {
            started.close();
            throw e;
        }
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private boolean isReady() {
        if (!process.isAlive()) {
            throw new IllegalStateException("Prometheus ended: " + process.exitValue());
        }
        try {
            return get("/-/ready").statusCode() == 200;
        } catch (final IOException e) {
            return false;
        }
    }

    /** The names of the alerts that fire now. */
    Set<String> firing() {
        final Set<String> names = new TreeSet<>();
        try {
            final JsonNode answer =
                    new ObjectMapper().readTree(get("/api/v1/alerts").body());
            for (final JsonNode alert : answer.path("data").path("alerts")) {
                if (alert.path("state").asText().equals("firing")) {
                    names.add(alert.path("labels").path("alertname").asText());
                }
            }
            return names;
        } catch (final IOException e) {
            throw new IllegalStateException("Prometheus does not answer", e);
        }
    }

    /** The value of an expression that gives one, now; NaN if it gives none. */
    double value(final String expression) throws IOException {
        final JsonNode result = ask("/api/v1/query?query="
                        + URLEncoder.encode(expression, StandardCharsets.UTF_8))
                .path("result");
        return result.isEmpty()
                ? Double.NaN
                : Double.parseDouble(result.path(0).path("value").path(1).asText());
    }

    /** Every alert that has fired so far. */
    Set<String> haveFired() throws IOException {
        final Set<String> names = new TreeSet<>();
        ask("/api/v1/query?query="
                        + URLEncoder.encode(
                                "count by (alertname)"
                                        + " (count_over_time(ALERTS{alertstate=\"firing\"}[1h]))",
                                StandardCharsets.UTF_8))
                .path("result")
                .forEach(alert ->
                        names.add(alert.path("metric").path("alertname").asText()));
        return names;
    }

    /**
     * What its API answers to a query.
     *
     * @param path with the parameters, such as {@code /api/v1/query?query=up}
     */
    JsonNode ask(final String path) throws IOException {
        final HttpResponse<String> answer = get(path);
        if (answer.statusCode() != 200) {
            throw new IOException(path + ": " + answer.statusCode() + " " + answer.body());
        }
        return new ObjectMapper().readTree(answer.body()).path("data");
    }

    URI url() {
        return url;
    }

    private HttpResponse<String> get(final String path) throws IOException {
        try {
            return client.send(
                    HttpRequest.newBuilder(url.resolve(path)).build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
        client.close();
    }
}
