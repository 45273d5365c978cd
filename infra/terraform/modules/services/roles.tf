# Makes the roles of the database that the services log in with, and ends. Run by hand, once for each database, by the
# command that is an output: no service waits for it, or has what it has, the administrator's password. It asks nothing
# of AWS, so it has no role there but the one that starts it.

resource "aws_ecs_task_definition" "database_roles" {
  family                   = "${var.name}-database-roles"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 1024
  execution_role_arn       = aws_iam_role.execution["database_roles"].arn

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = var.architecture
  }

  # As for the services.
  volume {
    name = "tmp"
  }

  container_definitions = jsonencode([
    {
      name                   = "database-roles"
      image                  = var.image
      essential              = true
      command                = ["database-roles"]
      readonlyRootFilesystem = true
      mountPoints            = [{ sourceVolume = "tmp", containerPath = "/tmp", readOnly = false }]
      environment            = [for name, value in local.roles_environment : { name = name, value = tostring(value) }]
      secrets                = [for name, from in local.roles_secrets : { name = name, valueFrom = from }]

      linuxParameters = {
        initProcessEnabled = true
        capabilities       = { drop = ["ALL"] }
      }

      logConfiguration = {
        logDriver = "awslogs"
        options = {
          awslogs-group         = aws_cloudwatch_log_group.service["database_roles"].name
          awslogs-region        = data.aws_region.current.region
          awslogs-stream-prefix = "roles"
        }
      }
    }
  ])

  depends_on = [aws_iam_role_policy.execution, aws_iam_role_policy.execution_secret]
}
