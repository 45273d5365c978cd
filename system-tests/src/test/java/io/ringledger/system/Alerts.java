package io.ringledger.system;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The alert rules and the dashboard in infra/observability. */
final class Alerts {
    static final String FOLDER = "infra/observability";

    private static final Pattern METER =
            Pattern.compile("\\b(?:ringledger|jvm|process|system)_[a-z_]+\\b");

    private Alerts() {}

    /** One alert rule. */
    record Rule(String name, String expression, String severity, String summary, String page) {}

    /** Every rule by its name. */
    static Map<String, Rule> rules() throws IOException {
        final JsonNode file = new YAMLMapper()
                .readTree(Stacks.root().resolve(FOLDER).resolve("rules.yaml").toFile());
        final Map<String, Rule> rules = new TreeMap<>();
        for (final JsonNode group : file.path("groups")) {
            for (final JsonNode rule : group.path("rules")) {
                final String name = rule.path("alert").asText();
                final JsonNode annotations = rule.path("annotations");
                final Rule before = rules.put(
                        name,
                        new Rule(
                                name,
                                rule.path("expr").asText(),
                                rule.path("labels").path("severity").asText(),
                                annotations.path("summary").asText(),
                                annotations.path("runbook").asText()));
                if (before != null) {
                    throw new IllegalStateException("twice in the rules: " + name);
                }
            }
        }
        return rules;
    }

    static JsonNode dashboard() throws IOException {
        final Path file = Stacks.root().resolve(FOLDER).resolve("dashboard.json");
        return new ObjectMapper().readTree(file.toFile());
    }

    /** Every expression of the dashboard. */
    static List<String> dashboardExpressions() throws IOException {
        final List<String> expressions = new ArrayList<>();
        final JsonNode dashboard = dashboard();
        dashboard.findValues("expr").forEach(expr -> expressions.add(expr.asText()));
        dashboard.findValues("query").stream()
                .filter(JsonNode::isTextual)
                .forEach(query -> expressions.add(query.asText()));
        return expressions;
    }

    /** The meters that expressions ask for. */
    static Set<String> meters(final Iterable<String> expressions) {
        final Set<String> meters = new TreeSet<>();
        for (final String expression : expressions) {
            final Matcher found = METER.matcher(expression);
            while (found.find()) {
                meters.add(found.group());
            }
        }
        return meters;
    }

    /** The meters that rules and dashboard ask for. */
    static Set<String> allMeters() throws IOException {
        final Set<String> expressions = new HashSet<>(dashboardExpressions());
        rules().values().forEach(rule -> expressions.add(rule.expression()));
        return meters(expressions);
    }
}
