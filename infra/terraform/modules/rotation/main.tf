# The processes read their password when they start. So rotating is not enough, whoever uses it has to be started anew:
# this asks for the rotation, waits until the new password is the current one, and restarts the services.
#
# In between, open connections go on and new ones are refused: the projector retries in place, the read model answers
# 503 view_unavailable where it needs a new connection. Commands do not use the database.

locals {
  states = merge(
    {
      Rotate = {
        Type     = "Task"
        Resource = "arn:aws:states:::aws-sdk:secretsmanager:rotateSecret"
        Arguments = {
          SecretId          = var.secret_arn
          RotateImmediately = true
        }
        Assign = { version = "{% $states.result.VersionId %}" }
        Next   = "Wait"
      }
      Wait = {
        Type    = "Wait"
        Seconds = 15
        Next    = "Look"
      }
      Look = {
        Type      = "Task"
        Resource  = "arn:aws:states:::aws-sdk:secretsmanager:describeSecret"
        Arguments = { SecretId = var.secret_arn }
        Assign    = { isCurrent = "{% 'AWSCURRENT' in $lookup($states.result.VersionIdsToStages, $version) %}" }
        Retry     = [{ ErrorEquals = ["States.TaskFailed"], MaxAttempts = 5 }]
        Next      = "IsCurrent"
      }
      IsCurrent = {
        Type    = "Choice"
        Choices = [{ Condition = "{% $isCurrent %}", Next = "Restart0" }]
        Default = "Wait"
      }
      Done = { Type = "Succeed" }
    },
    {
      for index, service in var.services : "Restart${index}" => {
        Type     = "Task"
        Resource = "arn:aws:states:::aws-sdk:ecs:updateService"
        Arguments = {
          Cluster            = var.cluster_name
          Service            = service.name
          ForceNewDeployment = true
        }
        Retry = [{ ErrorEquals = ["States.TaskFailed"], MaxAttempts = 5 }]
        Next  = index + 1 < length(var.services) ? "Restart${index + 1}" : "Done"
      }
    }
  )
}

data "aws_caller_identity" "current" {}

resource "aws_sfn_state_machine" "rotation" {
  name     = "${var.name}-rotation"
  role_arn = aws_iam_role.rotation.arn

  definition = jsonencode({
    Comment        = "Rotates the password of the views and restarts who uses it"
    QueryLanguage  = "JSONata"
    StartAt        = "Rotate"
    TimeoutSeconds = 1800
    States         = local.states
  })
}

resource "aws_scheduler_schedule" "rotation" {
  name                         = "${var.name}-rotation"
  schedule_expression          = var.schedule
  schedule_expression_timezone = "UTC"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_sfn_state_machine.rotation.arn
    role_arn = aws_iam_role.schedule.arn
  }
}

data "aws_iam_policy_document" "rotation" {
  statement {
    sid       = "Rotate"
    resources = [var.secret_arn]
    actions = [
      "secretsmanager:RotateSecret",   # main.tf Rotate
      "secretsmanager:DescribeSecret", # main.tf Look
    ]
  }

  statement {
    sid       = "Restart"
    resources = var.services[*].arn
    actions = [
      "ecs:UpdateService", # main.tf updateService
    ]
  }
}

data "aws_iam_policy_document" "schedule" {
  statement {
    sid       = "Start"
    resources = [aws_sfn_state_machine.rotation.arn]
    actions = [
      "states:StartExecution", # main.tf aws_scheduler_schedule
    ]
  }
}

data "aws_iam_policy_document" "trust" {
  for_each = toset(["states.amazonaws.com", "scheduler.amazonaws.com"])

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = [each.key]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

resource "aws_iam_role" "rotation" {
  name               = "${var.name}-rotation"
  description        = "Rotates the password of the views of ${var.name}"
  assume_role_policy = data.aws_iam_policy_document.trust["states.amazonaws.com"].json
}

resource "aws_iam_role" "schedule" {
  name               = "${var.name}-rotation-schedule"
  description        = "Starts the rotation of ${var.name}"
  assume_role_policy = data.aws_iam_policy_document.trust["scheduler.amazonaws.com"].json
}

resource "aws_iam_role_policy" "rotation" {
  name   = "rotation"
  role   = aws_iam_role.rotation.id
  policy = data.aws_iam_policy_document.rotation.json
}

resource "aws_iam_role_policy" "schedule" {
  name   = "schedule"
  role   = aws_iam_role.schedule.id
  policy = data.aws_iam_policy_document.schedule.json
}
