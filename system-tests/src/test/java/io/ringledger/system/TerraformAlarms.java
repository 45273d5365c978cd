package io.ringledger.system;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The names of the alarms in infra/terraform. */
final class TerraformAlarms {
    private static final Pattern NAMED = Pattern.compile("(?m)^ {4,6}([a-z][a-z0-9-]+) = \\{$");
    private static final Pattern FAMILY =
            Pattern.compile("for [^:{\\n]+(?:\\{[^}]*})? :\\s+\"(.+)\" => \\{");

    /** Alarms that a loop makes: its source, and what their names are, "…" for what a deployment decides. */
    private static final Map<String, List<String>> FAMILIES = Map.ofEntries(
            Map.entry(
                    "for result, threshold in { overloaded = 100, no_owner = 100, outcome_unknown ="
                            + " 10, internal_error = 0 } : \"answers-${replace(result, \"_\","
                            + " \"-\")}\" => {",
                    List.of(
                            "answers-overloaded",
                            "answers-no-owner",
                            "answers-outcome-unknown",
                            "answers-internal-error")),
            Map.entry(
                    "for consumer in var.fan_out_consumers : \"log-${consumer}-behind\" => {",
                    List.of("log-…-behind")),
            Map.entry(
                    "for kind in [\"Read\", \"Write\"] :"
                            + " \"table-${purpose}-${lower(kind)}s-throttled\" => {",
                    List.of("table-…-throttled")),
            sides("no-target"),
            sides("5xx"),
            sides("slow"),
            Map.entry(
                    "for metric in [\"CPUUtilization\", \"MemoryUtilization\"] :"
                            + " \"${service}-${lower(trimsuffix(metric, \"Utilization\"))}\" => {",
                    List.of("…-cpu", "…-memory")),
            Map.entry(
                    "for purpose in [\"database\"] : \"${purpose}-capacity\" => {",
                    List.of("database-capacity")));

    private TerraformAlarms() {}

    private static Map.Entry<String, List<String>> sides(final String what) {
        return Map.entry(
                "for side in [\"ledger\", \"read_model\"] : \"${replace(side, \"_\", \"-\")}-"
                        + what + "\" => {",
                List.of("ledger-" + what, "read-model-" + what));
    }

    /** Every alarm; fails if there is a loop that is not known here. */
    static Set<String> names() throws IOException {
        final TerraformFiles terraform = TerraformFiles.read();
        final Set<String> names = new TreeSet<>();
        final Set<String> families = new TreeSet<>(FAMILIES.keySet());
        for (final String file : List.of("services.tf", "platform.tf")) {
            final String text = terraform.text("modules/alarms/" + file);
            final Matcher named = NAMED.matcher(text);
            while (named.find()) {
                names.add(named.group(1));
            }
            final Matcher family = FAMILY.matcher(text);
            while (family.find()) {
                final String loop = family.group().replaceAll("\\s+", " ");
                final List<String> made = FAMILIES.get(loop);
                if (made == null) {
                    throw new IllegalStateException(
                            file + " has a loop of alarms that is not known here: " + loop);
                }
                families.remove(loop);
                names.addAll(made);
            }
        }
        if (!families.isEmpty()) {
            throw new IllegalStateException("no such loops of alarms any more: " + families);
        }
        return names;
    }
}
