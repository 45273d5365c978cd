output "load_balancer_dns_name" {
  description = "Where clients find the ledger, inside the network."
  value       = aws_lb.this.dns_name
}

output "load_balancer_zone_id" {
  description = "For an alias record that names the load balancer."
  value       = aws_lb.this.zone_id
}

output "load_balancer" {
  description = "The load balancer and its target groups, as metrics have them."
  value = {
    load_balancer = aws_lb.this.arn_suffix
    ledger        = aws_lb_target_group.ledger.arn_suffix
    read_model    = aws_lb_target_group.read_model.arn_suffix
  }
}

output "cluster_name" {
  description = "The ECS cluster."
  value       = aws_ecs_cluster.this.name
}

output "service_names" {
  description = "The ECS services."
  value = {
    ledger     = aws_ecs_service.ledger.name
    consumer   = aws_ecs_service.consumer.name
    read_model = aws_ecs_service.read_model.name
  }
}

output "service_arns" {
  description = "ARNs of the ECS services."
  value = {
    ledger     = aws_ecs_service.ledger.id
    consumer   = aws_ecs_service.consumer.id
    read_model = aws_ecs_service.read_model.id
  }
}

output "database_roles_command" {
  description = "Makes the roles of the database, and says the ARN of the task that does it."
  value = join(" ", [
    "aws ecs run-task",
    "--region ${data.aws_region.current.region}",
    "--cluster ${aws_ecs_cluster.this.name}",
    "--launch-type FARGATE",
    "--task-definition ${aws_ecs_task_definition.database_roles.arn}",
    "--network-configuration 'awsvpcConfiguration={subnets=[${join(",", var.network.subnet_ids)}],securityGroups=[${var.network.security_group_ids["consumer"]}],assignPublicIp=DISABLED}'",
    "--query 'tasks[0].taskArn' --output text",
  ])
}

output "log_group_names" {
  description = "Where the services log, and the task that makes the roles of the database."
  value       = { for service, group in aws_cloudwatch_log_group.service : service => group.name }
}

output "metric_namespace" {
  description = "Namespace of the services' own metrics; null without a collector."
  value       = var.collector_image == null ? null : local.namespace
}
