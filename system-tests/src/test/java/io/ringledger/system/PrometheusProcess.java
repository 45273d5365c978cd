package io.ringledger.system;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/**
 * A Prometheus of this machine's own, which looks at one address every second. It is not one of the
 * build's tools: {@link #isThere} says whether there is one.
 */
final class PrometheusProcess implements AutoCloseable {
    private static final long START_MS = 30_000;

    private final Process process;
    private final URI url;
    private final HttpClient client = HttpClient.newHttpClient();

    private PrometheusProcess(final Process process, final URI url) {
        this.process = process;
        this.url = url;
    }

    /** Whether the search path has a {@code prometheus}. */
    static boolean isThere() {
        final String path = System.getenv("PATH");
        return path != null
                && Arrays.stream(path.split(":", -1))
                        .anyMatch(folder -> Files.isExecutable(Path.of(folder, "prometheus")));
    }

    /**
     * Starts one that has these rules.
     *
     * @param folder empty, for its files
     */
    static PrometheusProcess start(final Path folder, final URI target, final String rules)
            throws Exception {
        Files.writeString(folder.resolve("rules.yaml"), rules);
        Files.writeString(folder.resolve("prometheus.yaml"), """
                global:
                  scrape_interval: 1s
                  evaluation_interval: 1s
                rule_files: [rules.yaml]
                scrape_configs:
                  - job_name: ringledger
                    static_configs:
                      - targets: ['%s']
                """.formatted(target.getAuthority()));
        final int port = freePort();
        final Process process = new ProcessBuilder(List.of(
                        "prometheus",
                        "--config.file=" + folder.resolve("prometheus.yaml"),
                        "--storage.tsdb.path=" + folder.resolve("data"),
                        "--web.listen-address=127.0.0.1:" + port,
                        "--log.level=warn"))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("prometheus.log").toFile())
                .start();
        final PrometheusProcess started =
                new PrometheusProcess(process, URI.create("http://127.0.0.1:" + port));
        Stacks.await("Prometheus is ready", START_MS, started::isReady);
        return started;
    }

    private static int freePort() throws IOException {
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
