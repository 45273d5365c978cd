package io.ringledger.emulators;

import static org.assertj.core.api.Assertions.assertThat;

import static java.util.Objects.requireNonNull;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The children of a process that ends without closing them. */
class OrphansTest {
    static final String MARK = "orphans-of-main";

    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private Process parent;
    private long kinesisPid;
    private long pausedKinesisPid;
    private long postgresPid;
    private Path postgresFolder;

    @BeforeEach
    void startParent() throws Exception {
        final ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-Dringledger.root=" + System.getProperty("ringledger.root"),
                "-cp",
                System.getProperty("java.class.path"),
                OrphansMain.class.getName());
        parent = builder.redirectErrorStream(true).start();
        final BufferedReader output = new BufferedReader(
                new InputStreamReader(parent.getInputStream(), StandardCharsets.UTF_8));
        String line = requireNonNull(output.readLine(), "the parent ended without a word");
        while (!line.startsWith(MARK)) {
            line = requireNonNull(output.readLine(), "the parent ended; its last line: " + line);
        }
        final List<String> words = List.of(line.split(" "));
        kinesisPid = Long.parseLong(words.get(1));
        pausedKinesisPid = Long.parseLong(words.get(2));
        postgresPid = Long.parseLong(words.get(3));
        postgresFolder = Path.of(words.get(4));
    }

    @AfterEach
    void endParent() {
        parent.destroyForcibly();
    }

    @ParameterizedTest
    @ValueSource(strings = {"KILL", "TERM"})
    void shouldNotOutliveTheirParent(final String signal) {
        assertThat(List.of(kinesisPid, pausedKinesisPid, postgresPid)).allMatch(Await::isAlive);
        assertThat(Files.exists(postgresFolder)).isTrue();

        Processes.signal(parent.toHandle(), signal);

        Await.gone(parent.pid(), TIMEOUT);
        Await.gone(kinesisPid, TIMEOUT);
        Await.gone(pausedKinesisPid, TIMEOUT);
        Await.gone(postgresPid, TIMEOUT);
        Await.until("end of " + postgresFolder, TIMEOUT, () -> !Files.exists(postgresFolder));
    }
}
