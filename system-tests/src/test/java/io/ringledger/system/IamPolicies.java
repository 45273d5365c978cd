package io.ringledger.system;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The policies of infra/terraform, out of its {@code aws_iam_policy_document}s. */
final class IamPolicies {
    private static final Pattern DOCUMENT =
            Pattern.compile("(?m)^data \"aws_iam_policy_document\" \"(\\w+)\" \\{");
    private static final Pattern STATEMENT =
            Pattern.compile("(?m)^ +(statement|dynamic \"statement\") \\{");
    private static final Pattern SID = Pattern.compile("(?m)^ +sid += \"(\\w+)\"$");
    private static final Pattern RESOURCES = Pattern.compile("(?m)^ +resources += (.+)$");
    private static final Pattern ACTIONS = Pattern.compile("(?s)actions += \\[(.*?)]");
    private static final Pattern ACTION = Pattern.compile("\"([^\"]+)\",?(?: *# (.+))?");

    private IamPolicies() {}

    /**
     * An action, with the note that says who needs it.
     *
     * @param needs {@code Class.method} or {@code file.tf name}; empty without a note
     */
    record Action(String name, List<String> needs) {}

    /**
     * A statement.
     *
     * @param document its name, and the file that it is in
     * @param isOfResource true if it says who may: it belongs to a resource, or is a role's trust
     * @param resources as they are written, without the brackets
     */
    record Statement(
            String file,
            String document,
            String sid,
            boolean isOfResource,
            String resources,
            List<Action> actions) {
        boolean hasWildcardResource() {
            return resources.matches(".*\"\\*\".*");
        }

        String where() {
            return file + " " + document + " " + sid;
        }
    }

    static List<Statement> of(final TerraformFiles terraform) {
        final List<Statement> statements = new ArrayList<>();
        for (final TerraformFiles.Block document : terraform.blocks(DOCUMENT)) {
            final Matcher name = DOCUMENT.matcher(document.head());
            if (!name.find()) {
                throw new IllegalStateException("no document: " + document.head());
            }
            TerraformFiles.blocks(document.file(), document.body(), STATEMENT)
                    .forEach(block -> statements.add(statement(name.group(1), block)));
        }
        return statements;
    }

    private static Statement statement(final String document, final TerraformFiles.Block block) {
        final String body = block.body();
        return new Statement(
                block.file().toString(),
                document,
                first(SID, body),
                body.contains("principals {"),
                first(RESOURCES, body).replaceAll("^\\[|]$", ""),
                actions(body));
    }

    private static String first(final Pattern pattern, final String text) {
        final Matcher found = pattern.matcher(text);
        return found.find() ? found.group(1).strip() : "";
    }

    private static List<Action> actions(final String body) {
        final List<Action> actions = new ArrayList<>();
        final Matcher found = ACTION.matcher(first(ACTIONS, body));
        while (found.find()) {
            final String note = found.group(2);
            actions.add(new Action(
                    found.group(1),
                    note == null ? List.of() : Arrays.stream(note.split(", ")).toList()));
        }
        return actions;
    }

    /** Every other way to write a policy, which would get past the tests. */
    static Stream<String> otherWays(final TerraformFiles terraform) {
        return terraform.texts().entrySet().stream()
                .flatMap(file -> Stream.of(
                                "aws_iam_policy\"",
                                "aws_iam_role_policy_attachment",
                                "aws_iam_policy_attachment",
                                "managed_policy_arns",
                                "inline_policy",
                                "source_policy_documents",
                                "override_policy_documents",
                                "not_actions",
                                "not_resources",
                                "\"Effect\"",
                                "Effect =",
                                "AdministratorAccess")
                        .filter(way -> file.getValue().contains(way))
                        .map(way -> file.getKey() + ": " + way));
    }
}
