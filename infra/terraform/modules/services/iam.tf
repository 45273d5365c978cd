# Each action stands with the method that needs it, by name of its class, or with the file and name here; a test holds
# these notes against the code, and makes docs/operating/iam.md of them.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.region

  # 123456789012.dkr.ecr.REGION.amazonaws.com/NAME@sha256:… or :TAG
  images = {
    for image in compact([var.image, var.ledger_image, var.collector_image]) :
    image => regex("^(?P<account>[0-9]+)[.]dkr[.]ecr[.](?P<region>[^.]+)[.][^/]+/(?P<name>[^:@]+)", image)
  }
  repository_arns = distinct([
    for image in local.images :
    "arn:${local.partition}:ecr:${image.region}:${image.account}:repository/${image.name}"
  ])

  # What KCL 3.5 looks for at its start and does not find: the tables of the versions before it. Without this right it
  # is refused an answer, and does not start.
  kcl_former_table_arns = flatten([
    for arn in [var.tables.projector_arn, var.tables.follower_arn] :
    ["${arn}-CoordinatorState", "${arn}-WorkerMetricStats"]
  ])
}

# ---- the ledger ----

data "aws_iam_policy_document" "ledger" {
  statement {
    sid       = "Log"
    resources = [var.stream.arn]
    actions = [
      "kinesis:PutRecord",        # KinesisPartitionLog.append
      "kinesis:ListShards",       # ShardLine.list
      "kinesis:GetShardIterator", # KinesisLogReader.openIterator
      "kinesis:GetRecords",       # KinesisLogReader.read
    ]
  }

  statement {
    sid       = "Ownership"
    resources = [var.tables.ledger_arn]
    actions = [
      "dynamodb:PutItem",    # LedgerTable.requireLedger, DynamoDbLeaseTable.take, DynamoDbLeaseTable.announce
      "dynamodb:GetItem",    # DynamoDbLeaseTable.read
      "dynamodb:UpdateItem", # DynamoDbLeaseTable.update
      "dynamodb:DeleteItem", # DynamoDbLeaseTable.remove
      "dynamodb:Scan",       # DynamoDbLeaseTable.scan
    ]
  }

  # Without a condition on the prefix: a snapshot that is gone meanwhile would be "denied" then, not "not there".
  statement {
    sid       = "ListSnapshots"
    resources = [var.snapshots.arn]
    actions = [
      "s3:ListBucket", # S3SnapshotStore.objects
    ]
  }

  statement {
    sid       = "ReadSnapshots"
    resources = ["${var.snapshots.arn}/${var.snapshots.prefix}/*"]
    actions = [
      "s3:GetObject", # S3SnapshotStore.open
    ]
  }

  statement {
    sid       = "Encryption"
    resources = [var.kms_key_arn]
    actions = [
      "kms:GenerateDataKey", # KinesisPartitionLog.append
      "kms:Decrypt",         # KinesisLogReader.read, S3SnapshotStore.open
    ]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["kinesis.${local.region}.amazonaws.com", "s3.${local.region}.amazonaws.com"]
    }
  }
}

# ---- the kinesis-consumer ----

data "aws_iam_policy_document" "consumer" {
  statement {
    sid       = "Log"
    resources = [var.stream.arn]
    actions = [
      "kinesis:DescribeStreamSummary", # LogStream.await
      "kinesis:ListShards",            # LogStream.shards, KclScheduler.leases
      "kinesis:GetShardIterator",      # KinesisShardHistory.readShard, KclScheduler.retrievalSpecific
      "kinesis:GetRecords",            # KinesisShardHistory.readShard, KclScheduler.retrievalSpecific
    ]
  }

  dynamic "statement" {
    for_each = length(var.stream.consumer_arns) == 0 ? [] : [var.stream.consumer_arns]

    content {
      sid       = "FanOut"
      resources = concat([var.stream.arn], var.stream.consumer_arns)
      actions = [
        "kinesis:DescribeStreamConsumer", # KclScheduler.retrievalSpecific
        "kinesis:SubscribeToShard",       # KclScheduler.retrievalSpecific
      ]
    }
  }

  statement {
    sid       = "Leases"
    resources = [var.tables.projector_arn, var.tables.follower_arn]
    actions = [
      "dynamodb:DescribeTable", # LeaseTable.describe, KclScheduler.leases
      "dynamodb:PutItem",       # LeaseTable.seed, KclScheduler.leases
      "dynamodb:GetItem",       # KclScheduler.leases
      "dynamodb:UpdateItem",    # KclScheduler.leases, CheckpointWriter.write
      "dynamodb:DeleteItem",    # KclScheduler.leases
      "dynamodb:Scan",          # KclScheduler.leases
    ]
  }

  statement {
    sid       = "LeasesByOwner"
    resources = ["${var.tables.projector_arn}/index/LeaseOwnerToLeaseKeyIndex", "${var.tables.follower_arn}/index/LeaseOwnerToLeaseKeyIndex"]
    actions = [
      "dynamodb:Query", # KclScheduler.leases
    ]
  }

  statement {
    sid       = "FormerTables"
    resources = local.kcl_former_table_arns
    actions = [
      "dynamodb:DescribeTable", # KclScheduler.coordinator, KclScheduler.leases
    ]
  }

  statement {
    sid       = "ListSnapshots"
    resources = [var.snapshots.arn]
    actions = [
      "s3:ListBucket", # S3SnapshotStore.objects
    ]
  }

  statement {
    sid       = "Snapshots"
    resources = ["${var.snapshots.arn}/${var.snapshots.prefix}/*"]
    actions = [
      "s3:GetObject",            # S3SnapshotStore.open, S3SnapshotStore.copy
      "s3:PutObject",            # S3Upload.complete, S3Upload.sendPart, S3SnapshotStore.copy
      "s3:DeleteObject",         # S3SnapshotStore.delete, S3SnapshotStore.deleteQuietly
      "s3:AbortMultipartUpload", # S3SnapshotStore.abort
    ]
  }

  statement {
    sid       = "Views"
    resources = [var.database.consumer.arn]
    actions = [
      "rds-db:connect", # IamPassword.password
    ]
  }

  statement {
    sid       = "Encryption"
    resources = [var.kms_key_arn]
    actions = [
      "kms:GenerateDataKey", # S3Upload.complete
      "kms:Decrypt",         # KinesisShardHistory.readShard, S3SnapshotStore.open, S3Upload.complete
    ]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["kinesis.${local.region}.amazonaws.com", "s3.${local.region}.amazonaws.com"]
    }
  }
}

# ---- the read model ----

data "aws_iam_policy_document" "read_model" {
  statement {
    sid       = "Views"
    resources = [var.database.reader.arn]
    actions = [
      "rds-db:connect", # IamPassword.password
    ]
  }
}

# ---- every service, where there is a collector ----

data "aws_iam_policy_document" "metrics" {
  statement {
    sid       = "Metrics"
    resources = ["${aws_cloudwatch_log_group.metrics.arn}:*"]
    actions = [
      "logs:CreateLogStream", # collector.tf awsemf
      "logs:PutLogEvents",    # collector.tf awsemf
    ]
  }
}

# AWS knows no resource for this action: with anything but * it is refused.
data "aws_iam_policy_document" "traces" {
  statement {
    sid       = "Traces"
    resources = ["*"]
    actions = [
      "xray:PutTraceSegments", # collector.tf awsxray
    ]
  }
}

# ---- Fargate, which starts the tasks: no process has these rights ----

data "aws_iam_policy_document" "execution" {
  for_each = local.tasks

  statement {
    sid       = "Image"
    resources = local.repository_arns
    actions = [
      "ecr:BatchGetImage",               # tasks.tf image
      "ecr:GetDownloadUrlForLayer",      # tasks.tf image
      "ecr:BatchCheckLayerAvailability", # tasks.tf image
    ]
  }

  # AWS knows no resource for this action: with anything but * it is refused.
  statement {
    sid       = "Registry"
    resources = ["*"]
    actions = [
      "ecr:GetAuthorizationToken", # tasks.tf image
    ]
  }

  statement {
    sid       = "Logs"
    resources = concat(["${aws_cloudwatch_log_group.service[each.key].arn}:*"], each.key == "database_roles" ? [] : ["${aws_cloudwatch_log_group.collector.arn}:*"])
    actions = [
      "logs:CreateLogStream", # tasks.tf logConfiguration
      "logs:PutLogEvents",    # tasks.tf logConfiguration
    ]
  }
}

data "aws_iam_policy_document" "execution_secret" {
  statement {
    sid       = "Password"
    resources = [var.database.secret_arn]
    actions = [
      "secretsmanager:GetSecretValue", # roles.tf secrets
    ]
  }
}

# ---- roles ----

data "aws_iam_policy_document" "tasks_only" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["arn:${local.partition}:ecs:${local.region}:${local.account}:*"]
    }
  }
}

resource "aws_iam_role" "task" {
  for_each = toset(["ledger", "consumer", "read_model"])

  name               = "${var.name}-${replace(each.key, "_", "-")}-task"
  description        = "What the ${replace(each.key, "_", "-")} of ${var.name} may do"
  assume_role_policy = data.aws_iam_policy_document.tasks_only.json
}

resource "aws_iam_role" "execution" {
  for_each = local.tasks

  name               = "${var.name}-${replace(each.key, "_", "-")}-execution"
  description        = "What Fargate may do to start the ${replace(each.key, "_", "-")} of ${var.name}"
  assume_role_policy = data.aws_iam_policy_document.tasks_only.json
}

resource "aws_iam_role_policy" "ledger" {
  name   = "ledger"
  role   = aws_iam_role.task["ledger"].id
  policy = data.aws_iam_policy_document.ledger.json
}

resource "aws_iam_role_policy" "consumer" {
  name   = "consumer"
  role   = aws_iam_role.task["consumer"].id
  policy = data.aws_iam_policy_document.consumer.json
}

resource "aws_iam_role_policy" "read_model" {
  name   = "read-model"
  role   = aws_iam_role.task["read_model"].id
  policy = data.aws_iam_policy_document.read_model.json
}

resource "aws_iam_role_policy" "metrics" {
  for_each = var.collector_image == null ? toset([]) : toset(["ledger", "consumer", "read_model"])

  name   = "metrics"
  role   = aws_iam_role.task[each.key].id
  policy = data.aws_iam_policy_document.metrics.json
}

resource "aws_iam_role_policy" "traces" {
  for_each = var.collector_image != null && var.traces.enabled ? toset(["ledger", "consumer", "read_model"]) : toset([])

  name   = "traces"
  role   = aws_iam_role.task[each.key].id
  policy = data.aws_iam_policy_document.traces.json
}

resource "aws_iam_role_policy" "execution" {
  for_each = local.tasks

  name   = "start"
  role   = aws_iam_role.execution[each.key].id
  policy = data.aws_iam_policy_document.execution[each.key].json
}

resource "aws_iam_role_policy" "execution_secret" {
  name   = "password"
  role   = aws_iam_role.execution["database_roles"].id
  policy = data.aws_iam_policy_document.execution_secret.json
}
