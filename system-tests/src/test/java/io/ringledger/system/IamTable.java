package io.ringledger.system;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The page docs/operating/iam.md. */
final class IamTable {
    /** Who has the rights of a document. */
    private static final Map<String, String> HOLDERS = Map.of(
            "ledger", "`ledger`",
            "consumer", "`kinesis-consumer`",
            "metrics", "collector, beside each service",
            "traces", "collector, beside each service, where traces are on",
            "execution", "Fargate, to start a task",
            "execution_secret", "Fargate, to start `database-roles`",
            "read_model", "`read-model`");

    /** What the files say, in words. */
    private static final Map<String, String> RESOURCES = Map.ofEntries(
            Map.entry("var.stream.arn", "the stream"),
            Map.entry(
                    "concat([var.stream.arn], var.stream.consumer_arns)",
                    "the stream, its two consumers (only with `retrieval = \"fan_out\"`)"),
            Map.entry("var.tables.ledger_arn", "the ledger's table"),
            Map.entry(
                    "var.tables.projector_arn, var.tables.follower_arn",
                    "the tables of projector and follower"),
            Map.entry(
                    "\"${var.tables.projector_arn}/index/LeaseOwnerToLeaseKeyIndex\","
                            + " \"${var.tables.follower_arn}/index/LeaseOwnerToLeaseKeyIndex\"",
                    "index `LeaseOwnerToLeaseKeyIndex` of these tables"),
            Map.entry(
                    "local.kcl_former_table_arns",
                    "tables named as these with `-CoordinatorState` and `-WorkerMetricStats`,"
                            + " which do not exist"),
            Map.entry("var.snapshots.arn", "the bucket"),
            Map.entry(
                    "\"${var.snapshots.arn}/${var.snapshots.prefix}/*\"",
                    "objects of the bucket under `snapshots/`"),
            Map.entry("var.kms_key_arn", "the key, through Kinesis and S3 only"),
            Map.entry(
                    "\"${aws_cloudwatch_log_group.metrics.arn}:*\"",
                    "log streams of the metrics' group"),
            Map.entry("local.repository_arns", "the repositories of the images"),
            Map.entry("\"*\"", "`*`"),
            Map.entry(
                    "concat([\"${aws_cloudwatch_log_group.service[each.key].arn}:*\"],"
                            + " each.key == \"database_roles\" ? [] :"
                            + " [\"${aws_cloudwatch_log_group.collector.arn}:*\"])",
                    "log streams of its own group, and of the collector's where one is beside it"),
            Map.entry("var.database.consumer.arn", "role `ringledger_consumer` of the database"),
            Map.entry("var.database.reader.arn", "role `ringledger_reader` of the database"),
            Map.entry("var.database.secret_arn", "the secret of the administrator's password"));

    private IamTable() {}

    static String of(
            final List<IamPolicies.Statement> rights,
            final Map<String, String> wildcards,
            final Map<String, String> notAllowed,
            final Map<String, Path> classes) {
        final StringBuilder page = new StringBuilder("""
                # Who may do what in AWS

                Every right that [infra/terraform](../../infra/terraform/README.md) gives, action
                by action, with the code that needs it. Made from the files by `TerraformIamTest`,
                which also fails where a method is not there any more, where code calls what is
                not allowed, and where a resource is `*` without a reason.

                `read-model` has one right: to log in to the database as a role that may only read.
                `KclScheduler` and `CheckpointWriter` are where KCL 3.5.1 begins; what it calls
                was read in its source. `database-roles`, which makes the roles of the database
                and ends, has no right in AWS; Fargate hands it the password. No process may make,
                change or delete a table, a stream or a bucket.

                | who | action | resource | needed by |
                | --- | --- | --- | --- |
                """);
        for (final IamPolicies.Statement statement : rights) {
            for (final IamPolicies.Action action : statement.actions()) {
                page.append("| ").append(name(HOLDERS, statement.document()));
                page.append(" | `").append(action.name());
                page.append("` | ").append(name(RESOURCES, statement.resources()));
                page.append(" | ");
                page.append(action.needs().stream()
                        .map(need -> link(statement, need, classes))
                        .collect(Collectors.joining(", ")));
                page.append(" |\n");
            }
        }
        page.append("\n## Where the resource is `*`\n\n| statement | why |\n| --- | --- |\n");
        wildcards.forEach((where, why) -> page.append("| `infra/terraform/")
                .append(where)
                .append("` | ")
                .append(why)
                .append(" |\n"));
        page.append("\n## What the code can call and may not\n\n");
        page.append("| class and call | why |\n| --- | --- |\n");
        notAllowed.forEach((call, why) ->
                page.append("| `").append(call).append("` | ").append(why).append(" |\n"));
        page.append("\n**Rehearsed by** `TerraformIamTest`: the files against the code. Not against"
                + " AWS: nothing of it has ever\nbeen applied to an account.\n");
        return page.toString();
    }

    private static String name(final Map<String, String> names, final String written) {
        final String name = names.get(written);
        if (name == null) {
            throw new IllegalStateException("has no words in IamTable yet: " + written);
        }
        return name;
    }

    private static String link(
            final IamPolicies.Statement statement,
            final String need,
            final Map<String, Path> classes) {
        if (need.contains(".tf ")) {
            final String[] fileAndName = need.split(" ", 2);
            final Path file =
                    Path.of("infra/terraform", statement.file()).resolveSibling(fileAndName[0]);
            return "[" + fileAndName[0] + "](../../" + file + ") `" + fileAndName[1] + "`";
        }
        final String type = need.substring(0, need.indexOf('.'));
        return "[`" + need + "`](../../" + classes.get(type) + ")";
    }
}
