package io.ringledger.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;

import io.ringledger.kit.Metrics;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Dashboard, alert rules, the alarms in Terraform and the pages for whoever is woken by them belong
 * together: nobody is asked for a meter that is not there, and nobody is woken without a page.
 */
final class ObservabilityTest {
    private static final String PAGES = "docs/operating/alarms";

    /** {@code | [name](page.md) | CloudWatch | Prometheus |}. */
    private static final Pattern ROW = Pattern.compile(
            "(?m)^\\| \\[([^]]+)]\\(([a-z0-9-]+\\.md)\\) \\| ([^|]+) \\| ([^|]+) \\|$");

    /** {@code | `name` | cause | `AlertsFireTest.shouldX` |}. */
    private static final Pattern CAUSE = Pattern.compile(
            "(?m)^\\| `([a-z0-9-]+)` \\| [^|]{8,} \\| (`AlertsFireTest\\.should[^|]+) \\|$");

    private static final Pattern REASON = Pattern.compile("no: .{8,}");
    private static final Pattern TEST = Pattern.compile("`([A-Z]\\w+Test)(?:\\.(should\\w+))?`");
    private static final Pattern LINK = Pattern.compile("]\\(([^)#:]+)(?:#[^)]*)?\\)");

    /** Shown from the first collection on. */
    private static final String GC = "jvm_gc_pause_seconds";

    /** Where an alarm is said to be. */
    private record Row(String page, String cloudWatch, String prometheus) {}

    @Test
    void shouldAskForMetersThatTheCodeHas() throws IOException {
        final RegisteredMeters registered = RegisteredMeters.read();
        final String jvm;
        try (Metrics metrics = new Metrics()) {
            jvm = metrics.scrape();
        }
        for (final String meter : Alerts.allMeters()) {
            if (meter.startsWith("ringledger_")) {
                assertThat(registered.has(meter)).as(meter).isTrue();
            } else if (!meter.startsWith(GC)) {
                assertThat(jvm).containsPattern("(?m)^" + meter + "[ {]");
            }
        }
    }

    @Test
    void shouldHaveTheSameAlarmsInTerraformOrSayWhyNot() throws IOException {
        final Map<String, Row> rows = rows();
        final Set<String> rules = Alerts.rules().keySet();
        final Set<String> alarms = TerraformAlarms.names();
        final Set<String> all = new HashSet<>(rules);
        all.addAll(alarms);
        assertThat(rows.keySet()).as("rows of %s/README.md", PAGES).isEqualTo(all);
        rows.forEach((name, row) -> {
            requireTruth(name, "CloudWatch", row.cloudWatch(), alarms.contains(name));
            requireTruth(name, "Prometheus", row.prometheus(), rules.contains(name));
        });
    }

    private static void requireTruth(
            final String name, final String where, final String said, final boolean isThere) {
        if (isThere) {
            assertThat(said).as("%s in %s", name, where).isEqualTo("yes");
        } else {
            assertThat(said).as("why %s is not in %s", name, where).matches(REASON);
        }
    }

    @Test
    void shouldHaveAPageForEveryAlarm() throws IOException {
        final Set<String> linked = new HashSet<>(Set.of("README.md"));
        for (final Map.Entry<String, Row> entry : rows().entrySet()) {
            final String name = entry.getKey();
            final Path page = folder().resolve(entry.getValue().page());
            linked.add(entry.getValue().page());
            assertThat(page).as(name).isRegularFile();
            assertThat(Files.readString(page))
                    .as("%s", page)
                    .contains("`" + name + "`")
                    .contains("**It means**", "**Look at**", "**Do**", "**Harmless**");
        }
        assertThat(names(folder())).as("pages that no alarm leads to").isEqualTo(linked);
    }

    @Test
    void shouldLeadFromEveryRuleToItsPage() throws IOException {
        final Map<String, Row> rows = rows();
        Alerts.rules().forEach((name, rule) -> {
            final Row row = row(rows, name);
            assertThat(rule.page()).isEqualTo(PAGES + "/" + row.page());
            assertThat(rule.severity()).as(name).isIn("page", "ticket");
            assertThat(rule.summary()).as(name).isNotBlank();
            assertThat(Alerts.meters(List.of(rule.expression()))).as(name).isNotEmpty();
        });
    }

    /** The expression in modules/alarms/main.tf: the alarm's own name, or what several share. */
    @Test
    void shouldLeadFromEveryAlarmToItsPage() throws IOException {
        assertThat(TerraformFiles.read().text("modules/alarms/main.tf"))
                .contains("docs/operating/alarms/${local.pages[each.key]}.md")
                .contains("\"/^table-.*-throttled$/\", \"table-throttled\"")
                .contains("-(cpu|memory)$/\", \"task-$2\"")
                .contains("\"/^log-.*-behind$/\", \"log-readers-behind\"");
        final Map<String, String> shared = Map.of(
                "table-…-throttled", "table-throttled",
                "…-cpu", "task-cpu",
                "…-memory", "task-memory",
                "log-…-behind", "log-readers-behind");
        final Map<String, Row> rows = rows();
        for (final String name : TerraformAlarms.names()) {
            final Row row = row(rows, name);
            assertThat(row.page()).isEqualTo(shared.getOrDefault(name, name) + ".md");
        }
    }

    @Test
    void shouldShowEverythingOnTheDashboard() throws IOException {
        final List<String> titles = new ArrayList<>();
        final Set<Integer> ids = new HashSet<>();
        for (final JsonNode panel : Alerts.dashboard().path("panels")) {
            assertThat(ids.add(panel.path("id").asInt())).as("id of %s", panel).isTrue();
            if (panel.path("type").asText().equals("row")) {
                titles.add(panel.path("title").asText());
                continue;
            }
            assertThat(panel.path("title").asText()).isNotBlank();
            assertThat(panel.path("fieldConfig").path("defaults").path("unit").asText())
                    .as("unit of %s", panel.path("title"))
                    .isNotBlank();
            assertThat(panel.path("targets")).isNotEmpty();
        }
        assertThat(titles)
                .containsExactly(
                        "At a glance",
                        "Write side",
                        "Partitions",
                        "Log",
                        "Leases",
                        "Views",
                        "Snapshots",
                        "Queries",
                        "JVM");
        assertThat(Alerts.meters(Alerts.dashboardExpressions()))
                .as("what a rule asks for can be seen")
                .containsAll(Alerts.meters(Alerts.rules().values().stream()
                        .map(Alerts.Rule::expression)
                        .toList()));
    }

    /** A row names the tests that wait for the alert by its name. */
    @Test
    void shouldSayByWhatEachRuleWasMadeToFire() throws IOException {
        final String source = Objects.requireNonNull(tests().get("AlertsFireTest"));
        final Map<String, String> causes = new TreeMap<>();
        final Matcher row = CAUSE.matcher(Files.readString(folder().resolve("README.md")));
        while (row.find()) {
            causes.put(row.group(1), row.group(2));
        }
        assertThat(causes.keySet()).isEqualTo(Alerts.rules().keySet());
        causes.forEach((rule, tests) -> {
            final Matcher test = TEST.matcher(tests);
            while (test.find()) {
                final int start = source.indexOf(" void " + test.group(2) + "(");
                assertThat(start).as(test.group()).isPositive();
                assertThat(source.substring(start, source.indexOf("\n    }\n", start)))
                        .as("%s waits for %s", test.group(), rule)
                        .contains('"' + rule + '"');
            }
        });
    }

    @Test
    void shouldNameTestsAndFilesThatThereAre() throws IOException {
        final Map<String, String> tests = tests();
        for (final Path page : pages()) {
            final String text = Files.readString(page);
            final Matcher test = TEST.matcher(text);
            while (test.find()) {
                final String source = tests.get(test.group(1));
                assertThat(source).as("%s names %s", page, test.group(1)).isNotNull();
                if (test.group(2) != null) {
                    assertThat(source)
                            .as("%s names %s", page, test.group())
                            .contains(" void " + test.group(2) + "(");
                }
            }
            final Matcher link = LINK.matcher(text);
            while (link.find()) {
                assertThat(page.resolveSibling(link.group(1))).as("%s", page).exists();
            }
        }
    }

    private static Row row(final Map<String, Row> rows, final String name) {
        final Row row = rows.get(name);
        if (row == null) {
            throw new AssertionError("no row in " + PAGES + "/README.md: " + name);
        }
        return row;
    }

    private static Map<String, Row> rows() throws IOException {
        final Map<String, Row> rows = new TreeMap<>();
        final Matcher row = ROW.matcher(Files.readString(folder().resolve("README.md")));
        while (row.find()) {
            final Row before = rows.put(
                    row.group(1),
                    new Row(row.group(2), row.group(3).strip(), row.group(4).strip()));
            assertThat(before).as("twice: %s", row.group(1)).isNull();
        }
        return rows;
    }

    private static Path folder() {
        return Stacks.root().resolve(PAGES);
    }

    private static Set<String> names(final Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return new HashSet<>(
                    files.map(file -> String.valueOf(file.getFileName())).toList());
        }
    }

    private static List<Path> pages() throws IOException {
        try (Stream<Path> files = Files.walk(Stacks.root().resolve("docs/operating"))) {
            return files.filter(file -> file.toString().endsWith(".md")).toList();
        }
    }

    /** The sources of all tests by the names of their classes. */
    private static Map<String, String> tests() throws IOException {
        final Map<String, String> tests = new TreeMap<>();
        try (Stream<Path> modules = Files.list(Stacks.root())) {
            for (final Path module : modules.toList()) {
                final Path folder = module.resolve("src/test/java");
                if (!Files.isDirectory(folder)) {
                    continue;
                }
                try (Stream<Path> files = Files.walk(folder)) {
                    for (final Path file : files.filter(f -> f.toString().endsWith("Test.java"))
                            .toList()) {
                        final String name = String.valueOf(file.getFileName());
                        tests.put(
                                name.substring(0, name.length() - ".java".length()),
                                Files.readString(file));
                    }
                }
            }
        }
        return tests;
    }
}
