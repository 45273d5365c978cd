# One image, three services: its entry point starts the one that the first argument names.

data "aws_region" "current" {}

locals {
  services = {
    ledger = {
      image       = var.ledger_image
      command     = ["ledger"]
      cpu         = var.ledger.cpu
      memory      = var.ledger.memory
      environment = merge(local.http_environment, local.token_environment, local.ledger_environment)
      secrets     = local.ledger_secrets
      task_role   = aws_iam_role.task["ledger"].arn
    }
    consumer = {
      image       = var.image
      command     = ["kinesis-consumer"]
      cpu         = var.consumer.cpu
      memory      = var.consumer.memory
      environment = merge(local.http_environment, local.consumer_environment)
      secrets     = local.consumer_secrets
      task_role   = aws_iam_role.task["consumer"].arn
    }
    read_model = {
      image       = var.image
      command     = ["read-model"]
      cpu         = var.read_model.cpu
      memory      = var.read_model.memory
      environment = merge(local.http_environment, local.token_environment, local.read_model_environment)
      secrets     = local.read_model_secrets
      task_role   = aws_iam_role.task["read_model"].arn
    }
  }

  # Whatever Fargate starts: the services, and what makes the roles of the database.
  tasks = toset(["ledger", "consumer", "read_model", "database_roles"])

  # Of the SDK, not of the processes: the region of every client.
  aws_environment = {
    AWS_REGION = data.aws_region.current.region
  }

  # What the collector may take of a task's memory; the rest is the service's, and its JVM sizes itself by it.
  collector_memory = var.collector_image == null ? 0 : 256
}

resource "aws_cloudwatch_log_group" "service" {
  for_each = local.tasks

  name              = "/ringledger/${var.name}/${replace(each.key, "_", "-")}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

resource "aws_ecs_cluster" "this" {
  name = var.name

  setting {
    name  = "containerInsights"
    value = "disabled"
  }
}

resource "aws_ecs_task_definition" "service" {
  for_each = local.services

  family                   = "${var.name}-${replace(each.key, "_", "-")}"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = each.value.cpu
  memory                   = each.value.memory
  execution_role_arn       = aws_iam_role.execution[each.key].arn
  task_role_arn            = each.value.task_role

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = var.architecture
  }

  # The root of the container is read-only. Native libraries (zstd, Netty) are unpacked and loaded here, so a tmpfs,
  # which does not execute, would not do. The image declares it as a volume, or it belongs to root.
  volume {
    name = "tmp"
  }

  container_definitions = jsonencode(concat([
    {
      name                   = "service"
      image                  = each.value.image
      essential              = true
      command                = each.value.command
      memory                 = each.value.memory - local.collector_memory
      readonlyRootFilesystem = true
      stopTimeout            = 60
      mountPoints            = [{ sourceVolume = "tmp", containerPath = "/tmp", readOnly = false }]
      portMappings           = [{ containerPort = var.service_port, protocol = "tcp" }]

      # Whether it answers at all: one that does not is replaced. ECS does not look at the image's own check.
      healthCheck = {
        command     = ["CMD", "/opt/ringledger/bin/ringledger", "health", "live"]
        interval    = 10
        timeout     = 5
        retries     = 3
        startPeriod = 60
      }

      linuxParameters = {
        initProcessEnabled = true
        capabilities       = { drop = ["ALL"] }
      }

      environment = [
        for name, value in merge(local.aws_environment, each.value.environment) :
        { name = name, value = tostring(value) }
      ]

      secrets = [for name, from in each.value.secrets : { name = name, valueFrom = from }]

      logConfiguration = {
        logDriver = "awslogs"
        options = {
          awslogs-group         = aws_cloudwatch_log_group.service[each.key].name
          awslogs-region        = data.aws_region.current.region
          awslogs-stream-prefix = "service"
          # A log that cannot be reached must not stop a process that writes a line.
          mode            = "non-blocking"
          max-buffer-size = "25m"
        }
      }
    }
  ], local.collector[each.key]))
}

resource "aws_ecs_service" "ledger" {
  name                               = "ledger"
  cluster                            = aws_ecs_cluster.this.id
  task_definition                    = aws_ecs_task_definition.service["ledger"].arn
  desired_count                      = var.ledger.count
  launch_type                        = "FARGATE"
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  health_check_grace_period_seconds  = 60
  propagate_tags                     = "SERVICE"

  # New processes first. An old one that is asked to stop hands its partitions over, without the lease time.
  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    subnets          = var.network.subnet_ids
    security_groups  = [var.network.security_group_ids["ledger"]]
    assign_public_ip = false
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.ledger.arn
    container_name   = "service"
    container_port   = var.service_port
  }

  depends_on = [aws_lb_listener.this, aws_iam_role_policy.ledger, aws_iam_role_policy.execution]
}

resource "aws_ecs_service" "consumer" {
  name                               = "kinesis-consumer"
  cluster                            = aws_ecs_cluster.this.id
  task_definition                    = aws_ecs_task_definition.service["consumer"].arn
  desired_count                      = var.consumer.count
  launch_type                        = "FARGATE"
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  propagate_tags                     = "SERVICE"

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    subnets          = var.network.subnet_ids
    security_groups  = [var.network.security_group_ids["consumer"]]
    assign_public_ip = false
  }

  depends_on = [aws_iam_role_policy.consumer, aws_iam_role_policy.execution]
}

resource "aws_ecs_service" "read_model" {
  name                               = "read-model"
  cluster                            = aws_ecs_cluster.this.id
  task_definition                    = aws_ecs_task_definition.service["read_model"].arn
  desired_count                      = var.read_model.count
  launch_type                        = "FARGATE"
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  propagate_tags                     = "SERVICE"

  # It is ready once the consumer has made the views, and that once the roles of the database are there.
  health_check_grace_period_seconds = 300

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    subnets          = var.network.subnet_ids
    security_groups  = [var.network.security_group_ids["read_model"]]
    assign_public_ip = false
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.read_model.arn
    container_name   = "service"
    container_port   = var.service_port
  }

  # The scaling below moves it.
  lifecycle {
    ignore_changes = [desired_count]
  }

  depends_on = [aws_lb_listener.this, aws_iam_role_policy.read_model, aws_iam_role_policy.execution]
}

# Queries alone: more ledger processes than partitions have nothing to do, nor have more consumers than shards.
resource "aws_appautoscaling_target" "read_model" {
  service_namespace  = "ecs"
  resource_id        = "service/${aws_ecs_cluster.this.name}/${aws_ecs_service.read_model.name}"
  scalable_dimension = "ecs:service:DesiredCount"
  min_capacity       = var.read_model.count
  max_capacity       = var.read_model.max_count
}

resource "aws_appautoscaling_policy" "read_model" {
  name               = "cpu"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.read_model.service_namespace
  resource_id        = aws_appautoscaling_target.read_model.resource_id
  scalable_dimension = aws_appautoscaling_target.read_model.scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value       = 60
    scale_out_cooldown = 60
    scale_in_cooldown  = 300

    predefined_metric_specification {
      predefined_metric_type = "ECSServiceAverageCPUUtilization"
    }
  }
}
