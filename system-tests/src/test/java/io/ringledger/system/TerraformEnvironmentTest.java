package io.ringledger.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringledger.consumer.ConsumerRoles;
import io.ringledger.kit.HttpEdgeOptions;
import io.ringledger.kit.Setting;
import io.ringledger.kit.Settings;
import io.ringledger.kit.SettingsException;
import io.ringledger.kit.auth.AuthOptions;
import io.ringledger.kit.log.Logs;
import io.ringledger.kit.tls.TlsOptions;
import io.ringledger.kit.trace.TraceOptions;
import io.ringledger.ledger.LedgerProcess;
import io.ringledger.readmodel.ReadModelService;
import io.ringledger.readmodel.ViewRolesMain;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What infra/terraform sets in the environment of a service is what its code reads from it. */
final class TerraformEnvironmentTest {
    private static final String ENVIRONMENT = "modules/services/environment.tf";
    private static final String SETTINGS = "modules/services/settings.tf";

    /** What a deployment on AWS leaves unset, and why. */
    private static final Map<String, String> UNSET = Map.ofEntries(
            Map.entry("RINGLEDGER_KINESIS_ENDPOINT", "for emulators"),
            Map.entry("RINGLEDGER_DYNAMODB_ENDPOINT", "for emulators"),
            Map.entry("RINGLEDGER_S3_ENDPOINT", "for emulators"),
            Map.entry("RINGLEDGER_FAILPOINT", "for tests"),
            Map.entry("RINGLEDGER_ALLOW_FAILPOINTS", "for tests"),
            Map.entry("RINGLEDGER_PROJECTOR_WORKER_ID", "no two tasks of a service may share one"),
            Map.entry("RINGLEDGER_TLS_CERTIFICATE", "each task makes its own"),
            Map.entry("RINGLEDGER_TLS_KEY", "each task makes its own"),
            Map.entry("RINGLEDGER_TLS_REFRESH_MS", "for files"),
            Map.entry("RINGLEDGER_ADVERTISED_ADDRESS", "each task finds its own"),
            Map.entry("RINGLEDGER_ALLOW_NO_TOKENS", "who can be reached asks for tokens"),
            Map.entry("RINGLEDGER_POSTGRES_PASSWORD", "tokens of IAM"));

    /** The lists that make the environment of a service, in that order. */
    private static final Map<String, List<String>> LISTS = Map.of(
            "ledger", List.of("http", "token", "ledger"),
            "consumer", List.of("http", "consumer"),
            "read_model", List.of("http", "token", "read_model"));

    /** What has another default than in the code, and why. */
    private static final Map<String, String> OTHER_DEFAULTS = Map.of(
            "RINGLEDGER_HTTP_IDLE_TIMEOUT_MS", "above the load balancer's, which would reuse it",
            "RINGLEDGER_PROJECTOR_POLL_INTERVAL_MS", "projector and follower share five reads");

    private static final Pattern LIMIT = Pattern.compile("var\\.(\\w+)\\.(\\w+)");
    private static final Pattern OPTIONAL =
            Pattern.compile("(?m)^ +(\\w+) += optional\\(\\w+, \"?([^\")]+)\"?\\)");

    private static TerraformFiles terraform;

    @BeforeAll
    static void readFiles() throws IOException {
        terraform = TerraformFiles.read();
    }

    private static Map<String, List<Setting<?>>> services() {
        final List<Setting<?>> consumer = new ArrayList<>(ConsumerRoles.SETTINGS);
        consumer.addAll(HttpEdgeOptions.SETTINGS);
        consumer.addAll(TlsOptions.SETTINGS);
        consumer.addAll(AuthOptions.SETTINGS);
        consumer.addAll(Logs.SETTINGS);
        consumer.addAll(TraceOptions.SETTINGS);
        return Map.of(
                "ledger", LedgerProcess.declarations(),
                "consumer", consumer,
                "read_model", ReadModelService.declarations());
    }

    @Test
    void shouldSetWhatTheCodeReadsAndNothingElse() {
        services().forEach((service, declared) -> {
            final Set<String> read = names(declared);
            read.removeAll(UNSET.keySet());
            if (!lists(service).contains("token")) {
                // It asks for no token, so nothing is to be said of them.
                read.removeAll(names(AuthOptions.SETTINGS));
                read.add("RINGLEDGER_AUTH");
            }
            final Set<String> set = new TreeSet<>(environment(service).keySet());
            set.addAll(secrets(service).keySet());
            assertThat(set)
                    .as(
                            "environment and secrets of %s in %s, and what it declares",
                            service, ENVIRONMENT)
                    .isEqualTo(read);
        });
    }

    @Test
    void shouldLeaveUnsetOnlyWhatIsRead() {
        final Set<String> read = new TreeSet<>();
        services().values().forEach(declared -> read.addAll(names(declared)));
        assertThat(read).containsAll(UNSET.keySet()).containsAll(OTHER_DEFAULTS.keySet());
    }

    @Test
    void shouldGiveEachContainerItsOwnLists() {
        for (final String service : services().keySet()) {
            final Map<String, String> task = TerraformFiles.entries(
                    terraform.block("modules/services/tasks.tf", "    " + service + " ="));
            assertThat(task)
                    .containsEntry(
                            "environment",
                            lists(service).stream()
                                    .map(list -> "local." + list + "_environment")
                                    .collect(Collectors.joining(", ", "merge(", ")")))
                    .containsEntry("secrets", "local." + service + "_secrets");
        }
        assertThat(terraform.text("modules/services/tasks.tf"))
                .contains("for name, value in merge(local.aws_environment, each.value.environment)")
                .contains("secrets = [for name, from in each.value.secrets :"
                        + " { name = name, valueFrom = from }]");
        terraform.texts().forEach((file, text) -> {
            if (!file.equals(Path.of(ENVIRONMENT))) {
                assertThat(text)
                        .as("%s sets a variable beside the lists", file)
                        .doesNotContainPattern("(?m)^\\s*\"?RINGLEDGER_\\w+\"?\\s*=")
                        .doesNotContainPattern("name\\s*=\\s*\"RINGLEDGER_");
            }
        });
    }

    @Test
    void shouldAskForTokensWhereOthersThanTheTaskItselfCanAsk() {
        for (final String service : services().keySet()) {
            final Map<String, String> environment = environment(service);
            if (!"\"127.0.0.1\"".equals(environment.get("RINGLEDGER_HTTP_HOST"))) {
                assertThat(environment).as(service).containsEntry("RINGLEDGER_AUTH", "\"jwt\"");
            }
        }
        // The others have an address in the network and are called on it.
        assertThat(environment("ledger")).containsEntry("RINGLEDGER_HTTP_HOST", "\"0.0.0.0\"");
        assertThat(environment("read_model")).containsEntry("RINGLEDGER_HTTP_HOST", "\"0.0.0.0\"");
    }

    @Test
    void shouldHandOverSecretsByReference() {
        services().forEach((service, declared) -> {
            final Set<String> secret = declared.stream()
                    .filter(TerraformEnvironmentTest::isSecret)
                    .map(Setting::name)
                    .collect(Collectors.toCollection(TreeSet::new));
            final Set<String> handedOver = new TreeSet<>(secret);
            handedOver.removeAll(UNSET.keySet());
            assertThat(secrets(service).keySet()).isEqualTo(handedOver);
            assertThat(environment(service)).doesNotContainKeys(secret.toArray(String[]::new));
            assertThat(secrets(service).values())
                    .allMatch(from -> from.matches("\"\\$\\{var\\.\\w+\\.secret_arn}:\\w+::\""));
        });
    }

    @Test
    void shouldSetWhatTheRolesOfTheDatabaseAreMadeWith() {
        final Set<String> read = names(ViewRolesMain.declarations());
        read.removeAll(Set.of(
                "RINGLEDGER_POSTGRES_CONSUMER_PASSWORD", "RINGLEDGER_POSTGRES_READER_PASSWORD"));
        final Map<String, String> environment =
                TerraformFiles.entries(terraform.block(ENVIRONMENT, "  roles_environment ="));
        final Map<String, String> secrets = secrets("roles");
        final Set<String> set = new TreeSet<>(environment.keySet());
        set.addAll(secrets.keySet());
        assertThat(set).isEqualTo(read);
        assertThat(secrets)
                .containsExactly(Map.entry(
                        "RINGLEDGER_POSTGRES_PASSWORD",
                        "\"${var.database.secret_arn}:password::\""));
        // The roles that are made are those that the services log in with, by the same way.
        for (final String of : new String[] {"consumer", "reader"}) {
            final Map<String, String> service =
                    environment(of.equals("reader") ? "read_model" : of);
            final String user = "RINGLEDGER_POSTGRES_" + of.toUpperCase(Locale.ROOT) + "_USER";
            assertThat(service)
                    .containsEntry("RINGLEDGER_POSTGRES_USER", environment.get(user))
                    .containsEntry(
                            "RINGLEDGER_POSTGRES_LOGIN",
                            environment.get("RINGLEDGER_POSTGRES_ROLES_LOGIN"));
        }
        assertThat(terraform.text("modules/services/roles.tf"))
                .contains("for name, value in local.roles_environment")
                .contains("for name, from in local.roles_secrets");
    }

    /** Neither its start nor its tasks depend on what an administrator of the database may do. */
    @Test
    void shouldKeepTheAdministratorOutOfTheServices() {
        assertThat(terraform.text("modules/services/tasks.tf"))
                .doesNotContain("dependsOn")
                .doesNotContain("roles_environment")
                .doesNotContain("roles_secrets")
                .doesNotContain("execution_secret");
        assertThat(terraform
                        .block(
                                "modules/services/iam.tf",
                                "resource \"aws_iam_role_policy\" \"execution_secret\"")
                        .body())
                .contains("aws_iam_role.execution[\"database_roles\"].id");
        assertThat(terraform
                        .block(
                                "modules/services/roles.tf",
                                "resource \"aws_ecs_task_definition\" \"database_roles\"")
                        .body())
                .contains("aws_iam_role.execution[\"database_roles\"].arn")
                .doesNotContain("task_role_arn");
    }

    @Test
    void shouldRefuseTracesInTheMiddleOfAnUpgrade() {
        assertThat(terraform
                        .block("variables-services.tf", "variable \"traces\"")
                        .body())
                .contains("condition     = var.traces.enabled != true || var.ledger_image == null"
                        + " || var.ledger_image == var.image");
    }

    @Test
    void shouldHaveTheDefaultsOfTheCode() {
        final Map<String, String> defaults = defaults(terraform.text(SETTINGS));
        final Set<String> used = new TreeSet<>();
        final Map<String, String> differing = new TreeMap<>();
        services().forEach((service, declared) -> {
            final Map<String, String> environment = environment(service);
            for (final Setting<?> setting : declared) {
                final Matcher limit =
                        LIMIT.matcher(environment.getOrDefault(setting.name(), "none"));
                final String text = limit.matches() ? defaults.get(limit.group()) : null;
                if (text != null) {
                    used.add(limit.group());
                    if (!isTheDefault(setting, text)) {
                        differing.put(setting.name(), text);
                    }
                }
            }
        });
        assertThat(differing.keySet()).isEqualTo(OTHER_DEFAULTS.keySet());
        assertThat(defaults.keySet())
                .as("limits of %s that no container gets", SETTINGS)
                .isEqualTo(withUsedInExpressions(used));
    }

    @Test
    void shouldRepeatDefaultsRightWhereTheRootNeedsThem() {
        final Map<String, String> defaults = defaults(terraform.text(SETTINGS));
        final Map<String, String> root = defaults(terraform.text("variables-services.tf"));
        root.keySet().retainAll(defaults.keySet());
        assertThat(root).isNotEmpty();
        assertThat(defaults).containsAllEntriesOf(root);
    }

    /** retrieval decides HTTP1 too, and enabled the endpoint of traces, by an expression. */
    private static Set<String> withUsedInExpressions(final Set<String> used) {
        final Set<String> all = new TreeSet<>(used);
        all.add("var.consumer_settings.retrieval");
        all.add("var.traces.enabled");
        return all;
    }

    private static Set<String> names(final List<Setting<?>> declared) {
        return declared.stream().map(Setting::name).collect(Collectors.toCollection(TreeSet::new));
    }

    private static List<String> lists(final String service) {
        return Objects.requireNonNull(LISTS.get(service), service);
    }

    private static Map<String, String> environment(final String service) {
        final Map<String, String> environment = new HashMap<>();
        for (final String list : lists(service)) {
            TerraformFiles.entries(terraform.block(ENVIRONMENT, "  " + list + "_environment ="))
                    .forEach((name, value) -> assertThat(environment.put(name, value))
                            .as("%s is set twice", name)
                            .isNull());
        }
        return environment;
    }

    private static Map<String, String> secrets(final String service) {
        return TerraformFiles.entries(terraform.block(ENVIRONMENT, "  " + service + "_secrets ="));
    }

    /** By {@code var.<variable>.<attribute>}, as the text that the process gets. */
    private static Map<String, String> defaults(final String text) {
        final Map<String, String> defaults = new TreeMap<>();
        final Pattern variable = Pattern.compile("(?m)^variable \"(\\w+)\" \\{");
        for (final TerraformFiles.Block block :
                TerraformFiles.blocks(Path.of(SETTINGS), text, variable)) {
            final Matcher name = variable.matcher(block.head());
            assertThat(name.find()).isTrue();
            final Matcher optional = OPTIONAL.matcher(block.body());
            while (optional.find()) {
                defaults.put("var." + name.group(1) + "." + optional.group(1), optional.group(2));
            }
        }
        return defaults;
    }

    /** Also: a text that the process would refuse is no default of it. */
    private static boolean isTheDefault(final Setting<?> setting, final String text) {
        return lines(setting, Map.of(setting.name(), text)).equals(lines(setting, Map.of()));
    }

    private static boolean isSecret(final Setting<?> setting) {
        try {
            return lines(setting, Map.of(setting.name(), "x"))
                    .getFirst()
                    .equals(setting.name() + "=****");
        } catch (final SettingsException e) {
            return false;
        }
    }

    private static List<String> lines(
            final Setting<?> setting, final Map<String, String> environment) {
        return Settings.read(environment, List.of(setting)).lines();
    }
}
